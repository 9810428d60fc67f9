import assert from "node:assert/strict";
import { before, test } from "node:test";

import { testSecrets } from "../local.mjs";
import { reconnect } from "./reconnect.mjs";
import { BROWSER, RULESET, SERVER, startEdge } from "./support.mjs";

let edge;
before(async () => {
  edge = await startEdge();
  await edge.publish(RULESET);
});

/** The next event, or a failure after five seconds: far more than any of these takes. */
async function next(events) {
  const late = new Promise((_, reject) => {
    setTimeout(reject, 5000, new Error("no event came")).unref();
  });
  return (await Promise.race([events.next(), late])).value;
}

test("the first event names the current version at once", async () => {
  const version = (await edge.values()).headers.get("vexil-version");
  const events = edge.events();
  const event = await next(events);
  assert.equal(event.id, version);
  assert.deepEqual([event.data.type, event.data.etag], ["refetchEvaluation", version]);
  assert.ok(Math.abs(event.data.lastModified - Date.now() / 1000) < 600);
  await events.return();
});

test("every change is an event for every listener, a kill within a second", async (t) => {
  const listeners = [edge.events(), edge.events(SERVER), edge.events()];
  const versions = await Promise.all(listeners.map(async (events) => Number((await next(events)).id)));
  const start = performance.now();
  const { version } = (await edge.kill("checkout")).json;
  const events = await Promise.all(listeners.map(next));
  const ms = performance.now() - start;
  assert.deepEqual(events.map(({ id }) => Number(id)), [version, version, version]);
  assert.deepEqual(versions, [version - 1, version - 1, version - 1]);
  assert.equal((await edge.one("checkout", { country: "DE" })).json.reason, "DISABLED");
  t.diagnostic(`kill to the last of three listeners: ${ms.toFixed(1)} ms`);
  assert.ok(ms < 1000, `${ms} ms`);

  await edge.restore("checkout");
  assert.deepEqual((await Promise.all(listeners.map(next))).map(({ id }) => Number(id)), Array(3).fill(version + 1));
  await edge.publish(RULESET);
  assert.deepEqual((await Promise.all(listeners.map(next))).map(({ id }) => Number(id)), Array(3).fill(version + 2));
  await Promise.all(listeners.map((events) => events.return()));
});

test("what changes nothing is no event", async () => {
  const events = edge.events();
  const before = Number((await next(events)).id);
  await edge.restore("checkout");
  await edge.publish('{"flags":7}');
  await edge.publish(RULESET, '"0"');
  await edge.kill("limit");
  assert.equal(Number((await next(events)).id), before + 1);
  await edge.restore("limit");
  await events.return();
});

test("a stream is kept by nobody, and opens with a key only", async () => {
  const controller = new AbortController();
  const response = await fetch(`${edge.url}/v1/stream?key=${BROWSER}`, { signal: controller.signal });
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  assert.match(response.headers.get("cache-control"), /no-store/);
  controller.abort();
  assert.equal((await edge.call("GET", "/v1/stream")).status, 401);
});

test("listeners that left do not keep the others waiting", async () => {
  for (let count = 0; count < 10; count += 1) {
    const events = edge.events();
    await next(events);
    await events.return();
  }
  const events = edge.events();
  await next(events);
  const { version } = (await edge.kill("limit")).json;
  assert.equal(Number((await next(events)).id), version);
  await edge.restore("limit");
  await events.return();
});

test("who comes back hears what they missed, and nothing that they have heard", async () => {
  const [{ version }] = [(await edge.kill("limit")).json];
  await edge.restore("limit");
  const events = edge.events(BROWSER, { "last-event-id": String(version) });
  assert.equal(Number((await next(events)).id), version + 1);
  await events.return();

  const controller = new AbortController();
  const headers = { "last-event-id": String(version + 1) };
  const response = await fetch(`${edge.url}/v1/stream?key=${BROWSER}`, { headers, signal: controller.signal });
  const { value } = await response.body.getReader().read();
  assert.equal(new TextDecoder().decode(value), ":\n\n");
  controller.abort();
});

test("a hub without room says when to come back, and has room again when somebody leaves", async () => {
  const secrets = { ...testSecrets, VEXIL_HUB_SHARDS: "2", VEXIL_HUB_LISTENERS: "1" };
  const small = await startEdge({ secrets });
  await small.publish(RULESET);
  const listeners = [small.events(), small.events()];
  await Promise.all(listeners.map(next));
  const full = await small.call("GET", `/v1/stream?key=${BROWSER}`);
  assert.equal(full.status, 503);
  assert.match(full.headers.get("retry-after"), /^([1-9]|10)$/);
  await listeners[0].return();
  const deadline = Date.now() + 5000;
  for (;;) {
    // The worker notices that somebody has left when it has something to say to them.
    await small.kill("limit");
    await small.restore("limit");
    const events = small.events();
    const came = await next(events).catch(() => undefined);
    await events.return();
    if (came !== undefined) break;
    assert.ok(Date.now() < deadline, "there is no room");
  }
  await listeners[1].return();
});

test("a stream ends when its key does", async () => {
  const expires = Date.now() + 3_000;
  const { key } = await edge.issue("browser", { expires });
  const response = await fetch(`${edge.url}/v1/stream?key=${key}`);
  assert.deepEqual([response.status, response.headers.get("vexil-lives")], [200, null]);
  assert.match(await response.text(), /^id: \d+\n/);
  const ms = Date.now() - expires;
  assert.ok(ms > -50 && ms < 10_000, `${ms} ms after`);
  assert.equal((await edge.call("GET", `/v1/stream?key=${key}`)).status, 401);
});

test("an address has so many streams and no more, until one of them ends", async () => {
  const secrets = { ...testSecrets, VEXIL_ADDRESS_STREAMS: "2" };
  const small = await startEdge({ secrets });
  await small.publish(RULESET);
  const from = (address) => small.events(BROWSER, { "cf-connecting-ip": address });
  const asked = (address) => small.call("GET", `/v1/stream?key=${BROWSER}`, { headers: { "cf-connecting-ip": address } });
  const listeners = [from("2001:db8:1:2::1"), from("2001:db8:1:2::2"), from("198.51.100.1")];
  await Promise.all(listeners.map(next));
  const refused = await asked("2001:db8:1:2::3");
  assert.equal(refused.status, 429);
  assert.match(refused.headers.get("retry-after"), /^([1-9]|10)$/);
  assert.equal(refused.json.detail, "too many requests");
  const others = [from("2001:db8:1:3::1"), from("198.51.100.1"), small.events()];
  await Promise.all(others.map(next));
  assert.equal((await asked("198.51.100.1")).status, 429);
  await listeners[0].return();
  const deadline = Date.now() + 5_000;
  for (;;) {
    // The worker notices that somebody has left when it has something to say to them.
    await small.kill("limit");
    await small.restore("limit");
    const events = from("2001:db8:1:2::3");
    const came = await next(events).catch(() => undefined);
    await events.return();
    if (came !== undefined) break;
    assert.ok(Date.now() < deadline, "there is no room");
  }
  await Promise.all([...listeners, ...others].map((events) => events.return()));
});

test("clients that lose their streams at once come back, and none misses a kill", async (t) => {
  const { ms, refused } = await reconnect(200, 30_000);
  t.diagnostic(`200 clients: ${ms.toFixed(0)} ms, ${refused} refused`);
  assert.equal(refused, 0);
});
