// The ten lines that README.md shows, word for word, before a real edge with the sample ruleset.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { createClient } from "vexil";
import { startLocal, testSecrets } from "../../bindings/edge/local.mjs";

const ROOT = new URL("../../", import.meta.url);
const IMPORT = 'import { createClient } from "vexil";';
const SHOWN_URL = "http://localhost:8787";
const SHOWN_KEY = "browser-demo";

async function code(language) {
  const text = await readFile(new URL("README.md", ROOT), "utf8");
  const [, block] = text.match(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``)) ?? [];
  assert.ok(block, `README.md shows ${language}`);
  return block;
}

test("what the README shows is what it says it is", async (t) => {
  const edge = await startLocal({ secrets: { ...testSecrets, VEXIL_BROWSER_KEY: SHOWN_KEY } });
  t.after(() => edge.dispose());
  const published = await fetch(`${edge.url}/admin/v1/ruleset`, {
    method: "PUT",
    headers: { authorization: `Bearer ${testSecrets.VEXIL_ADMIN_TOKEN}`, "if-match": '"0"' },
    body: await readFile(new URL("www/ruleset.json", ROOT), "utf8"),
  });
  assert.equal(published.status, 200, await published.text());

  const shown = await code("js");
  assert.ok(shown.includes(IMPORT) && shown.includes(SHOWN_URL) && shown.includes(SHOWN_KEY));
  const [, answer] = shown.match(/^console\.log\(flags\.boolean\(.*\)\); \/\/ (\w+)$/m);
  const body = shown.replace(IMPORT, "").replace(SHOWN_URL, edge.url);
  const AsyncFunction = (async () => undefined).constructor;
  const printed = [];
  await new AsyncFunction("createClient", "console", body)(createClient, { log: (value) => printed.push(String(value)) });
  assert.deepEqual(printed, [answer]);
});
