import assert from "node:assert/strict";
import { before, test } from "node:test";

import { OFREPProvider } from "@openfeature/ofrep-provider";
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature as Server } from "@openfeature/server-sdk";
import { OpenFeature as Web, ProviderEvents } from "@openfeature/web-sdk";
import { EventSource } from "undici";

import { BROWSER, RULESET, SERVER, startEdge } from "./support.mjs";

let edge;
before(async () => {
  edge = await startEdge();
  await edge.publish(RULESET);
});

test("the published server provider evaluates every type", async (t) => {
  const headers = { authorization: `Bearer ${SERVER}` };
  await Server.setProviderAndWait(new OFREPProvider({ baseUrl: edge.url, headers }));
  t.after(() => Server.close());
  const client = Server.getClient();
  const context = { targetingKey: "user-1", country: "DE" };

  const checkout = await client.getBooleanDetails("checkout", false, context);
  assert.deepEqual([checkout.value, checkout.variant, checkout.reason], [true, "on", "TARGETING_MATCH"]);
  assert.equal(checkout.flagMetadata.rule, "dach");
  assert.ok(checkout.flagMetadata.version >= 1);
  assert.equal(await client.getStringValue("banner", "x", { email: "a@canary.example" }), "hello staff");
  assert.ok([10, 1.5].includes(await client.getNumberValue("limit", 0, context)));
  assert.deepEqual(await client.getObjectValue("prices", {}, context), RULESET.flags.prices.variants.list);
  assert.equal(await client.getBooleanValue("server-only.canary", false, context), true);

  const missing = await client.getBooleanDetails("no-such-flag", true, context);
  assert.deepEqual([missing.value, missing.reason, missing.errorCode], [true, "ERROR", "FLAG_NOT_FOUND"]);
  const mistyped = await client.getStringDetails("checkout", "fallback", context);
  assert.deepEqual([mistyped.value, mistyped.errorCode], ["fallback", "TYPE_MISMATCH"]);

  await edge.kill("checkout");
  assert.equal((await client.getBooleanDetails("checkout", true, context)).reason, "DISABLED");
  await edge.restore("checkout");
});

test("the published web provider evaluates, and follows a change of context and a kill it was told of", async (t) => {
  // Browsers have it; this Node does not yet.
  globalThis.EventSource ??= EventSource;
  await Web.setContext({ targetingKey: "user-1", country: "DE" });
  const headers = [["x-api-key", BROWSER]];
  await Web.setProviderAndWait(new OFREPWebProvider({ baseUrl: edge.url, headers, cacheMode: "disabled" }));
  t.after(() => Web.close());
  const client = Web.getClient();

  assert.equal(client.getBooleanValue("checkout", false), true);
  assert.equal(client.getBooleanDetails("checkout", false).flagMetadata.rule, "dach");
  assert.deepEqual(client.getObjectValue("prices", {}), RULESET.flags.prices.variants.list);
  const hidden = client.getBooleanDetails("server-only.canary", false);
  assert.deepEqual([hidden.value, hidden.errorCode], [false, "FLAG_NOT_FOUND"]);

  await Web.setContext({ targetingKey: "user-1", country: "FR" });
  assert.equal(client.getBooleanValue("checkout", true), false);
  await Web.setContext({ targetingKey: "user-1", country: "DE" });
  assert.equal(client.getBooleanValue("checkout", false), true);

  const changed = new Promise((resolve) => {
    // The stream begins with the newest version, which changes nothing.
    client.addHandler(ProviderEvents.ConfigurationChanged, ({ flagsChanged }) => flagsChanged.length > 0 && resolve(flagsChanged));
  });
  await edge.kill("checkout");
  assert.deepEqual(await changed, ["checkout"]);
  assert.equal(client.getBooleanValue("checkout", true), false);
  assert.equal(client.getBooleanDetails("checkout", true).reason, "DISABLED");
});
