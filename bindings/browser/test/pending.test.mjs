// What a client says of answers that the edge has not given for the context yet.

import assert from "node:assert/strict";
import { test } from "node:test";
import { on, relay, setStage, start, started } from "./stage.mjs";
import { gate } from "./support.mjs";

const ruleset = {
  flags: {
    dach: { ...on, rules: [{ when: { attr: "country", in: ["DE", "AT", "CH"] }, serve: "on" }], default: "off" },
    quiet: { ...on, expose: "values", rules: [{ when: { attr: "plan", is: "pro" }, serve: "on" }], default: "off" },
  },
};

setStage(ruleset);

/** A client whose edge evaluates; its next questions wait until `open` is called. */
async function held() {
  const client = start({ engine: "off" });
  await client.ready();
  const { opened, open } = gate();
  relay.before = ({ path }) => (path === "/v1/values" ? opened.then(() => undefined) : Promise.resolve());
  return { client, open };
}

test("a new context is pending until the edge has answered, and ready waits for it", async () => {
  const { client, open } = await held();
  const heard = [];
  client.subscribe(({ changed }) => heard.push([client.status.pending, changed]));
  client.setContext({ country: "FR" });
  assert.deepEqual(client.status, { state: "ready", source: "values", pending: true });
  assert.deepEqual(await client.ready({ timeoutMs: 10 }), client.status);
  assert.equal(client.boolean("dach", false), true);
  const ready = client.ready();
  open();
  assert.deepEqual(await ready, { state: "ready", source: "values" });
  assert.equal(client.boolean("dach", true), false);
  assert.deepEqual(heard, [[true, []], [undefined, ["dach"]]]);
});

test("it is pending too where the answers turn out to be the same, and where the same is said again", async () => {
  const { client, open } = await held();
  client.setContext({ country: "AT" });
  client.setContext({ country: "AT" });
  assert.equal(client.status.pending, true);
  open();
  assert.deepEqual(await client.ready(), { state: "ready", source: "values" });
});

test("a context that is said twice has its answers once they are here", async () => {
  const { client, open } = await held();
  client.setContext({ country: "FR" });
  client.setContext({ country: "FR" });
  open();
  assert.deepEqual(await client.ready(), { state: "ready", source: "values" });
  assert.equal(client.boolean("dach", true), false);
});

test("answers of the context before are nobody else's: neither told as theirs nor kept for them", async () => {
  const kept = new Map();
  const storage = { getItem: (name) => kept.get(name) ?? null, setItem: (name, text) => kept.set(name, text) };
  const batches = [];
  relay.before = async ({ path, body }) => (path === "/v1/events" ? (batches.push(body), Response.json({}, { status: 202 })) : undefined);
  const client = start({ engine: "off", events: true, storage });
  await client.ready();
  const { opened, open } = gate();
  relay.before = async ({ path, body }) => (path === "/v1/events" ? (batches.push(body), Response.json({}, { status: 202 })) : opened.then(() => undefined));
  client.setContext({ targetingKey: "user-2", country: "FR" });
  assert.equal(client.boolean("dach", false), true, "the last answer");
  assert.deepEqual(client.snapshot().context, { targetingKey: "user-1", country: "DE" });
  await client.flush();
  assert.deepEqual(batches, []);
  open();
  await client.ready();
  await client.flush();
  assert.deepEqual(batches.map(({ units, events }) => [units.targetingKey, events.map(({ variant }) => variant)]), [["user-2", ["off"]]]);
  relay.before = () => gate().opened;
  client.setContext({ targetingKey: "user-3", country: "DE" });
  client.close();
  assert.equal(kept.size, 0);
});

test("with the rules here only what the edge decides is pending, until that is as it was decided", async () => {
  const client = await started();
  client.setContext({ ...client.context, country: "FR" });
  assert.equal(client.status.pending, undefined);
  client.setContext({ ...client.context, plan: "pro" });
  assert.equal(client.status.pending, true);
  client.setContext({ ...client.context, plan: undefined });
  assert.equal(client.status.pending, undefined);
  client.setContext({ ...client.context, plan: "pro" });
  assert.deepEqual(await client.ready(), { state: "ready", source: "local" });
  assert.equal(client.boolean("quiet", false), true);
});

test("where the edge cannot be reached, nobody waits who has answers for a context before", async () => {
  const { client } = await held();
  relay.before = async () => new Response("down", { status: 503 });
  client.setContext({ country: "FR" });
  const began = performance.now();
  assert.deepEqual(await client.ready(), { state: "stale", source: "values", problem: "the edge answered 503", pending: true });
  assert.ok(performance.now() - began < 5_000);
  assert.equal(client.boolean("dach", false), true);
});

test("one that is refused later says so as well", async () => {
  const { client } = await held();
  relay.before = async () => new Response("", { status: 401 });
  client.setContext({ country: "FR" });
  const { refused, state } = await client.ready();
  assert.deepEqual([refused, state], [true, "stale"]);
});
