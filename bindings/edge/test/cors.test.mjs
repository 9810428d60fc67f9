import assert from "node:assert/strict";
import { before, test } from "node:test";

import { testSecrets } from "../local.mjs";
import { CALLS, PAGE_CALLS } from "./calls.mjs";
import { ADMIN, BROWSER, PAGE, RULESET, startEdge } from "./support.mjs";

const FOREIGN = ["https://evil.example", `${PAGE}.evil.example`, "http://shop.example", `${PAGE}:8443`, "https://SHOP.example.", "null", "file://"];
const KEPT = /^\d+$/;

let edge;
before(async () => {
  edge = await startEdge({ secrets: { ...testSecrets, VEXIL_ALLOWED_ORIGINS: `${PAGE}, http://localhost:3000, null` } });
  assert.equal((await edge.publish(RULESET)).status, 200);
});

/** The headers that CORS knows, of an answer. */
function allowed({ headers }) {
  const named = [...headers].filter(([name]) => name.startsWith("access-control-"));
  return Object.fromEntries(named.map(([name, value]) => [name.replace("access-control-", ""), value]));
}

const preflight = (path, origin, on = edge) =>
  on.call("OPTIONS", path, {
    headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type" },
  });

function post({ method, path, body }, headers, on = edge) {
  return on.call(method === "GET" ? "HEAD" : method, path, { key: BROWSER, headers, body });
}

test("a page of a listed origin may ask every call of pages, with a preflight that it keeps", async () => {
  for (const origin of [PAGE, "http://localhost:3000"]) {
    for (const call of PAGE_CALLS) {
      const before = await preflight(call.path, origin);
      assert.equal(before.status, 204, call.path);
      const { "allow-origin": named, "allow-methods": methods, "allow-headers": sent, "max-age": kept } = allowed(before);
      assert.equal(named, origin);
      assert.ok(methods.split(", ").includes(call.method), methods);
      for (const name of ["Authorization", "Content-Type", "If-None-Match", "X-API-Key"]) {
        assert.ok(sent.split(", ").includes(name), name);
      }
      assert.match(kept, KEPT);
      assert.match(before.headers.get("vary"), /\bOrigin\b/);
      const answer = await post(call, { origin });
      assert.equal(answer.status, call.ok, call.path);
      assert.equal(answer.headers.get("access-control-allow-origin"), origin);
      for (const name of ["ETag", "Retry-After", "Vexil-Version"]) {
        assert.ok(allowed(answer)["expose-headers"].split(", ").includes(name), name);
      }
      assert.match(answer.headers.get("vary"), /\bOrigin\b/);
    }
  }
});

test("a page of any other origin may not, whatever it calls itself", async () => {
  for (const origin of FOREIGN) {
    for (const call of PAGE_CALLS) {
      for (const answer of [await preflight(call.path, origin), await post(call, { origin })]) {
        assert.deepEqual(allowed(answer), {}, `${origin} ${call.path}`);
        // Or a cache would give one page the answer that was made for another.
        assert.match(answer.headers.get("vary"), /\bOrigin\b/);
      }
    }
  }
});

test("who is no page is told nothing of pages", async () => {
  for (const call of PAGE_CALLS) {
    assert.deepEqual(allowed(await post(call, {})), {});
  }
});

test("a page may read why it is refused, and that a call is none", async () => {
  const headers = { origin: PAGE };
  for (const [method, path, status, options] of [
    ["POST", "/v1/values", 401, { body: { key: "nobody" } }],
    ["POST", "/v1/program", 400, { body: "{" }],
    ["POST", "/ofrep/v1/evaluate/flags/none", 404, { key: BROWSER, body: "{}" }],
    ["POST", "/ofrep/v1/evaluate/flags", 403, { key: ADMIN, body: "{}" }],
    ["DELETE", "/v1/values", 405, {}],
    ["GET", "/v1/nothing", 404, {}],
  ]) {
    const answer = await edge.call(method, path, { headers, ...options });
    assert.deepEqual([answer.status, allowed(answer)["allow-origin"]], [status, PAGE], path);
  }
});

test("no page administrates", async () => {
  for (const { method, path } of CALLS.filter(({ path }) => path.startsWith("/admin/"))) {
    assert.deepEqual(allowed(await preflight(path, PAGE)), {}, path);
    const body = method === "GET" ? {} : { body: "{" };
    assert.deepEqual(allowed(await edge.call(method, path, { key: ADMIN, headers: { origin: PAGE }, ...body })), {}, path);
  }
});

test("where every origin is allowed, none is named, and cookies are never", async () => {
  const open = await startEdge({ secrets: { ...testSecrets, VEXIL_ALLOWED_ORIGINS: "*" } });
  await open.publish(RULESET);
  for (const origin of [PAGE, "null", "https://evil.example"]) {
    for (const call of PAGE_CALLS) {
      for (const answer of [await preflight(call.path, origin, open), await post(call, { origin, cookie: "a=1" }, open)]) {
        assert.equal(allowed(answer)["allow-origin"], "*");
        assert.equal(allowed(answer)["allow-credentials"], undefined);
      }
    }
  }
});

test("without a list only the worker's own page may", async () => {
  const closed = await startEdge({ secrets: testSecrets });
  await closed.publish(RULESET);
  assert.deepEqual(allowed(await preflight("/v1/values", PAGE, closed)), {});
  assert.deepEqual(allowed(await closed.call("POST", "/v1/values", { headers: { origin: PAGE }, body: { key: BROWSER } })), {});
});
