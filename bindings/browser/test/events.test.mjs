// What the client in node tells a real edge of flags that were read, and of what happened.

import assert from "node:assert/strict";
import { test } from "node:test";
import { edge, on, relay, setStage, start } from "./stage.mjs";
import { gate, until } from "./support.mjs";

const ruleset = {
  flags: {
    dach: { ...on, rules: [{ name: "by country", when: { attr: "country", in: ["DE", "AT", "CH"] }, serve: "on" }], default: "off" },
    greeting: { ...on, type: "string", variants: { hello: "Hello", servus: "Servus" }, offVariant: "hello", default: "hello" },
  },
};

/** Whom the release of the tests below leaves where they are, to compare with. */
const CONTROL = { targetingKey: "user-2" };

setStage(ruleset);

/** The batches that arrived, in order. What `answer` gives is answered, 202 where it gives nothing. */
function watch(answer = () => undefined) {
  const batches = [];
  relay.before = async ({ path, type, body }) => {
    if (path !== "/v1/events") return undefined;
    batches.push({ type, ...body });
    return (await answer(batches.length)) ?? Response.json({ accepted: body.events.length }, { status: 202 });
  };
  return batches;
}

async function reading(options) {
  const client = start({ events: true, ...options });
  await client.ready();
  return client;
}

test("a variant that was read is told once for each unit, with what explains it", async () => {
  for (const engine of ["off", "eager"]) {
    const batches = watch();
    const client = await reading({ engine });
    for (let times = 0; times < 3; times++) client.boolean("dach", false);
    client.details("greeting");
    client.boolean("none", false);
    const { version } = client;
    const before = Date.now();
    await client.flush();
    const [{ type, key, batch, sent, units, events, ...rest }] = batches;
    assert.match(type, /^text\/plain/);
    assert.deepEqual([key, units, rest], [edge.key, { targetingKey: "user-1" }, {}]);
    assert.match(batch, /^[A-Za-z0-9-]{16,64}$/);
    assert.ok(Math.abs(sent - before) < 1_000);
    assert.deepEqual(events.map(({ at, ...event }) => event), [{ flag: "dach", variant: "on", version }, { flag: "greeting", variant: "hello", version }]);
    assert.ok(events.every(({ at }) => Math.abs(at - before) < 1_000));
    client.setContext({ targetingKey: "user-1", country: "AT" });
    await until(() => client.context.country === "AT" && client.boolean("dach", false), "it is on");
    await client.flush();
    assert.equal(batches.length, 1, "the same variant for the same unit");
    client.setContext({ targetingKey: "user-2", country: "AT" });
    client.boolean("dach", false);
    await client.ready();
    await client.flush();
    assert.deepEqual([batches[1].units, batches[1].events.length], [{ targetingKey: "user-2" }, 1]);
    client.close();
  }
});

test("what happened is told with its number, for whom it happened to", async () => {
  const batches = watch();
  const client = await reading();
  client.track("checkout-error");
  client.time("checkout-ms", 812);
  client.setContext({ targetingKey: "user-2" });
  client.track("orders", 3);
  await client.flush();
  const told = batches.map(({ units, events }) => [units.targetingKey, events.map(({ at, ...event }) => event)]);
  assert.deepEqual(told, [
    ["user-1", [{ metric: "checkout-error" }, { metric: "checkout-ms", value: 812 }]],
    ["user-2", [{ metric: "orders", value: 3 }]],
  ]);
});

test("a batch that is not taken is sent again under its name, and what came meanwhile after it", async () => {
  const batches = watch((count) => (count === 1 ? new Response("", { status: 503, headers: { "Retry-After": "0" } }) : undefined));
  const client = await reading();
  client.track("first");
  await client.flush();
  client.track("second");
  await client.flush();
  const told = batches.map(({ batch, events }) => [batch === batches[0].batch, events.map(({ metric }) => metric)]);
  assert.deepEqual(told, [[true, ["first"]], [true, ["first"]], [false, ["second"]]]);
});

test("what happens while a batch is under way goes with the next", async () => {
  const held = gate();
  const batches = watch((count) => (count === 1 ? held.opened.then(() => undefined) : undefined));
  const client = await reading();
  client.track("first");
  const sent = client.flush();
  await until(() => batches.length === 1, "it is under way");
  client.track("second");
  held.open();
  await sent;
  assert.deepEqual(batches.map(({ events }) => events.map(({ metric }) => metric)), [["first"], ["second"]]);
});

test("events that the edge refuses for good are dropped, aloud", async (t) => {
  const { mock } = t.mock.method(console, "warn", () => undefined);
  const batches = watch(() => new Response("", { status: 401 }));
  const client = await reading();
  client.track("first");
  await client.flush();
  await client.flush();
  assert.equal(batches.length, 1);
  assert.deepEqual(mock.calls.map(({ arguments: [text] }) => text), ["vexil: events are dropped: the edge answered 401: is the key right?"]);
});

test("there wait only so many, and how many were dropped is told", async (t) => {
  const { mock } = t.mock.method(console, "warn", () => undefined);
  let isUp = false;
  const batches = watch(() => (isUp ? undefined : new Response("", { status: 503 })));
  const client = await reading();
  for (let count = 0; count < 1_100; count++) client.track("m");
  assert.equal(mock.calls.length, 1);
  await client.flush();
  isUp = true;
  await client.flush();
  const taken = batches.slice(1).map(({ events, dropped }) => [events.length, dropped]);
  assert.deepEqual(taken, [[100, 100], ...Array(9).fill([100, undefined])]);
});

test("a batch of the longest names is no more than a page may send while it leaves", async () => {
  const batches = watch();
  const client = await reading();
  for (let count = 0; count < 100; count++) client.track("m".repeat(128), Number.MAX_VALUE);
  await client.flush();
  const [batch] = batches;
  assert.equal(batch.events.length, 100);
  // An exposure has the names of a flag, a variant and a stage.
  assert.ok(JSON.stringify(batch).length + 100 * (2 * 128 + 100) < 65_536);
});

test("a client that is closed tells what it knew, and one without events tells nothing", async () => {
  const batches = watch();
  const client = await reading();
  client.boolean("dach", false);
  client.close();
  client.track("after");
  await until(() => batches.length === 1, "it was told");
  assert.deepEqual(batches[0].events.map(({ flag }) => flag), ["dach"]);
  const silent = await reading({ events: false });
  silent.boolean("dach", false);
  silent.track("m");
  await silent.flush();
  silent.close();
  assert.equal(batches.length, 1);
});

test("who comes to be compared is told again, though the variant is the same", async () => {
  await edge.publish({
    flags: { dach: { ...on, default: { release: "pilot" } } },
    releases: { pilot: { from: "off", to: "on", by: "targetingKey", stages: [{ name: "half", percent: 50, hold: "1h" }, { name: "all", percent: 100 }] } },
  });
  const batches = watch();
  const clients = [await reading({ engine: "off", context: CONTROL }), await reading({ engine: "eager", context: CONTROL })];
  for (const client of clients) client.boolean("dach", false);
  await edge.release("pilot", "start");
  for (const client of clients) {
    await until(() => client.details("dach").stage === "half", "the release began");
    client.boolean("dach", false);
    await client.flush();
  }
  const told = batches.flatMap(({ events }) => events.map(({ variant, arm }) => [variant, arm]));
  assert.deepEqual(told.sort(), [["off", undefined], ["off", undefined], ["off", "control"], ["off", "control"]]);
  // Or the next test could not publish its own.
  await edge.release("pilot", "rollback");
});

test("what a release compares is told within a second, and what fails in it at once", async () => {
  await edge.publish({
    flags: { dach: { ...on, default: { release: "ga" } } },
    releases: { ga: { from: "off", to: "on", by: "targetingKey", stages: [{ name: "half", percent: 50, hold: "1h" }, { name: "all", percent: 100 }] } },
  });
  await edge.release("ga", "start");
  for (const engine of ["off", "eager"]) {
    const batches = watch();
    const client = await reading({ engine });
    client.boolean("dach", false);
    const readAt = Date.now();
    await until(() => batches.length === 1, "the exposure was told");
    assert.ok(Date.now() - readAt < 2_000);
    const [{ events: [{ flag, variant, stage, arm }] }] = batches;
    assert.deepEqual([flag, stage, variant], ["dach", "half", arm === "treated" ? "on" : "off"]);
    client.track("checkout-error");
    const failedAt = Date.now();
    await until(() => batches.length === 2, "the failure was told");
    assert.ok(Date.now() - failedAt < 500);
    client.close();
  }
});
