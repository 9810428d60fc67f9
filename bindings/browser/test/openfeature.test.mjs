// The provider for pages, with OpenFeature's SDK for them and a real edge.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { OpenFeature, ProviderEvents } from "@openfeature/web-sdk";
import { build } from "esbuild";
import { VexilProvider } from "vexil/openfeature";
import { edge, on, relay, setStage, start, started } from "./stage.mjs";
import { gate, until } from "./support.mjs";

const ruleset = {
  flags: {
    dach: { ...on, rules: [{ name: "by country", when: { attr: "country", in: ["DE", "AT", "CH"] }, serve: "on" }], default: "off" },
    greeting: { ...on, type: "string", variants: { hello: "Hello" }, offVariant: "hello", default: "hello" },
    limit: { ...on, type: "number", variants: { few: 3, many: 10.5 }, offVariant: "few", default: "many" },
    prices: { ...on, type: "object", variants: { list: { lots: [1, { net: 2 }] }, none: {} }, offVariant: "none", default: "list" },
    half: { ...on, default: { split: [["on", 1], ["off", 1]] } },
    open: { ...on, variants: { given: true, caller: null }, offVariant: "caller", default: "caller" },
    shape: { ...on, type: "object", variants: { given: {}, caller: null }, offVariant: "caller", default: "caller" },
    quiet: { ...on, expose: "values", rules: [{ when: { attr: "plan", is: "pro" }, serve: "on" }], default: "off" },
  },
};
const german = { targetingKey: "user-1", country: "DE" };
const EVENTS = [ProviderEvents.Ready, ProviderEvents.ConfigurationChanged, ProviderEvents.ContextChanged, ProviderEvents.Reconciling, ProviderEvents.Stale, ProviderEvents.Error];

afterEach(() => OpenFeature.clearProviders());
setStage(ruleset);

let domains = 0;

/** A provider that is set for a domain of its own, the SDK's client for it, and what that hears. */
function set(given = {}, context = german) {
  const options = { url: relay.url, key: edge.key, engine: "eager", events: false, ...given };
  const provider = new VexilProvider("details" in given ? given : options);
  const domain = `domain ${(domains += 1)}`;
  const client = OpenFeature.getClient(domain);
  const heard = [];
  for (const event of EVENTS) client.addHandler(event, (details) => heard.push([event.replace("PROVIDER_", ""), details?.flagsChanged ?? details?.message]));
  heard.length = 0;
  const ready = OpenFeature.setProviderAndWait(domain, provider, context);
  ready.catch(() => undefined);
  return { provider, domain, client, heard, ready };
}

async function ready(options, context) {
  const stage = set(options, context);
  await stage.ready;
  stage.heard.length = 0;
  return stage;
}

test("flags of every type are read with what there is to say of them", async () => {
  const { client, provider } = await ready();
  const { version } = provider.client;
  const read = [client.getBooleanValue("dach", false), client.getStringValue("greeting", ""), client.getNumberValue("limit", 0), client.getObjectValue("prices", {})];
  assert.deepEqual(read, [true, "Hello", 10.5, { lots: [1, { net: 2 }] }]);
  const { flagKey, ...details } = client.getBooleanDetails("dach", false);
  assert.deepEqual(details, { value: true, variant: "on", reason: "TARGETING_MATCH", flagMetadata: { version, rule: "by country" } });
  assert.equal(client.getBooleanDetails("half", false).reason, "SPLIT");
  provider.client.setContext({});
  assert.deepEqual(client.getBooleanDetails("half", true).flagMetadata, { version, missingUnit: true });
});

test("a variant that is null leaves the answer to the caller, which is no error", async () => {
  const { client } = await ready();
  const { value, variant, reason, errorCode } = client.getBooleanDetails("open", true);
  assert.deepEqual([value, variant, reason, errorCode], [true, "caller", "STATIC", undefined]);
  assert.deepEqual(client.getObjectValue("shape", { mine: 1 }), { mine: 1 });
});

test("what cannot be read gives the fallback, and OpenFeature's code for why", async () => {
  const { client } = await ready();
  const code = ({ value, errorCode, reason, variant }) => [value, errorCode, reason, variant];
  assert.deepEqual(code(client.getBooleanDetails("none", true)), [true, "FLAG_NOT_FOUND", "ERROR", undefined]);
  assert.deepEqual(code(client.getStringDetails("dach", "mine")), ["mine", "TYPE_MISMATCH", "ERROR", undefined]);
  assert.deepEqual(code(client.getObjectDetails("limit", [1])), [[1], "TYPE_MISMATCH", "ERROR", undefined]);
  assert.deepEqual(code(client.getBooleanDetails("prices", true)), [true, "TYPE_MISMATCH", "ERROR", undefined]);
  assert.match(client.getStringDetails("dach", "mine").errorMessage, /another type/);
  relay.before = () => gate().opened;
  assert.deepEqual(code(set().client.getBooleanDetails("dach", true)), [true, "PROVIDER_NOT_READY", "ERROR", undefined]);
});

test("hooks see the variant and the version", async () => {
  const { client, provider } = await ready();
  const seen = [];
  client.addHooks({ after: ({ flagKey, context }, { variant, flagMetadata }) => seen.push([flagKey, context.country, variant, flagMetadata.version]) });
  client.getBooleanValue("dach", false);
  assert.deepEqual(seen, [["dach", "DE", "on", provider.client.version]]);
});

test("setting it waits for flags, and says so once", async () => {
  const held = gate();
  relay.before = () => held.opened.then(() => undefined);
  const { ready, heard, client } = set();
  assert.equal(client.providerStatus, "NOT_READY");
  held.open();
  await ready;
  assert.deepEqual([client.providerStatus, heard], ["READY", [["READY", undefined]]]);
});

test("a key that is refused is fatal; one that comes to be is not", async () => {
  const { ready, client, heard } = set({ key: "wrong" });
  await assert.rejects(ready, { code: "PROVIDER_FATAL", message: "the edge answered 401: is the key right?" });
  assert.equal(client.providerStatus, "FATAL");
  assert.deepEqual(heard, [["ERROR", "the edge answered 401: is the key right?"]]);
  assert.equal(client.getBooleanDetails("dach", true).errorCode, "PROVIDER_FATAL");
  const invalid = set({ url: "flags" });
  await assert.rejects(invalid.ready, /must be an http or https address/);
});

test("flags that come after all make it ready", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const held = gate();
  relay.before = () => held.opened.then(() => undefined);
  const { ready, client, heard } = set();
  t.mock.timers.tick(10_000);
  await assert.rejects(ready, { code: "PROVIDER_NOT_READY", message: "the edge has not answered yet" });
  assert.equal(client.providerStatus, "ERROR");
  t.mock.timers.reset();
  held.open();
  await until(() => client.providerStatus === "READY", "it is ready");
  assert.equal(client.getBooleanValue("dach", false), true);
  assert.deepEqual(heard.map(([event]) => event), ["ERROR", "READY", "CONFIGURATION_CHANGED"]);
});

test("with answers in the page it is ready before anything else happens", async () => {
  const snapshot = (await started()).snapshot();
  relay.before = () => gate().opened;
  const { client, ready, heard } = set({ bootstrap: snapshot, engine: "lazy" }, snapshot.context);
  assert.equal(client.providerStatus, "READY");
  assert.equal(client.getBooleanValue("dach", false), true);
  await ready;
  assert.deepEqual(heard, [["READY", undefined]]);
});

test("without a context of OpenFeature's the client keeps its own", async () => {
  const { client, provider } = await ready({ context: german }, {});
  assert.deepEqual([client.getBooleanValue("dach", false), provider.client.context], [true, german]);
});

test("where the rules are here a new context is there at once, and nothing reconciles", async () => {
  const { client, domain, heard } = await ready();
  const changed = OpenFeature.setContext(domain, { ...german, country: "FR" });
  assert.deepEqual([client.getBooleanValue("dach", true), client.providerStatus], [false, "READY"]);
  await changed;
  assert.deepEqual(heard, [["CONTEXT_CHANGED", undefined]]);
});

test("where the edge decides a new context is waited for", async () => {
  const { client, domain, heard } = await ready({ engine: "off" });
  const changed = OpenFeature.setContext(domain, { ...german, country: "FR" });
  assert.deepEqual([client.getBooleanValue("dach", false), client.providerStatus], [true, "RECONCILING"]);
  await changed;
  assert.deepEqual([client.getBooleanValue("dach", true), client.providerStatus], [false, "READY"]);
  assert.deepEqual(heard, [["RECONCILING", undefined], ["CONTEXT_CHANGED", undefined]]);
});

test("of rules that are here only what the edge decides is waited for", async () => {
  const { client, domain, heard } = await ready();
  await OpenFeature.setContext(domain, { ...german, plan: "pro" });
  assert.equal(client.getBooleanValue("quiet", false), true);
  assert.deepEqual(heard.map(([event]) => event), ["RECONCILING", "CONTEXT_CHANGED"]);
});

test("a context for which the edge cannot be asked is an error, until it can", async () => {
  const { client, domain, heard } = await ready({ engine: "off" });
  relay.before = async () => new Response("down", { status: 503 });
  await OpenFeature.setContext(domain, { ...german, country: "FR" });
  assert.deepEqual([client.getBooleanValue("dach", false), client.providerStatus], [true, "ERROR"]);
  relay.before = async () => undefined;
  await until(() => client.providerStatus === "READY", "it is ready again");
  assert.equal(client.getBooleanValue("dach", true), false);
  assert.deepEqual(heard.slice(-2), [["READY", undefined], ["CONFIGURATION_CHANGED", ["dach"]]]);
});

test("a context that is answered after more than ten seconds is an error until then", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { client, domain, heard } = await ready({ engine: "off" });
  const held = gate();
  relay.before = () => held.opened.then(() => undefined);
  const changed = OpenFeature.setContext(domain, { ...german, country: "FR" });
  t.mock.timers.tick(10_000);
  await changed;
  assert.equal(client.providerStatus, "ERROR");
  t.mock.timers.reset();
  held.open();
  await until(() => client.providerStatus === "READY", "it is ready again");
  assert.deepEqual(heard.slice(-2), [["READY", undefined], ["CONFIGURATION_CHANGED", ["dach"]]]);
});

test("beside the SDK it is at most 1.5 kB", async () => {
  const entry = fileURLToPath(import.meta.resolve("vexil/openfeature"));
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, minify: true, format: "esm", target: "es2022", external: ["vexil", "@openfeature/*"], write: false });
  const { length } = brotliCompressSync(outputFiles[0].contents);
  assert.ok(length <= 1_500, `${length} bytes`);
});

test("a context that JSON cannot carry is an error, and the next one is not", async () => {
  const { client, domain, heard } = await ready();
  await OpenFeature.setContext(domain, { ...german, count: 1n });
  assert.deepEqual([client.providerStatus, client.getBooleanValue("dach", false)], ["ERROR", true]);
  await OpenFeature.setContext(domain, { ...german, since: new Date(0) });
  assert.equal(client.providerStatus, "READY");
  assert.deepEqual(heard.map(([event]) => event), ["RECONCILING", "ERROR", "CONTEXT_CHANGED"]);
});

test("a kill names the flags that changed", async () => {
  const { client, heard } = await ready();
  await edge.kill("limit");
  await until(() => heard.length > 0, "it was heard");
  assert.deepEqual(heard, [["CONFIGURATION_CHANGED", ["limit"]]]);
  assert.deepEqual([client.getNumberDetails("limit", 0).reason, client.getNumberValue("limit", 0)], ["DISABLED", 3]);
  await edge.restore("limit");
});

test("an edge that is gone makes it stale, and one that is back ready", async () => {
  const { client, heard } = await ready();
  relay.before = async () => new Response("down", { status: 503 });
  for (const stream of relay.streams) stream.destroy();
  await until(() => client.providerStatus === "STALE", "it is stale");
  assert.equal(client.getBooleanValue("dach", false), true);
  relay.before = async () => undefined;
  await until(() => client.providerStatus === "READY", "it is ready again");
  assert.deepEqual(heard, [["STALE", "the edge answered 503"], ["READY", undefined]]);
});

test("answers that are too old say so", async () => {
  const snapshot = (await started()).snapshot();
  relay.before = () => gate().opened;
  const { client } = set({ bootstrap: { ...snapshot, at: 0 }, engine: "off" }, snapshot.context);
  assert.equal(client.getBooleanDetails("dach", false).flagMetadata.stale, true);
});

test("what is tracked is told to the edge, with its value", async () => {
  relay.before = async ({ path }) => (path === "/v1/events" ? new Response(null, { status: 202 }) : undefined);
  const { client, provider } = await ready({ events: true });
  client.track("checkout", { value: 12.5, currency: "EUR" });
  client.track("seen");
  await provider.client.flush();
  const told = relay.requests.filter(({ path }) => path === "/v1/events").flatMap(({ body }) => body.events);
  assert.deepEqual(told.map(({ metric, value }) => [metric, value]), [["checkout", 12.5], ["seen", undefined]]);
});

test("its own client is closed when it is replaced; one that it was given goes on", async () => {
  const own = await ready();
  const given = await started();
  const other = await ready(given, { country: "FR" });
  assert.deepEqual([other.provider.client, other.client.getBooleanValue("dach", true)], [given, false]);
  await OpenFeature.clearProviders();
  assert.deepEqual([own.provider.client.status.state, given.status.state], ["closed", "ready"]);
  other.heard.length = 0;
  given.setContext(german);
  assert.deepEqual([given.boolean("dach", false), other.heard], [true, []]);
});
