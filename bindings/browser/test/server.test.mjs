// The provider for servers, with OpenFeature's SDK for them and a real edge.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { OpenFeature, ProviderEvents } from "@openfeature/server-sdk";
import { VexilServerProvider } from "vexil/server";
import { testSecrets } from "../../edge/local.mjs";
import { edge, on, relay, setStage } from "./stage.mjs";
import { gate, until } from "./support.mjs";

const ruleset = {
  private: ["age"],
  flags: {
    dach: { ...on, rules: [{ name: "by country", when: { attr: "country", in: ["DE", "AT", "CH"] }, serve: "on" }], default: "off" },
    greeting: { ...on, type: "string", variants: { hello: "Hello" }, offVariant: "hello", default: "hello" },
    limit: { ...on, type: "number", variants: { few: 3, many: 10.5 }, offVariant: "few", default: "many" },
    prices: { ...on, type: "object", variants: { list: { lots: [1] }, none: {} }, offVariant: "none", default: "list" },
    quiet: { ...on, expose: "values", rules: [{ when: { attr: "plan", is: "pro" }, serve: "on" }], default: "off" },
    hidden: { ...on, expose: "server", rules: [{ when: { attr: "age", gte: 18 }, serve: "on" }], default: "off" },
    half: { ...on, expose: "server", default: { split: [["on", 1], ["off", 1]] } },
  },
};
const german = { targetingKey: "user-1", country: "DE" };

afterEach(() => OpenFeature.clearProviders());
setStage(ruleset);

let domains = 0;

function set(options) {
  const domain = `domain ${(domains += 1)}`;
  const client = OpenFeature.getClient(domain);
  const heard = [];
  for (const event of Object.values(ProviderEvents)) client.addHandler(event, () => heard.push(event.replace("PROVIDER_", "")));
  heard.length = 0;
  const provider = new VexilServerProvider({ url: relay.url, key: testSecrets.VEXIL_SERVER_KEY, ...options });
  const ready = OpenFeature.setProviderAndWait(domain, provider);
  ready.catch(() => undefined);
  return { client, heard, ready };
}

async function ready(options) {
  const stage = set(options);
  await stage.ready;
  stage.heard.length = 0;
  return stage;
}

test("flags of every type and exposure are read for the context of the call", async () => {
  const { client } = await ready();
  const values = await Promise.all([client.getBooleanValue("dach", false, german), client.getStringValue("greeting", ""), client.getNumberValue("limit", 0), client.getObjectValue("prices", {})]);
  assert.deepEqual(values, [true, "Hello", 10.5, { lots: [1] }]);
  const { flagMetadata, variant, reason } = await client.getBooleanDetails("dach", false, german);
  assert.deepEqual([variant, reason, flagMetadata.rule, flagMetadata.version > 0], ["on", "TARGETING_MATCH", "by country", true]);
  assert.equal(await client.getBooleanValue("quiet", false, { plan: "pro" }), true);
  assert.equal(await client.getBooleanValue("hidden", false, { age: 18 }), true);
});

test("many contexts at once have each their own answers, and cost no request", async () => {
  const { client } = await ready();
  const count = relay.requests.length;
  const users = Array.from({ length: 200 }, (_, user) => ({ targetingKey: `user-${user}`, country: user % 2 ? "DE" : "FR", age: user % 3 ? 18 : 17, since: new Date(0) }));
  const read = ({ country, age }, [dach, hidden]) => assert.deepEqual([dach, hidden], [country === "DE", age === 18]);
  const answers = await Promise.all(users.map((user) => Promise.all([client.getBooleanValue("dach", false, user), client.getBooleanValue("hidden", false, user)])));
  users.forEach((user, index) => read(user, answers[index]));
  assert.equal(relay.requests.length, count);
});

test("the engine here and the edge place every unit alike", async () => {
  const { client } = await ready();
  const asked = async (targetingKey) => {
    const headers = { authorization: `Bearer ${testSecrets.VEXIL_SERVER_KEY}` };
    const response = await fetch(`${edge.url}/ofrep/v1/evaluate/flags/half`, { method: "POST", headers, body: JSON.stringify({ context: { targetingKey } }) });
    return (await response.json()).value;
  };
  const units = Array.from({ length: 40 }, (_, unit) => `unit-${unit}`);
  const here = await Promise.all(units.map((targetingKey) => client.getBooleanValue("half", false, { targetingKey })));
  assert.deepEqual(here, await Promise.all(units.map(asked)));
  assert.deepEqual([here.includes(true), here.includes(false)], [true, true]);
});

test("what cannot be read gives the fallback, and OpenFeature's code for why", async () => {
  const { client } = await ready();
  const code = async (details) => (({ value, errorCode }) => [value, errorCode])(await details);
  assert.deepEqual(await code(client.getBooleanDetails("none", true)), [true, "FLAG_NOT_FOUND"]);
  assert.deepEqual(await code(client.getStringDetails("dach", "mine")), ["mine", "TYPE_MISMATCH"]);
  assert.deepEqual(await code(client.getBooleanDetails("dach", true, { count: 1n })), [true, "INVALID_CONTEXT"]);
  relay.before = () => gate().opened;
  assert.deepEqual(await code(set().client.getBooleanDetails("dach", true)), [true, "PROVIDER_NOT_READY"]);
});

test("a kill arrives by itself and is heard of", async () => {
  const { client, heard } = await ready();
  await edge.kill("hidden");
  await until(() => heard.length > 0, "it was heard");
  const { value, reason } = await client.getBooleanDetails("hidden", true, { age: 18 });
  assert.deepEqual([value, reason, heard], [false, "DISABLED", ["CONFIGURATION_CHANGED"]]);
  await edge.restore("hidden");
});

test("an edge that is gone makes it stale, answers go on, and one that is back makes it ready", async () => {
  const { client, heard } = await ready();
  relay.before = async () => new Response("down", { status: 503 });
  for (const stream of relay.streams) stream.destroy();
  await until(() => client.providerStatus === "STALE", "it is stale");
  assert.equal(await client.getBooleanValue("dach", false, german), true);
  relay.before = async () => undefined;
  await until(() => client.providerStatus === "READY", "it is ready again");
  assert.deepEqual(heard, ["STALE", "READY"]);
});

test("answers that nobody confirms are stale after their age", async () => {
  const { client } = await ready({ maxAgeS: 0 });
  assert.equal((await client.getBooleanDetails("dach", false, german)).flagMetadata.stale, true);
});

test("the key is a secret: no address has it", async () => {
  await ready();
  await until(() => relay.streams.size > 0, "the stream was opened");
  assert.deepEqual(relay.requests.map(({ path }) => path).sort(), ["/v1/program", "/v1/stream"]);
});

test("a key that is refused and a program that the engine cannot read are fatal", async () => {
  await assert.rejects(set({ key: "wrong" }).ready, { code: "PROVIDER_FATAL", message: "the edge answered 401: is the key right?" });
  await edge.publish({ flags: { half: { ...on, default: { split: [["on", 1], ["off", 1]], hash: "eppo-md5" } } } });
  const { ready, client } = set();
  await assert.rejects(ready, { code: "PROVIDER_FATAL", message: "the edge sent a program that cannot be read: it has the hashes of other vendors" });
  assert.equal((await client.getBooleanDetails("half", true)).errorCode, "PROVIDER_FATAL");
});

test("with the key of a browser, what the edge decides is an error and no guess", async () => {
  const { client } = await ready({ key: edge.key });
  assert.equal(await client.getBooleanValue("dach", false, german), true);
  const { errorCode, errorMessage } = await client.getBooleanDetails("quiet", false, { plan: "pro" });
  assert.deepEqual([errorCode, errorMessage], ["GENERAL", "the edge decides it for browsers: a server needs a server key"]);
  assert.equal((await client.getBooleanDetails("hidden", false)).errorCode, "FLAG_NOT_FOUND");
});
