// Explanations of a client's answers in node, before a real edge.

import assert from "node:assert/strict";
import { test } from "node:test";
import { explain } from "vexil/explain";
import { edge, on, relay, setStage, start, started } from "./stage.mjs";
import { gate, until } from "./support.mjs";

const NOON = Date.UTC(2030, 0, 1, 12);

setStage({
  flags: {
    dach: { ...on, rules: [{ name: "by country", when: { attr: "country", in: ["DE", "AT", "CH"] }, serve: "on" }], default: "off" },
    quiet: { ...on, expose: "values", rules: [{ name: "pro", when: { attr: "plan", is: "pro" }, serve: "on" }], default: "off" },
    later: { ...on, rules: [{ when: { time: { from: "2030-01-01T12:00:00Z" } }, serve: "on" }], default: "off" },
    hidden: { ...on, expose: "server", default: "on" },
  },
});

/** What an explanation and details have in common is the same in both. */
async function check(client, flag, options) {
  const { version: _, ...answer } = client.details(flag);
  const why = await explain(client, flag, options);
  const { value, variant, reason, rule } = why;
  assert.deepEqual({ value, variant, reason, ...(rule === undefined ? {} : { rule }) }, answer, why.text);
  return why;
}

// First, while the explainer was not loaded yet.
test("an explainer that cannot be loaded is a problem, and can be loaded later", async () => {
  const client = await started();
  const why = await explain(client, "dach", { wasm: () => Promise.reject(new Error("gone")) });
  assert.deepEqual(why, { flag: "dach", steps: [], text: "dach: the explainer failed: gone", problem: "EXPLAINER_FAILED" });
  const { problem } = await explain(client, "dach", { wasm: new Uint8Array(8) });
  assert.equal(problem, "EXPLAINER_FAILED");
  await check(client, "dach");
});

test("an answer comes with every step that led to it, and in words", async () => {
  const client = await started({ context: { country: "FR" } });
  const asked = { holds: false, attr: "country", in: ["DE", "AT", "CH"], found: "FR", why: "different" };
  const { steps, state, text } = await check(client, "dach");
  assert.deepEqual(steps, [
    { part: "rule", rule: 0, name: "by country", asked: [asked] },
    { part: "default", serves: "off" },
  ]);
  assert.equal(state, "on");
  assert.equal(text, 'dach: off (DEFAULT)\n  rule 0 "by country": no\n    country is "FR", not one of "DE", "AT", "CH"\n  default: off');
  client.setContext({ country: "AT" });
  assert.deepEqual((await check(client, "dach")).steps, [
    { part: "rule", rule: 0, name: "by country", asked: [{ holds: true, attr: "country", in: ["DE", "AT", "CH"], found: "AT" }], serves: "on" },
  ]);
});

test("it is of the live state that the answer is of", async () => {
  const client = await started();
  const { version } = await edge.kill("dach");
  await until(() => client.version === version, "the kill was seen");
  const { state, steps } = await check(client, "dach");
  assert.deepEqual([state, steps], ["killed", []]);
  await edge.restore("dach");
  await until(() => client.version > version, "it was restored");
  assert.equal((await check(client, "dach")).state, "on");
});

test("it is of the instant that the answer is of, not of the one at which it is asked for", async (t) => {
  const clock = t.mock.method(Date, "now", () => NOON - 1000);
  const client = await started();
  clock.mock.mockImplementation(() => NOON + 1000);
  const { value, nextChange } = await check(client, "later");
  assert.deepEqual([value, nextChange], [false, NOON]);
  client.setContext(client.context);
  assert.deepEqual((await check(client, "later")).value, true);
});

test("it is of the answer at the time of the call, whatever comes after it", async () => {
  const client = await started({ context: { country: "AT" } });
  const asked = explain(client, "dach");
  client.setContext({ country: "FR" });
  assert.equal((await asked).value, true);
  assert.equal((await explain(client, "dach")).value, false);
});

test("asking changes no answer, and a client that was closed can still be asked", async () => {
  const client = await started();
  const before = client.flags().map((flag) => client.details(flag));
  await check(client, "dach");
  const { context } = client;
  // Makes the engine's memory grow.
  client.setContext({ ...context, country: "x".repeat(1_000_000) });
  await check(client, "dach");
  client.setContext(context);
  assert.deepEqual(client.flags().map((flag) => client.details(flag)), before);
  client.close();
  await check(client, "dach");
});

test("of what the edge decided there is the answer alone", async () => {
  const client = await started({ context: { plan: "pro" } });
  const { steps } = await check(client, "quiet");
  assert.deepEqual(steps, [{ part: "rule", rule: 0, name: "pro", serves: "on" }]);
});

test("the last answer of a flag that the edge must decide anew is not explained", async () => {
  const client = await started();
  const held = gate();
  relay.before = async ({ path }) => path === "/v1/program" && held.opened.then(() => undefined);
  client.setContext({ ...client.context, plan: "pro" });
  const why = await explain(client, "quiet");
  assert.deepEqual(why, {
    flag: "quiet",
    steps: [],
    text: "quiet: this is its last answer: the edge decides it, and has not yet for this context",
    problem: "OUTDATED",
  });
  await check(client, "dach");
  held.open();
  await until(() => client.boolean("quiet", false), "the edge decided anew");
  await check(client, "quiet");
});

test("where there is nothing to explain it says why", async () => {
  const refused = start({ key: "wrong" });
  const early = await explain(refused, "dach");
  assert.deepEqual([early.problem, early.text], ["PROVIDER_NOT_READY", "dach: there are no flags yet"]);
  await refused.ready();
  assert.equal((await explain(refused, "dach")).text, "dach: there are no flags yet: the edge answered 401: is the key right?");
  const client = await started();
  for (const key of ["hidden", "", "constructor"]) assert.equal((await explain(client, key)).problem, "FLAG_NOT_FOUND", key);
  const { details, context, status } = client;
  const other = { details: details.bind(client), context, status };
  assert.equal((await explain(other, "dach")).problem, "NOT_LOCAL");
});
