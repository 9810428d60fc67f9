import assert from "node:assert/strict";
import { test } from "node:test";

import { heads, sleep, startIsolates } from "./isolates.mjs";
import { ADMIN, BROWSER, OPERATE, RULESET, SERVER } from "./support.mjs";

const GERMANY = { country: "DE" };
const reason = async (edge, version) => (await edge.one("checkout", GERMANY, SERVER, version)).json.reason;

test("who has heard of a version is answered from it, by an isolate that has not", async (t) => {
  const { one, other } = await startIsolates(t);
  await one.publish(RULESET);
  assert.equal(await reason(other), "TARGETING_MATCH");
  const { version } = (await one.kill("checkout")).json;
  // Within a second of the last word from the environment, an isolate asks nobody.
  assert.equal(await reason(other), "TARGETING_MATCH");
  assert.equal(await reason(other, version), "DISABLED");

  const next = (await one.restore("checkout")).json.version;
  const posted = await other.call("POST", "/v1/values", { body: { key: BROWSER, context: GERMANY, version: next } });
  assert.equal(posted.json.flags.checkout.reason, "TARGETING_MATCH");
  const last = (await one.kill("checkout")).json.version;
  const asked = await other.call("GET", `/v1/values?key=${BROWSER}&version=${last}`);
  assert.equal(asked.json.flags.checkout.reason, "DISABLED");
});

test("versions that do not exist cost the environment one question a second", async (t) => {
  const { one, other, doors } = await startIsolates(t);
  await one.publish(RULESET);
  await reason(other);
  await doors();
  const started = performance.now();
  for (let bogus = 1; performance.now() - started < 2_500; bogus += 1) {
    assert.equal(await reason(other, 1_000_000 + bogus), "TARGETING_MATCH");
  }
  const asked = heads(await doors());
  t.diagnostic(`${asked} questions in 2.5 s of requests that name bogus versions`);
  assert.ok(asked >= 2 && asked <= 6, `${asked}`);
});

test("isolates under load ask the environment about once a second, together", async (t) => {
  const { one, other, doors } = await startIsolates(t);
  await one.publish(RULESET);
  await Promise.all([reason(one), reason(other)]);
  await doors();
  const started = performance.now();
  let requests = 0;
  const load = async (edge) => {
    for (; performance.now() - started < 4_000; requests += 1) {
      await reason(edge);
    }
  };
  await Promise.all([one, other, one, other].map(load));
  const asked = heads(await doors());
  t.diagnostic(`${requests} requests at two isolates in 4 s: ${asked} questions to the environment`);
  assert.ok(requests > 100 && asked >= 3 && asked <= 8, `${asked}`);
});

test("a kill moves bytes, whatever the size of the ruleset, and outlives the next one", async (t) => {
  const { one, other, programs, doors } = await startIsolates(t);
  const members = Array.from({ length: 120_000 }, (_, number) => `member-${number}`);
  const many = { ...RULESET.flags.checkout, rules: [{ when: { segment: "many" }, serve: "on" }] };
  const ruleset = { ...RULESET, flags: { ...RULESET.flags, many }, segments: { many: { members } } };
  await one.publish(ruleset);
  const first = await other.program({ targetingKey: "member-7" });
  const stored = async () => (await programs.list({ prefix: "program/" })).keys.map(({ name }) => name);
  const eventually = async (count) => {
    for (let left = 100; (await stored()).length < count && left > 0; left -= 1) await sleep(50);
    return stored();
  };
  assert.deepEqual(await eventually(1), ["program/production/1"]);
  const program = (await programs.get("program/production/1", "arrayBuffer")).byteLength;
  assert.ok(program > 1_000_000, `${program}`);
  await doors();

  const { version } = (await one.kill("checkout")).json;
  const etag = first.headers.get("etag");
  const body = { key: BROWSER, context: { targetingKey: "member-7" }, etag, version };
  const refetched = await other.call("POST", "/v1/program", { body });
  assert.equal(refetched.headers.get("vexil-version"), String(version));
  const log = await doors();
  const sum = (entries) => entries.reduce((total, { bytes }) => total + bytes, 0);
  const pushed = sum(log.filter(({ path }) => path === "/announce"));
  const head = sum(log.filter(({ path }) => path === "/head"));
  const cold = (await programs.get("head/production")).length;
  t.diagnostic(`ruleset ${JSON.stringify(ruleset).length} bytes, program ${program} bytes, to the browser ${first.bytes.length} bytes`);
  t.diagnostic(`a kill: push to 4 hubs ${pushed}, head to an isolate ${head}, cold copy ${cold}, to a browser ${refetched.bytes.length} bytes`);
  assert.equal(log.filter(({ path }) => path.startsWith("/program/")).length, 0);
  assert.deepEqual(await stored(), ["program/production/1"]);
  assert.ok(pushed > 0 && head > 0 && pushed + head + cold + refetched.bytes.length < 2_000);

  const published = await one.publish(RULESET);
  assert.equal(await reason(other, published.json.version), "DISABLED");
});

test("a key that was issued a moment ago opens an isolate that has not heard of it, and ends when it is ended", async (t) => {
  const { one, other } = await startIsolates(t);
  await one.publish(RULESET);
  assert.equal(await reason(other), "TARGETING_MATCH");
  const { key, id } = await one.issue("server");
  assert.equal((await other.one("checkout", GERMANY, key)).status, 200);
  await one.admin("POST", `tokens/${id}/expire`, { body: {} });
  await sleep(6_000);
  assert.equal((await other.one("checkout", GERMANY, key)).status, 401);
});

test("a worker is ready as soon as it has an answer, and says how old it is", async (t) => {
  const { one } = await startIsolates(t, { VEXIL_MAX_AGE_S: "7" });
  const { version } = (await one.publish(RULESET)).json;
  const ready = await one.call("GET", "/readyz", { key: ADMIN });
  assert.deepEqual([ready.status, ready.json], [200, { status: "ready", maxAge: 7, environments: { production: { version, age: 0 } } }]);
});

test("who may not read learns whether a worker is ready, and of no environment", async (t) => {
  const { one, doors } = await startIsolates(t, { VEXIL_ENVIRONMENTS: "production, secret-launch" });
  const issued = async (scopes, environment) => (await one.issue("admin", { scopes, environment })).key;
  const reads = await issued(["read"], "secret-launch");
  const ready = { status: "ready", maxAge: 300 };
  const made = `vxl_admin_secret-launch_${"x".repeat(32)}`;
  for (const key of [undefined, SERVER, OPERATE, "nobody", made, await issued(["operate"], "secret-launch")]) {
    const { status, json } = await one.call("GET", "/readyz", { key });
    assert.deepEqual([status, json], [200, ready], key);
  }
  const seen = async (key) => Object.keys((await one.call("GET", "/readyz", { key })).json.environments);
  assert.deepEqual(await seen(reads), ["secret-launch"]);
  assert.deepEqual(await seen(ADMIN), ["production", "secret-launch"]);
  await doors({ environment: "fails" });
  assert.equal((await one.call("GET", "/readyz", { key: reads })).json.environments, undefined);
});

test("a token that is none makes no isolate hand over what it counted", async (t) => {
  const { one, doors } = await startIsolates(t);
  await one.publish(RULESET);
  const { key } = await one.issue("admin", { scopes: ["read"] });
  const counts = async () => (await doors()).filter(({ path }) => path === "/counts").length;
  await sleep(500);
  await counts();
  const made = `vxl_admin_production_${"x".repeat(32)}`;
  assert.equal((await one.call("GET", "/metrics", { key: made })).status, 401);
  assert.equal(await counts(), 0);
  assert.equal((await one.call("GET", "/metrics", { key })).status, 200);
  assert.equal(await counts(), 1);
});
