// The client in node, before a real edge that evaluates for it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { edge, on, programs, relay, setStage, start } from "./stage.mjs";
import { gate, until } from "./support.mjs";

const ruleset = {
  flags: {
    dach: { ...on, rules: [{ name: "by country", when: { attr: "country", in: ["DE", "AT", "CH"] }, serve: "on" }], default: "off" },
    half: { ...on, default: { split: [["on", 1], ["off", 1]] } },
    prices: { ...on, type: "object", variants: { list: { currency: "EUR", lots: [1, { net: 2 }] }, none: {} }, offVariant: "none", default: "list" },
    pay: { ...on, failsafe: "off", default: "on" },
  },
};
const asked = () => relay.requests.filter(({ path }) => path === "/v1/values");

setStage(ruleset);

/** A client whose edge evaluates, with answers. */
async function served(options) {
  const client = start({ engine: "off", ...options });
  assert.equal((await client.ready()).state, "ready");
  return client;
}

test("answers come from the edge, and say what those of the engine say", async () => {
  const local = start({ engine: "eager" });
  await local.ready();
  for (const context of [{ targetingKey: "user-1", country: "DE" }, { country: "FR" }, {}]) {
    const client = await served({ context });
    local.setContext(context);
    assert.deepEqual(client.status, { state: "ready", source: "values" });
    assert.deepEqual([...client.flags()].sort(), [...local.flags()].sort());
    for (const key of local.flags()) assert.deepEqual(client.details(key), local.details(key), key);
    assert.deepEqual(client.snapshot().flags, local.snapshot().flags);
  }
  const client = await served();
  assert.throws(() => (client.object("prices", {}).lots[1].net = 3), TypeError);
  assert.deepEqual([client.boolean("none", true), client.string("dach", "text")], [true, "text"]);
});

test("a lazy client answers at once, and evaluates itself as soon as the engine is here", async () => {
  const client = start({ engine: "lazy" });
  const heard = [];
  client.subscribe(({ changed }) => heard.push([client.status.source, [...changed].sort()]));
  assert.deepEqual(await client.ready(), { state: "ready", source: "values" });
  assert.equal(programs().length, 0);
  await until(() => client.status.source === "local", "the engine took over");
  assert.deepEqual(heard, [["values", ["dach", "half", "pay", "prices"]], ["local", []]], "no answer changed with that");
  client.setContext({ country: "FR" });
  assert.equal(client.boolean("dach", true), false);
  assert.deepEqual([asked().length, programs().length], [1, 1]);
});

test("a new context keeps the last answers until its own are here; a late answer for an older one is dropped", async () => {
  const client = await served();
  const held = gate();
  relay.before = async ({ path, body }) => (path === "/v1/values" && body.context.country === "FR" ? held.opened.then(() => undefined) : undefined);
  const heard = [];
  client.subscribe("dach", () => heard.push([client.context.country, client.boolean("dach", false)]));
  client.setContext({ country: "FR" });
  assert.equal(client.boolean("dach", false), true);
  await until(() => asked().at(-1).body.context.country === "FR", "it was asked");
  client.setContext({ country: "IT" });
  await until(() => heard.length > 0, "the newer one was answered, though the older one is still waited for");
  held.open();
  await until(() => asked().length === 3, "all were asked");
  assert.deepEqual(heard, [["IT", false]]);
});

test("a context that is the same is not asked about", async () => {
  const client = await served();
  client.setContext({ ...client.context });
  await edge.kill("dach");
  await until(() => !client.boolean("dach", true), "a kill was heard");
  assert.equal(asked().length, 2);
  await edge.restore("dach");
});

test("a change that leaves the answers as they are costs no body", async () => {
  const client = await served();
  const statuses = [];
  relay.before = async ({ path }, pass) => {
    if (path !== "/v1/values") return undefined;
    const answer = await pass();
    statuses.push(answer.status);
    return answer.status === 304 ? new Response(null, answer) : answer;
  };
  const { version } = await edge.publish({ ...ruleset, flags: { ...ruleset.flags, other: { ...on, expose: "server", default: "on" } } });
  await until(() => client.version === version, "the new version was seen");
  assert.deepEqual([statuses, client.boolean("dach", false)], [[304], true]);
});

test("at the instant that the edge named it is asked again", async () => {
  const at = Date.now() + 1_500;
  await edge.publish({ flags: { night: { ...on, rules: [{ name: "night", when: { time: { until: at } }, serve: "on" }], default: "off" } } });
  const client = await served();
  assert.equal(client.boolean("night", false), true);
  await until(() => !client.boolean("night", true), "it is over");
  assert.ok(Date.now() >= at);
});

test("answers that nobody confirms are stale after their age, and flags serve their failsafe", async () => {
  for (const engine of ["off", "eager"]) {
    const client = await served({ engine, maxAgeS: 0.4 });
    relay.before = () => gate().opened;
    for (const stream of relay.streams) stream.destroy();
    const heard = [];
    client.subscribe(({ changed }) => changed.length > 0 && heard.push(...changed));
    await until(() => heard.length > 0, "the answers were too old");
    assert.deepEqual(heard, ["pay"], engine);
    assert.equal(client.status.state, "stale");
    assert.deepEqual(client.details("pay", true), { value: false, reason: "DEFAULT", version: client.version, stale: true });
    assert.deepEqual([client.details("dach").value, client.details("dach").stale], [true, true]);
    assert.deepEqual([client.snapshot().flags.pay.value, client.snapshot().flags.pay.failsafe], [true, false]);
    relay.before = async () => undefined;
    client.setContext({ country: "AT" });
    client.close();
  }
});

test("answers become fresh again when the edge is back", async () => {
  const client = await served({ maxAgeS: 0.3 });
  const held = gate();
  relay.before = () => held.opened.then(() => undefined);
  for (const stream of relay.streams) stream.destroy();
  await until(() => client.details("pay").stale, "the answers were too old");
  held.open();
  let round = 0;
  const isBack = async () => {
    // An edge that was busy may have confirmed nothing: it is asked again.
    client.setContext({ ...client.context, round: round++ });
    await client.ready({ timeoutMs: 1_000 });
    return !client.details("pay").stale && client.boolean("pay", false);
  };
  await until(isBack, "it is back");
  assert.equal(client.status.state, "ready");
});

test("a context that a server signed goes along with every question", async () => {
  let count = 0;
  const client = start({ engine: "off", signed: async () => `a.b.${count++}` });
  await until(() => asked().length > 0, "it asked");
  assert.equal(asked()[0].body.signed, "a.b.0");
  client.close();
});
