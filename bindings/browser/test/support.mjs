// A real edge, and a relay before it that can be slow, broken or out of date.

import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { startLocal, testSecrets } from "../../edge/local.mjs";

/** An edge with an empty environment. */
export async function startEdge(secrets = {}) {
  const local = await startLocal({ secrets: { ...testSecrets, ...secrets } });
  const admin = async (method, path, token, body, headers) => {
    const response = await fetch(`${local.url}/admin/v1/${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  };
  return {
    url: local.url,
    key: testSecrets.VEXIL_BROWSER_KEY,
    publish: (ruleset) => admin("PUT", "ruleset", testSecrets.VEXIL_ADMIN_TOKEN, ruleset, { "If-Match": "*" }),
    kill: (flag) => admin("POST", `flags/${flag}/kill`, testSecrets.VEXIL_OPERATE_TOKEN, { reason: "test" }),
    restore: (flag) => admin("POST", `flags/${flag}/restore`, testSecrets.VEXIL_OPERATE_TOKEN, {}),
    release: (name, verb) => admin("POST", `releases/${name}/${verb}`, testSecrets.VEXIL_OPERATE_TOKEN, {}),
    close: () => local.dispose(),
  };
}

/** Passes requests on to `target` and notes them, unless `before` answers instead. */
export async function startRelay(target) {
  const relay = { requests: [], streams: new Set(), before: async () => undefined, close: undefined, url: "" };
  const server = createServer(async (request, response) => {
    const ended = new AbortController();
    response.on("close", () => ended.abort());
    try {
      let text = "";
      for await (const chunk of request) text += chunk;
      const noted = { path: request.url, type: request.headers["content-type"], body: text === "" ? undefined : JSON.parse(text) };
      relay.requests.push(noted);
      const secret = request.headers["x-api-key"];
      const told = secret === undefined ? {} : { "x-api-key": secret };
      const pass = () => fetch(target + request.url, { method: request.method, headers: told, ...(text && { body: text }), signal: ended.signal });
      const answer = (await relay.before(noted, pass)) ?? (await pass());
      // What was sent compressed is here as it was before.
      const { "content-encoding": _, ...headers } = Object.fromEntries(answer.headers);
      response.writeHead(answer.status, headers);
      if (request.url.startsWith("/v1/stream")) relay.streams.add(response);
      for await (const chunk of answer.body ?? []) response.write(chunk);
      response.end();
    } catch (error) {
      if (!ended.signal.aborted) response.destroy(error);
    } finally {
      relay.streams.delete(response);
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  relay.url = `http://127.0.0.1:${server.address().port}`;
  relay.close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return relay;
}

/** Looks again and again until `isSo`. */
export async function until(isSo, what) {
  const deadline = Date.now() + 10_000;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`in ten seconds it never came to be that ${what}`);
    await sleep(5);
  }
}

/** A promise, and what fulfils it. */
export function gate() {
  let open;
  const opened = new Promise((resolve) => (open = resolve));
  return { opened, open };
}
