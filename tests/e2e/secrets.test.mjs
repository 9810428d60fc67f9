// No secret and nothing of a server flag in what is built, or in anything a browser is answered.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { assets, BROWSER_KEY, canaries, openPage, operatorLink, secrets, startBrowser, startEdge, switchOf } from "./support.mjs";

const PAGE_BUDGET = 60_000;

let edge;
let browser;
before(async () => {
  [edge, browser] = await Promise.all([startEdge(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await edge?.dispose();
});

function assertClean(bytes, where) {
  const text = Buffer.from(bytes).toString("latin1");
  for (const canary of canaries) assert.equal(text.includes(canary), false, `${where} holds \`${canary}\``);
}

test("no built asset holds a secret, and all of them together are small", async () => {
  let total = 0;
  for (const name of await readdir(assets)) {
    const bytes = await readFile(new URL(name, assets));
    assertClean(bytes, name);
    if (!name.endsWith(".wasm")) total += gzipSync(bytes, { level: 9 }).length;
  }
  assert.ok(total > 0 && total < PAGE_BUDGET, `${total} bytes with gzip`);
});

test("no response to the page holds a secret, also while a flag is killed", async () => {
  const bodies = [];
  const context = await browser.newContext();
  context.on("response", (response) => {
    bodies.push(response.body().then((bytes) => [response, bytes], () => [response, Buffer.alloc(0)]));
  });
  const { page, close } = await openPage({ newContext: () => Promise.resolve(context) }, edge.url, { fragment: operatorLink });
  await page.locator("#playground").scrollIntoViewIfNeeded();
  await page.locator("#compiled", { hasText: "compiled" }).waitFor();
  await switchOf(page, "banner").click();
  await page.locator("#kill-text", { hasText: "killed" }).waitFor();
  await switchOf(page, "banner").click();
  await page.locator("#kill-text", { hasText: "restored" }).waitFor();
  await close();

  const answered = await Promise.all(bodies);
  const paths = answered.map(([response]) => new URL(response.url()).pathname);
  for (const path of ["/", "/page.js", "/engine.wasm", "/playground.wasm", "/v1/program", "/v1/stream"]) assert.ok(paths.includes(path), `${path} was never asked for`);
  for (const [response, bytes] of answered) {
    assertClean(bytes, response.url());
    assertClean(JSON.stringify(response.headers()), `the headers of ${response.url()}`);
  }
});

test("the stream tells a page versions and nothing else", async () => {
  const closing = new AbortController();
  const response = await fetch(`${edge.url}/v1/stream?key=${BROWSER_KEY}`, { signal: closing.signal });
  const { value } = await response.body.getReader().read();
  closing.abort();
  assert.match(Buffer.from(value).toString(), /refetchEvaluation/);
  assertClean(value, "the stream");
});

test("the canary is there to be found: a server sees it", async () => {
  const response = await fetch(`${edge.url}/ofrep/v1/evaluate/flags`, {
    method: "POST",
    headers: { authorization: `Bearer ${secrets.VEXIL_SERVER_KEY}`, "content-type": "application/json" },
    body: JSON.stringify({ context: { targetingKey: "server" } }),
  });
  assert.match(await response.text(), /kestrel/);
});

test("the key of the page gets no secret from any route that it may call", async () => {
  const context = { targetingKey: "user-1", email: "buyer@kestrel-chandlers.example", order: { total: 900 } };
  const ask = (path, init) => fetch(`${edge.url}${path}`, init);
  const post = (path, body) => ask(path, { method: "POST", headers: { "content-type": "text/plain" }, body: JSON.stringify({ key: BROWSER_KEY, context, ...body }) });
  const ofrep = (path) => ask(path, { method: "POST", headers: { "x-api-key": BROWSER_KEY, "content-type": "application/json" }, body: JSON.stringify({ context }) });
  const query = Buffer.from(JSON.stringify(context)).toString("base64url");
  const answers = await Promise.all([
    post("/v1/values"),
    post("/v1/program"),
    ask(`/v1/values?key=${BROWSER_KEY}&context=${query}`),
    ofrep("/ofrep/v1/evaluate/flags"),
    ofrep("/ofrep/v1/evaluate/flags/free-delivery-from"),
  ]);
  for (const response of answers) {
    assert.equal(response.status, 200, response.url);
    assertClean(await response.arrayBuffer(), response.url);
    assertClean(JSON.stringify([...response.headers]), `the headers of ${response.url}`);
  }
});
