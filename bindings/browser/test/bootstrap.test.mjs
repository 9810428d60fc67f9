// What a client begins with: answers from the page, or from the visit before.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "vexil";
import { edge, on, relay, setStage, start } from "./stage.mjs";
import { gate, until } from "./support.mjs";

const ruleset = {
  flags: {
    dach: { ...on, rules: [{ name: "by country", when: { attr: "country", in: ["DE", "AT", "CH"] }, serve: "on" }], default: "off" },
    pay: { ...on, failsafe: "off", default: "on" },
  },
};
const context = { targetingKey: "user-1", country: "DE" };
const asked = () => relay.requests.filter(({ path }) => path === "/v1/values");

setStage(ruleset);

/** What a page may keep, as a browser has it. */
function place() {
  const kept = new Map();
  return { kept, getItem: (name) => kept.get(name) ?? null, setItem: (name, text) => void kept.set(name, String(text)) };
}

async function served(options) {
  const client = start({ engine: "off", ...options });
  assert.equal((await client.ready()).state, "ready");
  return client;
}

/** What a server puts into a page. */
async function rendered(options) {
  const client = await served(options);
  const snapshot = JSON.parse(JSON.stringify(client.snapshot()));
  client.close();
  return snapshot;
}

test("with answers from the page the first read is right, and nobody hears of a change", async () => {
  const bootstrap = await rendered();
  const held = gate();
  relay.before = () => held.opened.then(() => undefined);
  const client = start({ engine: "off", bootstrap, context: undefined });
  assert.deepEqual([client.boolean("dach", false), client.context, client.version], [true, context, bootstrap.version]);
  assert.deepEqual(client.status, { state: "ready", source: "bootstrap" });
  assert.equal((await client.ready()).state, "ready");
  const details = client.details("dach");
  const heard = [];
  client.subscribe(({ changed }) => heard.push(...changed));
  held.open();
  await until(() => client.status.source === "values", "the edge confirmed them");
  assert.deepEqual([heard, client.details("dach") === details], [[], true]);
});

test("what changed since the page was made is made good", async () => {
  const bootstrap = await rendered();
  await edge.kill("dach");
  const client = start({ engine: "off", bootstrap });
  assert.equal(client.boolean("dach", false), true);
  await until(() => !client.boolean("dach", true), "the kill was seen");
  await edge.restore("dach");
});

test("answers in a page that was kept for too long are stale from the first read", async () => {
  const bootstrap = { ...(await rendered()), at: Date.now() - 3_600_000 };
  relay.before = () => gate().opened;
  const client = start({ engine: "off", bootstrap });
  assert.deepEqual([client.status.state, client.boolean("pay", true), client.boolean("dach", false)], ["stale", false, true]);
});

test("a page whose server had no answers waits for its own", async () => {
  const client = start({ engine: "off", bootstrap: { flags: {}, version: 0, context } });
  assert.deepEqual([client.status, client.context], [{ state: "loading" }, context]);
  assert.equal((await client.ready()).state, "ready");
  assert.equal(client.boolean("dach", false), true);
});

test("a bootstrap that is none is refused", () => {
  assert.throws(() => createClient({ url: "http://localhost", key: "k", bootstrap: {} }), { name: "TypeError", message: "createClient: `bootstrap` must be a snapshot" });
});

test("the next visit begins with the answers of the last, for the same context alone", async () => {
  const storage = place();
  (await served({ storage })).close();
  relay.before = () => gate().opened;
  const again = start({ engine: "off", storage });
  assert.deepEqual(again.status, { state: "ready", source: "storage" });
  assert.equal(again.boolean("dach", false), true);
  const other = start({ engine: "off", storage, context: { ...context, targetingKey: "user-2" } });
  assert.deepEqual(other.status, { state: "loading" });
  const elsewhere = start({ engine: "off", storage, key: "another" });
  assert.deepEqual(elsewhere.status, { state: "loading" });
  const text = [...storage.kept].join();
  assert.ok(!text.includes("user-1") && !text.includes("DE"), "nothing of a context is kept as it is");
});

test("unchanged answers of the last visit are confirmed without a body", async () => {
  const storage = place();
  (await served({ storage })).close();
  const statuses = [];
  relay.before = async ({ path }, pass) => {
    if (path !== "/v1/values") return undefined;
    const answer = await pass();
    statuses.push(answer.status);
    return answer.status === 304 ? new Response(null, answer) : answer;
  };
  const again = start({ engine: "off", storage });
  await until(() => again.status.source === "values", "they were confirmed");
  assert.deepEqual(statuses, [304]);
});

test("answers of the engine are kept too, and those of a program that must be signed are not believed", async () => {
  const storage = place();
  const client = start({ engine: "eager", storage });
  await client.ready();
  assert.equal(client.status.source, "local");
  client.close();
  relay.before = () => gate().opened;
  assert.equal(start({ engine: "lazy", storage }).boolean("dach", false), true);
  assert.equal(start({ storage, verify: async () => undefined }).boolean("dach", false), false);
});

test("what is kept may be anything, and whoever keeps it may fail", async () => {
  for (const text of ["", "{", "null", "7", '["x"]', '[null,{"flags":7}]', '{"flags":{}}']) {
    const storage = { getItem: () => text, setItem: () => undefined };
    assert.deepEqual(start({ engine: "off", storage }).status, { state: "loading" }, text);
  }
  const storage = place();
  (await served({ storage })).close();
  const [[name, text]] = storage.kept;
  const [hash] = JSON.parse(text);
  for (const kept of [null, {}, { flags: null }, { flags: { dach: null } }, 7]) {
    storage.kept.set(name, JSON.stringify([hash, kept]));
    const client = await served({ storage });
    assert.equal(client.boolean("dach", false), true);
  }
  const broken = { getItem: () => { throw new Error("no"); }, setItem: () => { throw new Error("full"); } };
  (await served({ storage: broken })).close();
  (await served({ storage: null })).close();
  assert.ok(asked().length > 0);
});

test("answers made for somebody else are read until the edge has answered, and nobody is told of them", async () => {
  const bootstrap = await rendered();
  const held = gate();
  relay.before = () => held.opened.then(() => undefined);
  const client = start({ engine: "off", bootstrap, context: { targetingKey: "user-2", country: "FR" }, events: true });
  assert.deepEqual([client.boolean("dach", false), client.status], [true, { state: "ready", source: "bootstrap", pending: true }]);
  const ready = client.ready();
  held.open();
  assert.deepEqual([await ready, client.boolean("dach", true)], [{ state: "ready", source: "values" }, false]);
  await client.flush();
  const told = relay.requests.filter(({ path }) => path === "/v1/events").flatMap(({ body }) => body.events);
  assert.deepEqual(told.map(({ flag, variant }) => [flag, variant]), [["dach", "off"]]);
});

test("the same context in another order is the same", async () => {
  const bootstrap = await rendered();
  const client = start({ engine: "off", bootstrap, context: { country: "DE", targetingKey: "user-1" } });
  assert.deepEqual(client.status, { state: "ready", source: "bootstrap" });
});

test("what this visitor was given before is better than what was made for everybody", async () => {
  const storage = place();
  const own = await served({ storage });
  own.close();
  const bootstrap = await rendered({ context: { country: "FR" } });
  relay.before = async () => new Response("", { status: 503 });
  const client = start({ engine: "off", bootstrap, storage });
  assert.deepEqual([client.status.source, client.status.pending, client.boolean("dach", false)], ["storage", undefined, true]);
});

test("an edge that was set up anew is believed, whatever an earlier visit had kept", async () => {
  const storage = place();
  (await served({ storage })).close();
  for (const [name, text] of storage.kept) {
    const [hash, snapshot] = JSON.parse(text);
    storage.kept.set(name, JSON.stringify([hash, { ...snapshot, version: snapshot.version + 1000 }]));
  }
  const client = start({ engine: "off", storage });
  await until(() => client.status.source === "values", "the edge was believed");
  assert.ok(client.version < 1000);
  assert.equal(client.status.state, "ready");
});

test("the clock of whoever made the answers being ahead does not make them young", async () => {
  const bootstrap = { ...(await rendered()), at: Date.now() + 3_600_000 };
  relay.before = async () => new Response("", { status: 503 });
  const client = start({ engine: "off", bootstrap, maxAgeS: 0.05 });
  await until(() => client.details("dach").stale, "they were too old");
});

test("what a failsafe serves is no variant that the edge could count", async () => {
  const bootstrap = { ...(await rendered()), at: 0 };
  relay.before = async ({ path }) => (path === "/v1/events" ? undefined : new Response("", { status: 503 }));
  const client = start({ engine: "off", bootstrap, events: true });
  assert.deepEqual([client.boolean("pay", true), client.boolean("dach", false)], [false, true]);
  await client.flush();
  const told = relay.requests.filter(({ path }) => path === "/v1/events").flatMap(({ body }) => body.events);
  assert.deepEqual(told.map(({ flag }) => flag), ["dach"]);
});
