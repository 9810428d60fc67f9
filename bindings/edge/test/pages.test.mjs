import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";

import { ADMIN, BROWSER, PAGE, RULESET, startEdge } from "./support.mjs";

let edge;
before(async (t) => {
  const assets = mkdtempSync(join(tmpdir(), "vexil-assets-"));
  writeFileSync(join(assets, "index.html"), "<!doctype html><title>shop</title>");
  writeFileSync(join(assets, "engine.wasm"), new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
  mkdirSync(join(assets, "v1"));
  writeFileSync(join(assets, "v1", "secret.txt"), "an asset where only calls are");
  t.after?.(() => rmSync(assets, { recursive: true, force: true }));
  edge = await startEdge({ assets });
  await edge.publish(RULESET);
});

const preflight = (path, origin) =>
  edge.call("OPTIONS", path, {
    headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "x-api-key" },
  });

test("the page is served with a strict policy that lets it compile WebAssembly", async () => {
  for (const path of ["/", "/engine.wasm"]) {
    const answer = await edge.call("GET", path);
    assert.equal(answer.status, 200);
    const policy = answer.headers.get("content-security-policy");
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /script-src 'self' 'wasm-unsafe-eval';/);
    assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|\*/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    assert.equal(answer.headers.get("referrer-policy"), "no-referrer");
  }
  assert.match((await edge.call("GET", "/")).type, /text\/html/);
  assert.match((await edge.call("GET", "/engine.wasm")).type, /application\/wasm/);
  assert.equal((await edge.call("HEAD", "/")).bytes.length, 0);
});

test("an unchanged asset is a 304, an unknown one a 404", async () => {
  const etag = (await edge.call("GET", "/engine.wasm")).headers.get("etag");
  const again = await edge.call("GET", "/engine.wasm", { headers: { "if-none-match": etag } });
  assert.equal(again.status, 304);
  assert.equal((await edge.call("GET", "/nothing.js")).status, 404);
});

test("no asset lies where calls are", async () => {
  assert.equal((await edge.call("GET", "/v1/secret.txt")).status, 404);
});

test("a page of an allowed origin may ask, and read what it needs", async () => {
  for (const path of ["/ofrep/v1/evaluate/flags", "/ofrep/v1/evaluate/flags/checkout", "/v1/values", "/v1/program"]) {
    const answer = await preflight(path, PAGE);
    assert.equal(answer.status, 204, path);
    assert.equal(answer.headers.get("access-control-allow-origin"), PAGE);
    assert.match(answer.headers.get("access-control-allow-methods"), /POST/);
    assert.match(answer.headers.get("access-control-allow-headers"), /X-API-Key/);
    assert.ok(Number(answer.headers.get("access-control-max-age")) > 0);
    assert.match(answer.headers.get("vary"), /Origin/);
  }
  const values = await edge.call("POST", "/v1/values", { headers: { origin: PAGE }, body: { key: BROWSER } });
  assert.equal(values.headers.get("access-control-allow-origin"), PAGE);
  assert.match(values.headers.get("access-control-expose-headers"), /ETag/);
  const refused = await edge.call("POST", "/v1/values", { headers: { origin: PAGE }, body: { key: "nobody" } });
  assert.deepEqual([refused.status, refused.headers.get("access-control-allow-origin")], [401, PAGE]);
  const controller = new AbortController();
  const init = { headers: { origin: PAGE }, signal: controller.signal };
  const stream = await fetch(`${edge.url}/v1/stream?key=${BROWSER}`, init);
  assert.equal(stream.headers.get("access-control-allow-origin"), PAGE);
  controller.abort();
});

test("a page of another origin may not, and no page may administrate", async () => {
  for (const origin of ["https://evil.example", `${PAGE}.evil.example`, "null"]) {
    const answer = await preflight("/v1/values", origin);
    assert.equal(answer.headers.get("access-control-allow-origin"), null, origin);
    assert.equal(answer.headers.get("access-control-allow-methods"), null);
    assert.match(answer.headers.get("vary"), /Origin/);
  }
  const answer = await edge.call("GET", "/admin/v1/ruleset", { key: ADMIN, headers: { origin: PAGE } });
  assert.equal(answer.headers.get("access-control-allow-origin"), null);
  assert.equal((await preflight("/admin/v1/ruleset", PAGE)).headers.get("access-control-allow-origin"), null);
});
