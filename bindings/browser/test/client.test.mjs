// The client in node, before a real edge.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "vexil";
import { edge, on, programs, relay, setStage, start, started } from "./stage.mjs";
import { gate, until } from "./support.mjs";

const ruleset = {
  flags: {
    dach: { ...on, rules: [{ name: "by country", when: { attr: "country", in: ["DE", "AT", "CH"] }, serve: "on" }], default: "off" },
    greeting: {
      ...on,
      type: "string",
      variants: { hello: "Hello", servus: "Servus" },
      offVariant: "hello",
      rules: [{ when: { attr: "country", is: "AT" }, serve: "servus" }],
      default: "hello",
    },
    limit: { ...on, type: "number", variants: { few: 3, many: 10.5 }, offVariant: "few", default: "many" },
    prices: { ...on, type: "object", variants: { list: { currency: "EUR", lots: [1, { net: 2 }] }, none: {} }, offVariant: "none", default: "list" },
    half: { ...on, default: { split: [["on", 1], ["off", 1]] } },
    hidden: { ...on, expose: "server", default: "on" },
  },
};

/** With a flag whose rule is not sent. */
const decided = {
  flags: {
    ...ruleset.flags,
    quiet: { ...on, expose: "values", rules: [{ name: "pro", when: { attr: "plan", is: "pro" }, serve: "on" }], default: "off" },
  },
};

setStage(ruleset);

test("before flags are there every read gives its fallback", () => {
  const client = start();
  assert.equal(client.boolean("dach", true), true);
  assert.deepEqual(client.details("dach", false), { value: false, reason: "ERROR", version: 0, errorCode: "PROVIDER_NOT_READY" });
  assert.deepEqual([client.status, client.version, client.flags()], [{ state: "loading" }, 0, []]);
});

test("flags of every type are read, and explained", async () => {
  const client = await started();
  assert.equal(client.boolean("dach", false), true);
  assert.equal(client.string("greeting", ""), "Hello");
  assert.equal(client.number("limit", 0), 10.5);
  assert.deepEqual(client.object("prices", {}), { currency: "EUR", lots: [1, { net: 2 }] });
  const { version } = client;
  assert.deepEqual(client.details("dach", false), { value: true, variant: "on", reason: "TARGETING_MATCH", rule: "by country", version });
  assert.deepEqual(client.details("limit"), { value: 10.5, variant: "many", reason: "STATIC", version });
  assert.equal(client.details("half", false).reason, "SPLIT");
  client.setContext({ country: "AT" });
  assert.deepEqual(client.details("greeting", ""), { value: "Servus", variant: "servus", reason: "TARGETING_MATCH", rule: "0", version });
  assert.deepEqual(client.details("half", true), { value: false, variant: "off", reason: "DEFAULT", version, missingUnit: true });
});

test("an unknown flag, one of another type and one that is not exposed give the fallback", async () => {
  const client = await started();
  const { version } = client;
  for (const key of ["none", "hidden", "", "__proto__", "constructor", "\ud800"]) {
    assert.deepEqual(client.details(key, "mine"), { value: "mine", reason: "ERROR", version, errorCode: "FLAG_NOT_FOUND" }, key);
    assert.equal(client.details(key).value, undefined);
  }
  assert.deepEqual(client.details("dach", "mine"), { value: "mine", reason: "ERROR", version, errorCode: "TYPE_MISMATCH" });
  assert.deepEqual([client.string("dach", "a"), client.number("greeting", 1), client.boolean("prices", true)], ["a", 1, true]);
  assert.deepEqual([...client.flags()].sort(), ["dach", "greeting", "half", "limit", "prices"]);
});

test("what is read cannot be changed for others", async () => {
  const client = await started();
  const prices = client.object("prices", {});
  assert.throws(() => (prices.currency = "USD"), TypeError);
  assert.throws(() => prices.lots[1].net++, TypeError);
  assert.throws(() => (client.details("prices").value = 1), TypeError);
  assert.throws(() => (client.context.country = "FR"), TypeError);
});

test("a new context has its answers at once and costs no request", async () => {
  const client = await started();
  const count = programs().length;
  client.setContext({ ...client.context, country: "FR" });
  assert.equal(client.boolean("dach", true), false);
  assert.deepEqual(client.context, { targetingKey: "user-1", country: "FR" });
  assert.equal(programs().length, count);
});

test("a context for which the engine's memory has to grow is evaluated", async () => {
  const client = await started();
  client.setContext({ country: "x".repeat(1_000_000) });
  assert.equal(client.boolean("dach", true), false);
  client.setContext({ country: "AT" });
  assert.equal(client.boolean("dach", false), true);
});

test("a context that is none is refused, and the old one stays", async () => {
  const client = await started();
  for (const context of [null, [], "DE", { a: 1n }]) assert.throws(() => client.setContext(context), TypeError);
  assert.equal(client.boolean("dach", false), true);
});

test("listeners hear of the flags whose answers changed, and only of those", async () => {
  const client = await started();
  const heard = [];
  const { subscribe } = client;
  const stops = [subscribe(({ changed }) => heard.push(["all", [...changed].sort()]))];
  for (const key of ["dach", "greeting", "limit"]) stops.push(subscribe(key, ({ changed }) => heard.push([key, changed])));
  client.setContext({ ...client.context, country: "FR" });
  assert.deepEqual(heard.splice(0), [["all", ["dach"]], ["dach", ["dach"]]]);
  client.setContext({ ...client.context, plan: "pro" });
  assert.deepEqual(heard.splice(0), []);
  client.setContext({ ...client.context, country: "AT" });
  assert.deepEqual(heard.splice(0), [["all", ["dach", "greeting"]], ["dach", ["dach"]], ["greeting", ["greeting"]]]);
  for (const stop of stops) stop();
  client.setContext({});
  assert.deepEqual(heard, []);
});

test("a listener that throws or stops another does not keep the rest from hearing", async (t) => {
  const client = await started();
  const { mock } = t.mock.method(globalThis, "queueMicrotask", () => undefined);
  const heard = [];
  client.subscribe(() => {
    throw new Error("mine");
  });
  client.subscribe(() => stop());
  const stop = client.subscribe(() => heard.push("stopped"));
  client.subscribe(() => heard.push(client.boolean("dach", true)));
  client.setContext({});
  assert.deepEqual(heard, [false]);
  const [report] = mock.calls.at(-1).arguments;
  assert.throws(report, { message: "mine" });
});

test("details are the same object until something of them changes", async () => {
  const client = await started();
  const [dach, limit] = [client.details("dach"), client.details("limit")];
  client.setContext({ country: "AT" });
  assert.equal(client.details("dach"), dach);
  client.setContext({ country: "FR" });
  assert.notEqual(client.details("dach"), dach);
  assert.equal(client.details("limit"), limit);
});

test("a kill arrives by itself, with the live state alone, and so does its end", async () => {
  const client = await started();
  const heard = [];
  client.subscribe("limit", ({ changed }) => heard.push(...changed));
  const { version } = await edge.kill("limit");
  await until(() => client.version === version, "the kill was seen");
  assert.deepEqual(client.details("limit"), { value: 3, variant: "few", reason: "DISABLED", version });
  assert.match(programs().at(-1).body.etag, /^"[0-9a-f]{16}"$/);
  await edge.restore("limit");
  await until(() => client.number("limit", 0) === 10.5, "it was restored");
  assert.deepEqual(heard, ["limit", "limit"]);
});

test("a new ruleset replaces everything: a flag that is gone is gone", async () => {
  const client = await started();
  const heard = [];
  client.subscribe(({ changed }) => heard.push([...changed].sort()));
  const { limit, ...rest } = ruleset.flags;
  const { version } = await edge.publish({ flags: { added: limit, ...rest, dach: { ...rest.dach, default: "on" } } });
  await until(() => client.version === version, "the new version was seen");
  assert.deepEqual(heard, [["added", "limit"]]);
  assert.deepEqual([client.number("limit", 1), client.number("added", 1)], [1, 10.5]);
});

test("a flag whose rules are not sent is asked for again when the context changes", async () => {
  await edge.publish(decided);
  const client = await started();
  assert.equal(client.boolean("quiet", true), false);
  client.setContext({ ...client.context, plan: "pro", country: "FR" });
  assert.deepEqual([client.boolean("quiet", true), client.boolean("dach", true)], [false, false], "the last answer, and a new one");
  await until(() => client.boolean("quiet", false), "the edge decided anew");
  assert.deepEqual(programs().at(-1).body.context, { targetingKey: "user-1", plan: "pro", country: "FR" });
});

test("a change of what no unsent rule reads costs no request", async () => {
  await edge.publish(decided);
  const client = await started();
  client.setContext({ ...client.context, country: "FR", cart: 3 });
  assert.equal(client.boolean("dach", true), false);
  client.setContext({ ...client.context, plan: "pro" });
  await until(() => client.boolean("quiet", false), "the edge decided anew");
  assert.deepEqual(programs().map(({ body }) => body.context.plan), [undefined, "pro"]);
});

test("an answer for an older context is dropped", async () => {
  await edge.publish(decided);
  const client = await started();
  const held = gate();
  relay.before = async ({ body }) => body?.context.plan === "pro" && held.opened.then(() => undefined);
  const heard = [];
  client.subscribe("quiet", () => heard.push(client.details("quiet").value));
  client.setContext({ plan: "pro" });
  await until(() => programs().at(-1).body.context.plan === "pro", "it was asked for");
  client.setContext({ plan: "free", round: 2 });
  held.open();
  await until(() => programs().at(-1).body.context.round === 2, "the newer context was asked for");
  await until(() => client.details("quiet").reason !== "ERROR", "an answer came");
  assert.deepEqual(heard, []);
});

test("an older version is refused", async () => {
  const client = await started();
  const { version } = client;
  const old = gate();
  relay.before = async ({ path }, pass) => {
    if (path !== "/v1/program") return undefined;
    const answer = await pass();
    const headers = new Headers(answer.headers);
    headers.set("Vexil-Version", String(version - 1));
    old.open();
    return new Response(await answer.arrayBuffer(), { headers });
  };
  const killed = await edge.kill("limit");
  await old.opened;
  await until(() => client.status.state === "stale", "the client saw that the edge is behind");
  assert.deepEqual([client.version, client.number("limit", 0)], [version, 10.5]);
  relay.before = async () => undefined;
  await until(() => client.version === killed.version, "it caught up");
  assert.deepEqual([client.status.state, client.number("limit", 0)], ["ready", 3]);
  await edge.restore("limit");
});

test("while the edge cannot be reached the last answers stay, and it is asked again", async () => {
  const client = await started();
  relay.before = async () => new Response("down", { status: 503 });
  for (const stream of relay.streams) stream.destroy();
  await until(() => client.status.state === "stale", "the loss was seen");
  assert.equal(client.status.problem, "the edge answered 503");
  assert.equal(client.boolean("dach", false), true);
  relay.before = async () => undefined;
  await until(() => client.status.state === "ready", "it is back");
});

test("an edge that asks for more time than a timer can wait is not asked at once", async () => {
  let asked = 0;
  const headers = { "Retry-After": String(30 * 24 * 3600) };
  const client = start({ fetch: async (url) => (asked += url.endsWith("/program"), new Response("", { status: 429, headers })) });
  await client.ready({ timeoutMs: 300 });
  assert.equal(asked, 1);
});

test("a stream that is refused for a while is asked for after that", async () => {
  const asked = [];
  relay.before = async ({ path }) => {
    if (!path.startsWith("/v1/stream")) return undefined;
    return asked.push(Date.now()) === 1 ? new Response("", { status: 429, headers: { "Retry-After": "2" } }) : undefined;
  };
  await started();
  await until(() => asked.length === 2, "it was asked for again");
  assert.ok(asked[1] - asked[0] >= 1_990, `after ${asked[1] - asked[0]} ms`);
});

test("ready tells of a wrong key at once, of a slow edge in time, and never rejects", async () => {
  const refused = start({ key: "wrong" });
  assert.deepEqual(await refused.ready(), { state: "loading", problem: "the edge answered 401: is the key right?", refused: true });
  relay.before = () => gate().opened;
  assert.deepEqual(await start().ready({ timeoutMs: 20 }), { state: "loading" });
  const unreachable = start({ fetch: () => Promise.reject(new TypeError("no network")) });
  assert.deepEqual(await unreachable.ready({ timeoutMs: 20 }), { state: "loading", problem: "the edge cannot be reached: no network" });
});

test("what is no edge, no program or no engine is a problem in words", async () => {
  const body = (bytes, headers) => async () => new Response(Uint8Array.from(bytes), { headers });
  const problems = async (options) => {
    const client = start(options);
    await client.ready({ timeoutMs: 200 });
    return [client.status.problem, client.status.engineProblem];
  };
  const noEdge = "the edge answered 200: is the url right?";
  const version = { "Vexil-Version": "1" };
  assert.deepEqual(await problems({ fetch: body([60, 104, 116, 109, 108], {}) }), [noEdge, undefined]);
  assert.deepEqual(await problems({ fetch: body([8, 0, 0, 0, 1], version) }), [noEdge, "the edge sent no program"]);
  assert.deepEqual(await problems({ fetch: body([0, 0, 0, 0], version) }), [noEdge, "the edge sent no program"]);
  assert.deepEqual(await problems({ fetch: body([1, 0, 0, 0, 1], version) }), [noEdge, "the edge sent a program that cannot be read: it is none"]);
});

test("a client that is closed asks for nothing, keeps its answers and resolves who waits", async () => {
  const client = await started();
  client.close();
  await until(() => relay.streams.size === 0, "the stream ended");
  const count = relay.requests.length;
  client.setContext({ country: "FR" });
  const { version } = await edge.kill("limit");
  assert.deepEqual([client.status, client.boolean("dach", false), client.number("limit", 0)], [{ state: "closed", source: "local" }, true, 10.5]);
  assert.ok(client.version < version);
  assert.equal(relay.requests.length, count);
  await edge.restore("limit");
  const waiting = start();
  const ready = waiting.ready();
  waiting.close();
  assert.deepEqual(await ready, { state: "closed" });
});

test("requests need no preflight, and carry what they must", async () => {
  const client = await started({ url: `${relay.url}/` });
  const [{ type, body }] = programs();
  assert.match(type, /^text\/plain/);
  assert.deepEqual(body, { key: edge.key, context: client.context });
  await until(() => relay.requests.some(({ path }) => path === `/v1/stream?key=${edge.key}`), "the stream was opened");
  assert.equal(programs().length, 1);
});

test("options that cannot be right are refused with a sentence", () => {
  const refused = (options, message) => assert.throws(() => createClient({ url: "http://localhost", key: "k", ...options }), { name: "TypeError", message });
  refused({ url: "flags" }, "createClient: `url` must be an http or https address");
  refused({ url: "ftp://localhost" }, /must be an http or https address/);
  refused({ url: undefined }, /must be an http or https address/);
  refused({ key: "" }, "createClient: `key` must be a browser key");
  refused({ key: 7 }, /`key` must be/);
  refused({ context: [] }, "the context must be an object");
});
