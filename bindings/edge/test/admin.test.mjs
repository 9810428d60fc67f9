import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";

import { ADMIN, BROWSER, OPERATE, RULESET, startEdge } from "./support.mjs";

let edge;
before(async () => {
  edge = await startEdge();
});

const current = () => edge.call("GET", "/admin/v1/ruleset", { key: ADMIN });

test("an environment begins at version 0, without flags", async () => {
  const answer = await current();
  assert.deepEqual([answer.status, answer.headers.get("etag"), answer.json], [200, '"0"', { flags: {} }]);
  assert.deepEqual((await edge.all()).json.flags, []);
  assert.equal((await edge.one("checkout")).json.errorCode, "FLAG_NOT_FOUND");
  assert.equal((await edge.values()).text, '{"flags":{},"nextChange":null}');
  assert.equal((await edge.program()).status, 200);
  assert.equal((await edge.kill("checkout")).status, 404);
});

test("publishing needs the version it replaces", async () => {
  const without = await edge.call("PUT", "/admin/v1/ruleset", { key: ADMIN, body: RULESET });
  assert.deepEqual([without.status, without.json.version], [428, 0]);
  for (const [ifMatch, status] of [['"7"', 412], ["7", 400], ['W/"0"', 400], ['"x"', 400], ["", 428]]) {
    const answer = await edge.publish(RULESET, ifMatch);
    assert.equal(answer.status, status, ifMatch);
  }
  assert.equal((await current()).headers.get("etag"), '"0"');

  const first = await edge.publish(RULESET, '"0"');
  assert.deepEqual([first.status, first.json, first.headers.get("etag")], [200, { version: 1, program: 1 }, '"1"']);
  const late = await edge.publish(RULESET, '"0"');
  assert.equal(late.status, 412);
  assert.deepEqual([late.json.version, late.json.expected, late.json.title], [1, 0, "Precondition Failed"]);
});

test("of two that publish at once on the same version, one is told", async () => {
  const version = (await current()).headers.get("etag");
  const both = await Promise.all([edge.publish(RULESET, version), edge.publish(RULESET, version)]);
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 412]);
});

test("the ruleset comes back as it was written, and `*` replaces any", async () => {
  const text = `\n${JSON.stringify(RULESET, null, 3)}  `;
  assert.equal((await edge.publish(text, "*")).status, 200);
  assert.equal((await current()).text, text);
});

test("a ruleset with issues changes nothing and lists them all", async () => {
  const before = await current();
  const flags = { ...RULESET.flags, checkout: { ...RULESET.flags.checkout, default: "onn", offVariant: "of" } };
  const answer = await edge.publish({ ...RULESET, flags });
  assert.deepEqual([answer.status, answer.type], [422, "application/problem+json"]);
  const paths = answer.json.issues.map(({ path }) => path);
  assert.ok(paths.includes("/flags/checkout/default") && paths.includes("/flags/checkout/offVariant"), paths);
  for (const issue of answer.json.issues) {
    assert.deepEqual(Object.keys(issue).sort(), ["code", "message", "path"]);
  }
  for (const body of ["{", "", "[]", new Uint8Array([0xff])]) {
    assert.ok([400, 422].includes((await edge.publish(body)).status));
  }
  const after = await current();
  assert.deepEqual([after.text, after.headers.get("etag")], [before.text, before.headers.get("etag")]);
});

test("a ruleset over the limit is refused before it is read", async () => {
  const headers = { authorization: `Bearer ${ADMIN}`, "if-match": "*", "content-length": 25 * 1024 * 1024 + 1 };
  const outgoing = request(`${edge.url}/admin/v1/ruleset`, { method: "PUT", headers });
  outgoing.flushHeaders();
  const [answer] = await once(outgoing, "response");
  assert.equal(answer.statusCode, 413);
  outgoing.on("error", () => {}).destroy();
});

test("a ruleset and a program of many parts come back whole", async () => {
  const members = Array.from({ length: 150_000 }, (_, number) => `user-${number}-é`);
  const large = { ...RULESET, segments: { many: { members } } };
  const flags = { many: { ...RULESET.flags.checkout, rules: [{ when: { segment: "many" }, serve: "on" }] } };
  const text = JSON.stringify({ ...large, flags: { ...RULESET.flags, ...flags } });
  assert.ok(text.length > 2 * 1024 * 1024);
  assert.equal((await edge.publish(text)).status, 200);
  assert.equal((await current()).text, text);
  assert.equal((await edge.one("many", { targetingKey: "user-149999-é" })).json.value, true);
  assert.equal((await edge.one("many", { targetingKey: "user-150000-é" })).json.value, false);
  assert.equal((await edge.publish(RULESET)).status, 200);
});

test("a kill and its end are in the next answer, and doing either twice changes nothing", async () => {
  const context = { country: "DE" };
  const version = Number((await edge.one("checkout", context)).headers.get("vexil-version"));
  const killed = await edge.kill("checkout", "errors at the till");
  assert.deepEqual(killed.json, { version: version + 1, flag: "checkout", killed: true });
  assert.deepEqual((await edge.kill("checkout")).json, killed.json);
  const off = (await edge.one("checkout", context)).json;
  assert.deepEqual([off.value, off.reason, off.metadata.version], [false, "DISABLED", version + 1]);

  const restored = await edge.restore("checkout");
  assert.deepEqual(restored.json, { version: version + 2, flag: "checkout", killed: false });
  assert.deepEqual((await edge.restore("checkout")).json, restored.json);
  assert.equal((await edge.one("checkout", context)).json.value, true);
});

test("a reason is optional, and a text", async () => {
  const path = "/admin/v1/flags/limit/restore";
  for (const [body, status] of [[undefined, 200], ["", 200], ["{}", 200], ['{"reason":null}', 200], ['{"reason":"\\ud800"}', 200], ['{"reason":7}', 400]]) {
    assert.equal((await edge.call("POST", path, { key: OPERATE, body })).status, status, body);
  }
  const refused = await edge.call("POST", "/admin/v1/flags/checkout/kill", { key: OPERATE, body: "too loud" });
  assert.equal(refused.status, 400);
  assert.match(refused.json.detail, /^the body is not JSON: /);
});

test("a kill outlives a new ruleset, even one without the flag", async () => {
  await edge.kill("checkout");
  const { checkout, ...others } = RULESET.flags;
  await edge.publish(RULESET);
  assert.equal((await edge.one("checkout", { country: "DE" })).json.reason, "DISABLED");
  await edge.publish({ ...RULESET, flags: others });
  assert.equal((await edge.one("checkout")).status, 404);
  await edge.publish(RULESET);
  assert.equal((await edge.one("checkout", { country: "DE" })).json.reason, "DISABLED");
  await edge.publish({ ...RULESET, flags: others });
  assert.equal((await edge.restore("checkout")).json.killed, false);
  assert.equal((await edge.restore("checkout")).status, 404);
  await edge.publish(RULESET);
});

test("names with odd characters reach no other flag and break nothing", async () => {
  const names = ["%20", "a%2Fb", "..%2F..", "%00", "%ff", "100%25", "a%22b", "%F0%9F%9A%A9", "__proto__", "'--", "%0d%0aX-A:1"];
  for (const name of names) {
    const answer = await edge.kill(name);
    assert.equal(answer.status, 404, name);
    assert.equal(answer.json.title, "Not Found");
    const evaluated = await edge.one(name);
    assert.deepEqual([evaluated.status, evaluated.json.errorCode], [404, "FLAG_NOT_FOUND"], name);
  }
  assert.equal((await edge.kill("server%2Donly%2Ecanary")).json.flag, "server-only.canary");
  await edge.restore("server-only.canary");
});

test("a release moves through its stages, and back", async () => {
  const move = (verb, name = "gradual-ga") =>
    edge.call("POST", `/admin/v1/releases/${name}/${verb}`, { key: OPERATE, body: { reason: "test" } });
  const exposed = async () => {
    const contexts = Array.from({ length: 60 }, (_, number) => ({ targetingKey: `user-${number}` }));
    const answers = await Promise.all(contexts.map((context) => edge.one("gradual", context)));
    return answers.filter(({ json }) => json.value).length;
  };
  assert.equal(await exposed(), 0);
  const early = await move("advance");
  assert.deepEqual([early.status, early.json.phase], [409, "draft"]);

  const version = Number((await edge.one("gradual")).headers.get("vexil-version"));
  const started = await move("start");
  const some = { version: version + 1, release: "gradual-ga", phase: "running", stage: "some", exposure: 0.1 };
  assert.deepEqual([started.status, started.json], [200, some]);
  const few = await exposed();
  assert.ok(few > 0 && few < 30, String(few));
  assert.equal((await move("start")).status, 409);

  const advanced = await move("advance");
  assert.deepEqual([advanced.json.stage, advanced.json.exposure, advanced.json.phase], ["all", 1, "done"]);
  assert.equal(await exposed(), 60);
  const back = await move("rollback");
  assert.deepEqual([back.json.phase, back.json.exposure], ["rolledBack", 0]);
  assert.equal(await exposed(), 0);
  assert.equal((await move("start", "none")).status, 404);
});

test("a restart with storage on disk keeps everything", async (t) => {
  const state = mkdtempSync(join(tmpdir(), "vexil-edge-"));
  t.after(() => rmSync(state, { recursive: true, force: true }));
  const first = await startEdge({ state });
  await first.publish(RULESET);
  await first.kill("checkout");
  await first.call("POST", "/admin/v1/releases/gradual-ga/start", { key: OPERATE });
  const look = async (edge) => ({
    ruleset: (await edge.call("GET", "/admin/v1/ruleset", { key: ADMIN })).text,
    version: (await edge.call("GET", "/admin/v1/ruleset", { key: ADMIN })).headers.get("etag"),
    answers: (await edge.all({ targetingKey: "user-1", country: "DE" }, BROWSER)).text,
    program: (await edge.program()).headers.get("etag"),
  });
  const before = await look(first);
  await first.stop();

  const second = await startEdge({ state });
  assert.deepEqual(await look(second), before);
  assert.equal(before.version, '"3"');
  const { version, phase } = (await second.call("POST", "/admin/v1/releases/gradual-ga/rollback", { key: OPERATE })).json;
  assert.deepEqual([version, phase], [4, "rolledBack"]);
  await second.stop();
});
