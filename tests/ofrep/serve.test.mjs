import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { after, test } from "node:test";

import { OFREPProvider } from "@openfeature/ofrep-provider";
import { OpenFeature } from "@openfeature/server-sdk";
import { createClient } from "vexil";

import { startServe } from "./serve.mjs";
import { expectations, readFixture } from "./suite.mjs";

const FIXTURE = readFixture();
const GERMAN = { targetingKey: "user-1", country: "DE" };

const served = await startServe("--exposed-only");
after(served.stop);
const whole = await startServe();
after(whole.stop);

test("the published provider evaluates every type, and flags that no browser sees", async (t) => {
  await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl: whole.url }));
  t.after(() => OpenFeature.close());
  const client = OpenFeature.getClient();
  const checkout = await client.getBooleanDetails("checkout", false, GERMAN);
  assert.deepEqual([checkout.value, checkout.variant, checkout.reason], [true, "on", "TARGETING_MATCH"]);
  assert.equal(await client.getStringValue("banner", "x", { email: "a@staff.example" }), "hello staff");
  assert.equal(await client.getNumberValue("limit", 0, GERMAN), 10);
  assert.deepEqual(await client.getObjectValue("prices", {}, GERMAN), { currency: "EUR", "A–Z": [1.5, null] });
  assert.equal(await client.getBooleanValue("server-only", false, GERMAN), true);
  const missing = await client.getBooleanDetails("no-such-flag", true, GERMAN);
  assert.deepEqual([missing.value, missing.errorCode], [true, "FLAG_NOT_FOUND"]);
});

test("a save with issues is told, and changes no answer; the next that has none does", async () => {
  const answer = async () => {
    const response = await fetch(`${whole.url}/ofrep/v1/evaluate/flags/checkout`, { method: "POST", body: JSON.stringify({ context: GERMAN }) });
    return (await response.json()).variant;
  };
  const health = async () => (await fetch(`${whole.url}/healthz`)).json();
  const said = await whole.save(({ flags }) => Object.assign(flags.checkout, { default: "onn" }));
  const issue = "/flags/checkout/default: unknown variant `onn` (did you mean `on`?)";
  assert.deepEqual([said.event, said.issues], ["issues", [issue]]);
  assert.deepEqual((await health()).issues, [issue]);
  assert.equal(await answer(), "on");
  assert.equal((await whole.save(({ flags }) => Object.assign(flags.checkout, { rules: [] }))).event, "loaded");
  assert.deepEqual((await health()).issues, []);
  assert.equal(await answer(), "off");
});

test("a page of another site can neither read answers nor reach the server by another name", async () => {
  const headers = { origin: "https://shop.example" };
  const response = await fetch(`${whole.url}/ofrep/v1/evaluate/flags`, { method: "POST", headers, body: "{}" });
  assert.equal(response.headers.get("access-control-allow-origin"), null);
  const status = async (host) => {
    const [{ statusCode }] = await once(request(`${whole.url}/healthz`, { headers: { host } }).end(), "response");
    return statusCode;
  };
  assert.deepEqual([await status("evil.example"), await status("localhost")], [403, 200]);
});

for (const engine of ["off", "eager"]) {
  test(`the npm package evaluates, and follows a save (engine ${engine})`, async (t) => {
    await whole.save(({ flags }) => Object.assign(flags.banner, { description: engine }));
    const client = createClient({ url: whole.url, key: "any", engine, context: GERMAN });
    t.after(() => client.close());
    const status = await client.ready();
    assert.deepEqual([status.state, status.source], ["ready", engine === "off" ? "values" : "local"]);
    assert.equal(client.boolean("checkout", false), true);
    assert.equal(client.flags().includes("server-only"), false);
    const changed = new Promise((resolve) => {
      client.subscribe("checkout", resolve);
    });
    await whole.save(({ flags }) => Object.assign(flags.checkout, { rules: [] }));
    await changed;
    assert.equal(client.boolean("checkout", true), false);
  });
}

for (const { name, skip, run } of expectations({ ...FIXTURE, rateLimit: undefined }, served)) {
  test(name, { skip }, run);
}
