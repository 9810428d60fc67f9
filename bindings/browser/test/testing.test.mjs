// A client for tests of others, as such a test uses it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createTestClient } from "vexil/testing";

const FLAGS = { "one-page-checkout": true, theme: "dark", limit: 3, prices: { currency: "EUR" } };
const start = (options) => createTestClient({ flags: FLAGS, ...options });

test("it is ready at once, and its flags come to what was chosen", async () => {
  const client = start({ context: { targetingKey: "user-1" } });
  assert.equal(client.boolean("one-page-checkout", false), true);
  assert.equal(client.string("theme", "light"), "dark");
  assert.equal(client.number("limit", 0), 3);
  assert.deepEqual(client.object("prices", {}), { currency: "EUR" });
  assert.deepEqual(client.details("theme"), { value: "dark", variant: "dark", reason: "STATIC", version: client.version });
  assert.deepEqual(client.flags(), Object.keys(FLAGS));
  assert.deepEqual(client.context, { targetingKey: "user-1" });
  assert.equal((await client.ready()).state, "ready");
});

test("what it was not told of is unknown, and of another type it gives the fallback", () => {
  const client = start();
  assert.equal(client.boolean("unknown", true), true);
  assert.equal(client.details("unknown", true).errorCode, "FLAG_NOT_FOUND");
  assert.equal(client.boolean("theme", true), true);
  assert.equal(client.details("theme", true).errorCode, "TYPE_MISMATCH");
  assert.equal(createTestClient().status.state, "ready");
});

test("listeners hear of what is chosen anew, and of nothing else", () => {
  const client = start();
  const heard = [];
  client.subscribe("theme", () => heard.push(client.string("theme", "none")));
  client.set("theme", "light");
  client.set({ theme: "light", limit: 4 });
  client.set("theme", undefined);
  client.reset();
  assert.deepEqual(heard, ["light", "none", "dark"]);
});

test("reads are noted once for each value and unit", () => {
  const client = start();
  client.boolean("one-page-checkout", false);
  client.boolean("one-page-checkout", false);
  client.boolean("unknown", false);
  client.set("limit", 4);
  client.boolean("one-page-checkout", false);
  client.set("one-page-checkout", false);
  client.boolean("one-page-checkout", true);
  client.setContext({ targetingKey: "user-2" });
  client.boolean("one-page-checkout", true);
  const flag = "one-page-checkout";
  assert.deepEqual(client.exposures, [{ flag, value: true }, { flag, value: false }, { flag, value: false }]);
});

test("what happened is noted", () => {
  const client = start();
  client.track("checkout-error");
  client.track("items", 3);
  client.time("checkout-ms", 812);
  assert.deepEqual(client.metrics, [{ metric: "checkout-error" }, { metric: "items", value: 3 }, { metric: "checkout-ms", value: 812 }]);
});

test("a reset brings back the beginning, and what was noted is forgotten", () => {
  const client = start({ context: { plan: "pro" } });
  client.setContext({});
  client.string("theme", "");
  client.set({ theme: "light", more: 1 });
  client.track("seen");
  client.reset();
  assert.deepEqual([client.exposures, client.metrics, client.context], [[], [], { plan: "pro" }]);
  assert.deepEqual([client.string("theme", ""), client.number("more", 0)], ["dark", 0]);
  assert.deepEqual(client.exposures, [{ flag: "theme", value: "dark" }]);
});

test("what was chosen is copied, and frozen only there", () => {
  const prices = { currency: "EUR" };
  const client = createTestClient({ flags: { prices } });
  prices.currency = "CHF";
  client.set("theme", "dark");
  client.reset();
  assert.deepEqual(client.object("prices", {}), { currency: "EUR" });
  assert.throws(() => (client.object("prices", {}).currency = "USD"), TypeError);
});

test("its answers never grow stale", (t) => {
  t.mock.timers.enable({ apis: ["Date", "setTimeout"] });
  const client = start();
  t.mock.timers.tick(30 * 24 * 3600 * 1000);
  client.setContext({});
  assert.equal(client.status.state, "ready");
});
