/** Our worker as the server under test. */

import { readFileSync } from "node:fs";

import { startLocal, testSecrets } from "../../bindings/edge/local.mjs";

export const ORIGIN = "https://shop.example";
export const KEYS = { browser: testSecrets.VEXIL_BROWSER_KEY, server: testSecrets.VEXIL_SERVER_KEY };

/** So much that only the rule which looks for the limit reaches it. */
const LIMIT = { VEXIL_KEY_LIMIT: "50/1500" };

/** Starts it with the flags of `ruleset.json`: the options of the suite, and `stop`. */
export async function startWorker() {
  const local = await startLocal({ secrets: { ...testSecrets, VEXIL_ALLOWED_ORIGINS: ORIGIN, ...LIMIT } });
  const admin = async (method, path, token, body, headers = {}) => {
    const response = await fetch(local.url + path, { method, headers: { authorization: `Bearer ${token}`, ...headers }, body });
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    }
  };
  const ruleset = readFileSync(new URL("ruleset.json", import.meta.url));
  await admin("PUT", "/admin/v1/ruleset", testSecrets.VEXIL_ADMIN_TOKEN, ruleset, { "if-match": "*" });
  const flag = (verb) => () =>
    admin("POST", `/admin/v1/flags/checkout/${verb}`, testSecrets.VEXIL_OPERATE_TOKEN, verb === "kill" ? '{"reason":"test"}' : undefined);
  return {
    url: local.url,
    key: KEYS.browser,
    forbiddenKey: testSecrets.VEXIL_OPERATE_TOKEN,
    origin: ORIGIN,
    change: flag("kill"),
    undo: flag("restore"),
    stop: () => local.dispose(),
  };
}
