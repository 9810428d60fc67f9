import assert from "node:assert/strict";
import { before, test } from "node:test";

import { testSecrets } from "../local.mjs";
import { ADMIN, BROWSER, OPERATE, RULESET, SERVER, startEdge } from "./support.mjs";

let edge;
before(async () => {
  edge = await startEdge();
  await edge.publish(RULESET);
});

const evaluates = async (key, headers = {}) =>
  (await edge.call("POST", "/ofrep/v1/evaluate/flags", { key, headers, body: "{}" })).status;

/** Asks until the answer is `want`, for as long as an isolate may take to notice. */
async function becomes(ask, want) {
  const end = Date.now() + 10_000;
  let found = await ask();
  while (found !== want && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    found = await ask();
  }
  assert.equal(found, want);
}

test("a key is issued and works, says what it is, and is shown once", async () => {
  for (const [kind, scopes] of [["browser"], ["server"], ["admin", ["read", "operate"]]]) {
    const answer = await edge.admin("POST", "tokens", { body: { name: `the ${kind}'s`, kind, scopes, reason: "for a test" } });
    assert.deepEqual([answer.status, answer.headers.get("cache-control")], [201, "no-store"]);
    const { id, key, created, ...rest } = answer.json;
    assert.match(key, new RegExp(`^vxl_${kind}_production_[0-9A-Za-z]{32}$`));
    assert.deepEqual(rest, { name: `the ${kind}'s`, kind, scopes: scopes ?? [], expires: null });
    const works = kind === "admin" ? (await edge.admin("GET", "versions", { key })).status : await evaluates(key);
    assert.equal(works, 200, kind);

    const list = await edge.admin("GET", "tokens");
    assert.deepEqual(list.json.tokens.find((token) => token.id === id), { id, created, ...rest });
    const secret = key.slice(-32);
    const shown = [list, await edge.admin("GET", "audit?limit=1000"), await edge.admin("GET", "versions")];
    assert.ok(shown.every(({ text }) => !text.includes(secret)));
    assert.ok(!list.text.includes("sha256"));
  }
});

test("what is no token is refused, and none is made", async () => {
  const count = async () => (await edge.admin("GET", "tokens")).json.tokens.length;
  const before = await count();
  for (const body of ["{", "[]", {}, { name: "x" }, { name: "x", kind: "root" }, { name: "x", kind: "admin", scopes: ["root"] },
    { name: "x", kind: "server", scopes: ["read"] }, { name: "x", kind: "server", expires: 1 }, { name: "x", kind: "server", reason: 7 }]) {
    assert.equal((await edge.admin("POST", "tokens", { body })).status, 400, JSON.stringify(body));
  }
  assert.equal(await count(), before);
});

test("a head that is not for the worker does not hide a key that is", async () => {
  const basic = { authorization: `Basic ${btoa("proxy:secret")}` };
  assert.equal(await evaluates(undefined, { ...basic, "x-api-key": BROWSER }), 200);
  assert.equal(await evaluates(undefined, basic), 401);
  assert.equal(await evaluates("nobody", { "x-api-key": BROWSER }), 401);
});

test("an event stream is named by a URL that opens it, whatever the key consists of", async () => {
  const key = "a&key=b+c/d%20#e";
  const odd = await startEdge({ secrets: { ...testSecrets, VEXIL_BROWSER_KEY: key } });
  const { json } = await odd.call("POST", "/ofrep/v1/evaluate/flags", { headers: { "x-api-key": key }, body: "{}" });
  const stream = await odd.call("HEAD", json.eventStreams[0].endpoint.requestUri);
  assert.deepEqual([stream.status, stream.type], [200, "text/event-stream"]);
});

test("a key that does not do is told which would", async () => {
  for (const [method, path, key, needs] of [
    ["GET", "/admin/v1/ruleset", OPERATE, /the scope `read`$/],
    ["PUT", "/admin/v1/ruleset", SERVER, /the scope `write`$/],
    ["POST", "/admin/v1/flags/checkout/kill", BROWSER, /the scope `operate`$/],
    ["POST", "/admin/v1/tokens", OPERATE, /the scope `owner`$/],
    ["POST", "/v1/values", ADMIN, /a browser or a server key/],
    ["GET", "/admin/v1/tokens", (await edge.issue("admin", { scopes: ["write"] })).key, /the scope `owner`$/],
  ]) {
    const answer = await edge.call(method, path, { key });
    assert.equal(answer.status, 403, path);
    assert.match(answer.json.detail, needs);
  }
});

test("two keys are live while one replaces the other", async () => {
  const old = await edge.issue("server");
  const fresh = await edge.issue("server");
  const at = Date.now() + 3_600_000;
  const ending = await edge.admin("POST", `tokens/${old.id}/expire`, { body: { at, reason: "rotation" } });
  assert.deepEqual([ending.status, ending.json.expires], [200, at]);
  assert.deepEqual([await evaluates(old.key), await evaluates(fresh.key)], [200, 200]);
  const later = await edge.admin("POST", `tokens/${old.id}/expire`, { body: { at: at + 1 } });
  assert.deepEqual([later.status, later.json.expires], [200, at], "an end never moves back");

  assert.equal((await edge.admin("POST", `tokens/${old.id}/expire`)).status, 200);
  await becomes(() => evaluates(old.key), 401);
  assert.equal(await evaluates(fresh.key), 200);
  assert.equal((await edge.admin("POST", "tokens/none/expire")).status, 404);
  assert.equal((await edge.admin("POST", `tokens/${fresh.id}/expire`, { body: { at: "soon" } })).status, 400);
  assert.equal((await edge.admin("POST", `tokens/${fresh.id}/expire`, { body: { then: 1 } })).status, 400);
});

test("a token that ends administrates no more, at once", async () => {
  const { id, key } = await edge.issue("admin", { scopes: ["owner"] });
  assert.equal((await edge.admin("POST", `tokens/${id}/expire`, { key })).status, 200);
  assert.equal((await edge.admin("GET", "tokens", { key })).status, 401);
  const soon = await edge.issue("admin", { scopes: ["read"], expires: Date.now() + 400 });
  assert.equal((await edge.admin("GET", "ruleset", { key: soon.key })).status, 200);
  await becomes(async () => (await edge.admin("GET", "ruleset", { key: soon.key })).status, 401);
});

test("a token that ends while its request is still on its way changes nothing", async () => {
  const ruleset = JSON.stringify({ flags: {} });
  const { text: before } = await edge.admin("GET", "ruleset");
  for (const [scope, method, path, text] of [
    ["write", "PUT", "ruleset", ruleset],
    ["write", "POST", "rollback/1", '{"reason":"late"}'],
    ["operate", "POST", "flags/checkout/kill", '{"reason":"late"}'],
    ["owner", "POST", "tokens", '{"name":"late","kind":"admin","scopes":["owner"]}'],
  ]) {
    const { id, key } = await edge.issue("admin", { scopes: [scope] });
    const { json: whole } = await edge.admin("GET", "audit?limit=1000");
    async function* slowly() {
      yield Buffer.from(text.slice(0, 5));
      // So that the key is looked up before it ends.
      await new Promise((resolve) => setTimeout(resolve, 300));
      assert.equal((await edge.admin("POST", `tokens/${id}/expire`)).status, 200);
      yield Buffer.from(text.slice(5));
    }
    const headers = { authorization: `Bearer ${key}`, "if-match": "*" };
    const answer = await fetch(`${edge.url}/admin/v1/${path}`, { method, headers, body: slowly(), duplex: "half" });
    assert.equal(answer.status, 401, `${method} ${path}: ${await answer.text()}`);
    const { json: after } = await edge.admin("GET", "audit?limit=1000");
    assert.deepEqual(after.lines.slice(whole.lines.length).map(({ action, subject }) => [action, subject]), [["expire", id]], path);
  }
  assert.equal((await edge.admin("GET", "ruleset")).text, before);
});

test("an owner's token issues others, and the audit says so", async () => {
  const owner = await edge.issue("admin", { scopes: ["owner"], name: "Ada" });
  const made = await edge.admin("POST", "tokens", { key: owner.key, body: { name: "ci", kind: "admin", scopes: ["write"] } });
  assert.equal(made.status, 201);
  const line = (await edge.admin("GET", "audit?limit=1000")).json.lines.at(-1);
  assert.deepEqual([line.action, line.author, line.token, line.subject, line.version], ["issue", "Ada", owner.id, made.json.id, null]);
  assert.deepEqual(line.detail, { name: "ci", kind: "admin", scopes: ["write"], expires: null });
});

test("so many keys are live at most, and one that ends makes room", async () => {
  const full = await startEdge();
  const issued = [];
  for (let count = 0; count < 200; count += 1) issued.push(await full.issue("browser"));
  const more = () => full.admin("POST", "tokens", { body: { name: "more", kind: "admin", scopes: ["read"] } });
  assert.equal((await more()).status, 409);
  assert.equal((await full.all({}, issued[199].key)).status, 200);
  await full.admin("POST", `tokens/${issued[7].id}/expire`);
  assert.equal((await more()).status, 201);
  await full.stop();
});

test("a browser key sees what flags expose, a server key sees all", async () => {
  const keysOf = async (kind) => {
    const { key } = await edge.issue(kind);
    return (await edge.all({}, key)).json.flags.map((flag) => flag.key);
  };
  assert.ok(!(await keysOf("browser")).includes("server-only.canary"));
  assert.ok((await keysOf("server")).includes("server-only.canary"));
});

test("environments have nothing in common but the deployment's keys", async () => {
  const staging = { environment: "staging" };
  const flags = { only: RULESET.flags.checkout };
  assert.equal((await edge.admin("GET", "ruleset", staging)).headers.get("etag"), '"0"');
  const published = await edge.admin("PUT", "ruleset", { ...staging, headers: { "if-match": '"0"' }, body: { flags } });
  assert.deepEqual(published.json, { version: 1, program: 1 });
  assert.equal((await edge.admin("POST", "flags/only/kill", { ...staging, key: OPERATE })).status, 200);

  const named = { "vexil-environment": "staging" };
  const seen = async (headers, path = "/ofrep/v1/evaluate/flags") =>
    (await edge.call("POST", path, { key: BROWSER, headers, body: "{}" })).json.flags.map(({ key, reason }) => `${key} ${reason}`);
  assert.deepEqual(await seen(named), ["only DISABLED"]);
  assert.ok(!(await seen({})).some((flag) => flag.startsWith("only ")));
  assert.deepEqual(Object.keys((await edge.call("GET", `/v1/values?key=${BROWSER}&environment=staging`)).json.flags), ["only"]);
  assert.equal((await edge.one("only")).status, 404);

  const { key } = await edge.issue("browser", staging);
  assert.match(key, /^vxl_browser_staging_/);
  assert.deepEqual((await edge.all({}, key)).json.flags.map((flag) => flag.key), ["only"]);
  assert.equal(await evaluates(key, { "vexil-environment": "staging" }), 200);
  assert.equal(await evaluates(key, { "vexil-environment": "production" }), 403);
  assert.equal((await edge.call("GET", `/v1/values?key=${key}&environment=production`)).status, 403);
  assert.deepEqual((await edge.admin("GET", "tokens", staging)).json.tokens.map(({ kind }) => kind), ["browser"]);
  const actions = (await edge.admin("GET", "audit", staging)).json.lines.map(({ action }) => action);
  assert.deepEqual(actions, ["publish", "kill", "issue"]);
});

test("a stream is of the environment that its key names", async () => {
  const { key } = await edge.issue("browser", { environment: "staging" });
  const stream = (answer) => answer.json.eventStreams[0].endpoint.requestUri;
  assert.equal(stream(await edge.all({}, key)), `/v1/stream?key=${key}`);
  const named = await edge.all({}, BROWSER, { "vexil-environment": "staging" });
  assert.equal(stream(named), `/v1/stream?key=${BROWSER}&environment=staging`);
  for (const uri of [stream(named), `/v1/stream?key=${key}`]) {
    const response = await fetch(edge.url + uri);
    assert.equal(response.status, 200);
    const reader = response.body.getReader();
    const { value } = await reader.read();
    const version = (await edge.admin("GET", "ruleset", { environment: "staging" })).headers.get("etag").replaceAll('"', "");
    assert.match(new TextDecoder().decode(value), new RegExp(`^id: ${version}\n`));
    await reader.cancel();
  }
});

test("an environment that the deployment does not have is nobody's, whatever asks for it", async () => {
  for (const name of ["test", "Production", "production ", "../staging", ""]) {
    const query = `environment=${encodeURIComponent(name)}`;
    assert.equal((await edge.call("GET", `/admin/v1/ruleset?${query}`, { key: ADMIN })).status, 400, name);
    assert.equal((await edge.call("GET", `/v1/values?key=${BROWSER}&${query}`)).status, 400, name);
    assert.equal((await edge.call("GET", `/v1/values?key=nobody&${query}`)).status, 401, name);
  }
  assert.equal(await evaluates(SERVER, { "vexil-environment": "test" }), 400);
});

test("a deployment whose environments have no names answers nothing", async () => {
  const broken = await startEdge({ secrets: { ...testSecrets, VEXIL_ENVIRONMENTS: "Production" } });
  assert.equal((await broken.call("GET", "/admin/v1/ruleset", { key: ADMIN })).status, 500);
  assert.equal((await broken.call("GET", "/healthz")).status, 200);
});
