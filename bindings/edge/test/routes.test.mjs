import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";

import { ADMIN, BROWSER, OPERATE, RULESET, SERVER, startEdge } from "./support.mjs";

/** The table of calls, from the source, so that a call added there is tested here. */
const source = readFileSync(new URL("../src/router.rs", import.meta.url), "utf8");
const CALLS = [...source.matchAll(/^\s+call\(\s*"(\w+)",\s*"([^"]+)",\s*Scope::(\w+)/gm)].map(
  ([, method, path, scope]) => ({ method, scope, path: path.replace(/\{\w+\}/, "checkout") }),
);
const ALLOWED = { Evaluate: [BROWSER, SERVER], Operate: [ADMIN, OPERATE], Read: [ADMIN], Write: [ADMIN] };
const guarded = CALLS.filter(({ scope }) => scope !== "Open");

let edge;
before(async () => {
  edge = await startEdge();
  assert.equal((await edge.publish(RULESET)).status, 200);
});

function ask({ method, path }, options) {
  return edge.call(method, path, { ...options, ...(method !== "GET" && { body: options.body ?? "{}" }) });
}

test("the table was read", () => {
  assert.equal(CALLS.length, 14);
  assert.deepEqual(new Set(CALLS.map(({ scope }) => scope)), new Set(["Open", ...Object.keys(ALLOWED)]));
});

test("a call without a key, or with one that nobody has, is refused", async () => {
  for (const call of guarded) {
    for (const key of [undefined, "nobody", `${ADMIN}x`, ADMIN.slice(1), " "]) {
      const answer = await ask(call, { key });
      assert.equal(answer.status, 401, `${call.method} ${call.path} with ${key}`);
      assert.equal(answer.type, "application/problem+json");
      assert.equal(answer.headers.get("www-authenticate"), "Bearer");
      assert.match(answer.json.detail, /`Authorization: Bearer …` or `X-API-Key`/);
    }
  }
});

test("a key without the scope is refused, for every call and every key", async () => {
  for (const call of guarded) {
    for (const key of [ADMIN, OPERATE, SERVER, BROWSER].filter((key) => !ALLOWED[call.scope].includes(key))) {
      const answer = await ask(call, { key });
      assert.equal(answer.status, 403, `${call.method} ${call.path} with ${key}`);
      assert.equal(answer.json.title, "Forbidden");
    }
  }
  assert.equal((await edge.call("GET", "/admin/v1/ruleset", { key: ADMIN })).headers.get("etag"), '"1"');
});

test("a key works as a bearer token and as OFREP's header, its scheme in any case", async () => {
  for (const headers of [{ authorization: `bearer ${SERVER}` }, { "x-api-key": SERVER }]) {
    assert.equal((await edge.call("POST", "/ofrep/v1/evaluate/flags", { headers, body: "{}" })).status, 200);
  }
  const basic = { authorization: `Basic ${SERVER}` };
  assert.equal((await edge.call("POST", "/ofrep/v1/evaluate/flags", { headers: basic, body: "{}" })).status, 401);
});

test("a key in the query opens only what a page asks for without headers", async () => {
  assert.equal((await edge.call("GET", `/v1/values?key=${BROWSER}`)).status, 200);
  assert.equal((await edge.call("GET", `/admin/v1/ruleset?key=${ADMIN}`)).status, 401);
  assert.equal((await edge.call("POST", `/ofrep/v1/evaluate/flags?key=${BROWSER}`, { body: "{}" })).status, 401);
});

test("a path that is in the table says which methods it has", async () => {
  for (const { path } of CALLS) {
    for (const method of ["DELETE", "PATCH", "PROPFIND"]) {
      const answer = await edge.call(method, path, { key: ADMIN });
      assert.equal(answer.status, 405, `${method} ${path}`);
      const methods = CALLS.filter((call) => call.path === path).map((call) => call.method);
      for (const expected of [...methods, "OPTIONS"]) {
        assert.ok(answer.headers.get("allow").split(", ").includes(expected), `${expected} in ${answer.headers.get("allow")}`);
      }
    }
  }
});

test("a path that is not is unknown, and not an asset", async () => {
  for (const path of ["/v1/", "/v1/values/", "/admin/v1/rulesets", "/ofrep/v1/evaluate/flags/a/b", "/ofrep/v2", "/x"]) {
    const answer = await edge.call("GET", path, { key: ADMIN });
    assert.equal(answer.status, 404, path);
    assert.equal(answer.json.status, 404);
  }
});

test("HEAD says what GET would, without a body", async () => {
  for (const { path } of CALLS.filter(({ method }) => method === "GET")) {
    const key = path.startsWith("/admin") ? ADMIN : BROWSER;
    const head = await edge.call("HEAD", path, { key });
    assert.equal(head.status, 200, path);
    assert.equal(head.bytes.length, 0);
  }
  const get = await edge.call("GET", `/v1/values?key=${BROWSER}`);
  const head = await edge.call("HEAD", `/v1/values?key=${BROWSER}`);
  assert.equal(head.headers.get("etag"), get.headers.get("etag"));
});

test("malformed JSON is a bad request, in the words of its protocol", async () => {
  for (const call of CALLS.filter(({ method }) => method === "POST")) {
    const key = call.scope === "Evaluate" ? BROWSER : OPERATE;
    for (const body of ["{", "[]", '"x"', '{"context":', "\xff"]) {
      const answer = await ask(call, { key, body });
      const isOfrep = call.path.startsWith("/ofrep");
      assert.equal(answer.status, 400, `${call.path} ${body}`);
      assert.equal(answer.type, isOfrep ? "application/json" : "application/problem+json");
      assert.equal(isOfrep ? answer.json.errorCode : answer.json.title, isOfrep ? "PARSE_ERROR" : "Bad Request");
    }
  }
});

test("a body over the limit is refused, whether it announces its size or not", async () => {
  const large = JSON.stringify({ context: { padding: "x".repeat(64 * 1024) } });
  const announced = async (call, key) => (await ask(call, { key, body: large })).status;
  const streamed = async (call, key) => {
    const body = new Blob([large]).stream();
    const headers = { authorization: `Bearer ${key}` };
    const init = { method: call.method, headers, body, duplex: "half" };
    const response = await fetch(edge.url + call.path, init);
    await response.arrayBuffer();
    return response.status;
  };
  for (const call of CALLS.filter(({ method }) => method === "POST")) {
    const key = call.scope === "Evaluate" ? BROWSER : OPERATE;
    assert.equal(await announced(call, key), 413, call.path);
    assert.equal(await streamed(call, key), 413, call.path);
  }
});

test("the health check needs no key and keeps nothing", async () => {
  const answer = await edge.call("GET", "/healthz");
  assert.deepEqual(answer.json, { status: "ok" });
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
});
