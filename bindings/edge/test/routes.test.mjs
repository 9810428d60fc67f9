import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";

import { ADMIN, BROWSER, OPERATE, RULESET, SERVER, startEdge } from "./support.mjs";

/** The table of calls, as README.md has it: a test in Rust compares it with the one that the worker goes by. */
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const CALLS = [...readme.matchAll(/^\| `([A-Z]+) (\/\S*)` \| (\w+) \|$/gm)].map(([, method, path, scope]) => ({
  method,
  scope,
  path: path.replace(/\{\w+\}/, "checkout"),
}));
const ALL = ["read", "operate", "write", "owner"];
/** What each kind of key allows. */
const ALLOWED = {
  "the deployment's browser key": ["evaluate"],
  "the deployment's server key": ["evaluate"],
  "the deployment's operate token": ["operate"],
  "the deployment's admin token": ALL,
  "a browser key": ["evaluate"],
  "a server key": ["evaluate"],
  "a token to read": ["read"],
  "a token to operate": ["operate"],
  "a token to write": ["read", "write"],
  "a token to read and operate": ["read", "operate"],
  "an owner's token": ALL,
};
const SECRET = "0123456789abcdefghijABCDEFGHIJ01";
/** What the kind of a key could allow at all, which it says itself. */
const COULD = { browser: ["evaluate"], server: ["evaluate"], admin: ALL };

let edge;
const keys = new Map();
before(async () => {
  edge = await startEdge();
  assert.equal((await edge.publish(RULESET)).status, 200);
  const issued = async (kind, scopes, more) => (await edge.issue(kind, { scopes, ...more })).key;
  for (const [name, key] of [
    ["the deployment's browser key", BROWSER],
    ["the deployment's server key", SERVER],
    ["the deployment's operate token", OPERATE],
    ["the deployment's admin token", ADMIN],
    ["a browser key", await issued("browser")],
    ["a server key", await issued("server")],
    ["a token to read", await issued("admin", ["read"])],
    ["a token to operate", await issued("admin", ["operate"])],
    ["a token to write", await issued("admin", ["write"])],
    ["a token to read and operate", await issued("admin", ["read", "operate"])],
    ["an owner's token", await issued("admin", ["owner"])],
  ]) {
    keys.set(name, key);
  }
});

/** The status alone: a stream's body never ends. */
async function status({ method, path }, key, headers = {}) {
  const response = await fetch(edge.url + path, {
    method,
    headers: { ...(key !== undefined && { authorization: `Bearer ${key}` }), ...headers },
    ...(method !== "GET" && { body: "{}" }),
  });
  await response.body?.cancel();
  return response.status;
}

function ask({ method, path }, options) {
  return edge.call(method, path, { ...options, ...(method !== "GET" && { body: options.body ?? "{}" }) });
}

test("the table was read", () => {
  assert.ok(CALLS.length >= 23, String(CALLS.length));
  assert.deepEqual(new Set(CALLS.map(({ scope }) => scope)), new Set(["open", "evaluate", ...ALL]));
});

test("each call is open to the keys of its scope, and to no other", async () => {
  for (const call of CALLS) {
    for (const [name, scopes] of Object.entries(ALLOWED)) {
      const found = await status(call, keys.get(name));
      const isRefused = found === 401 || found === 403;
      const want = call.scope === "open" || scopes.includes(call.scope) ? "let in" : 403;
      assert.equal(isRefused ? found : "let in", want, `${call.method} ${call.path} with ${name}: ${found}`);
      assert.ok(found < 500, `${call.method} ${call.path} with ${name}: ${found}`);
    }
  }
});

test("a call without a key, or with one that nobody has, is refused", async () => {
  for (const call of CALLS.filter(({ scope }) => scope !== "open")) {
    for (const key of [undefined, "nobody", `${ADMIN}x`, ADMIN.slice(1), " ", `vxl_owner_production_${SECRET}`, `vxl_server_test_${SECRET}`]) {
      const answer = await ask(call, { key });
      assert.equal(answer.status, 401, `${call.method} ${call.path} with ${key}`);
      assert.equal(answer.type, "application/problem+json");
      assert.equal(answer.headers.get("www-authenticate"), "Bearer");
      assert.match(answer.json.detail, /`Authorization: Bearer …` or `X-API-Key`/);
    }
  }
});

/** Keys that once were right or look so, with the status where their kind could allow the call. */
async function wrongKeys() {
  const wrong = [];
  for (const kind of Object.keys(COULD)) {
    const scopes = kind === "admin" ? ["owner"] : undefined;
    const ended = await edge.issue(kind, { scopes });
    assert.equal((await edge.admin("POST", `tokens/${ended.id}/expire`)).status, 200);
    const foreign = (await edge.issue(kind, { scopes, environment: "staging" })).key;
    wrong.push(
      { name: `a ${kind} key that nobody issued`, kind, key: `vxl_${kind}_production_${SECRET}`, status: 401 },
      { name: `a ${kind} key that has ended`, kind, key: ended.key, status: 401 },
      { name: `a ${kind} key of staging that says production`, kind, key: foreign.replace("_staging_", "_production_"), status: 401 },
      { name: `a ${kind} key of staging`, kind, key: foreign, headers: { "vexil-environment": "production" }, status: 403 },
    );
  }
  return wrong;
}

test("no call is open to keys that nobody issued, that have ended, or of another environment", async () => {
  for (const { name, kind, key, headers, status: want } of await wrongKeys()) {
    for (const call of CALLS) {
      const expected = call.scope === "open" ? 200 : COULD[kind].includes(call.scope) ? want : 403;
      assert.equal(await status(call, key, headers), expected, `${call.method} ${call.path} with ${name}`);
    }
  }
});

test("what is refused changes nothing", async () => {
  const lines = async () => (await edge.admin("GET", "audit?limit=1000")).json.lines.length;
  const before = await lines();
  for (const call of CALLS.filter(({ method, scope }) => method !== "GET" && scope !== "evaluate")) {
    for (const key of [undefined, "nobody", BROWSER, SERVER, `vxl_admin_production_${SECRET}`]) {
      await status(call, key);
    }
  }
  assert.equal(await lines(), before);
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
  for (const { path: pattern, scope } of CALLS.filter(({ method }) => method === "GET")) {
    const path = pattern.replace("versions/checkout", "versions/1").replace("/diff", "/diff?from=0");
    const key = scope === "evaluate" ? BROWSER : ADMIN;
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
    const key = call.scope === "evaluate" ? BROWSER : ADMIN;
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
    const key = call.scope === "evaluate" ? BROWSER : ADMIN;
    assert.equal(await announced(call, key), 413, call.path);
    assert.equal(await streamed(call, key), 413, call.path);
  }
});

test("the health check needs no key and keeps nothing", async () => {
  const answer = await edge.call("GET", "/healthz");
  assert.deepEqual(answer.json, { status: "ok" });
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
});
