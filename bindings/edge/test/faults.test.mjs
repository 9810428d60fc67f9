import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { sleep, startIsolates } from "./isolates.mjs";
import { ADMIN, BROWSER, RULESET, SERVER } from "./support.mjs";

const GERMANY = { country: "DE" };

/** What an isolate says of `checkout`: the reason, and whether it says that it is stale. */
async function look(edge, version) {
  const answer = await edge.one("checkout", GERMANY, SERVER, version);
  return [answer.json.reason, answer.headers.get("vexil-stale") ?? "sure"];
}

async function timed(run) {
  const started = performance.now();
  const result = await run();
  return [result, performance.now() - started];
}

/** Waits until the store of programs has the head of `version`. */
async function copied(programs, version) {
  for (let left = 600; left > 0; left -= 1) {
    const head = await programs.get("head/production");
    if (head !== null && JSON.parse(head).version === version) return head;
    await sleep(50);
  }
  throw new Error("there is no cold copy");
}

async function empty(programs) {
  const { keys } = await programs.list();
  await Promise.all(keys.map(({ name }) => programs.delete(name)));
}

/** The next event; `undefined` where the stream ends. */
async function next(events, ms = 10_000) {
  const late = new Promise((_, reject) => {
    setTimeout(reject, ms, new Error("no event came")).unref();
  });
  return (await Promise.race([events.next(), late])).value;
}

// Most of their time is waiting.
describe("faults", { concurrency: 3 }, () => {
  test("environment unreachable: answers go on, say after 5 s that they are stale, and readiness ends with the age", async (t) => {
    const { one, other, doors } = await startIsolates(t, { VEXIL_MAX_AGE_S: "7" });
    const safe = { ...RULESET.flags.limit, default: "high", failsafe: "low" };
    await one.publish({ ...RULESET, flags: { ...RULESET.flags, safe } });
    const said = async () => {
      const [single, bulk, values] = [await other.one("safe"), await other.all({}, SERVER), await other.values()];
      const listed = bulk.json.flags.find(({ key }) => key === "safe");
      const { value, failsafe } = values.json.flags.safe;
      return [single.json.value, single.json.metadata?.stale, listed.value, listed.metadata?.stale, value, failsafe, values.json.stale];
    };
    const { high, low } = RULESET.flags.limit.variants;
    const inTime = [high, undefined, high, undefined, high, low, undefined];
    assert.deepEqual(await look(other), ["TARGETING_MATCH", "sure"]);
    assert.deepEqual(await said(), inTime);
    await doors({ environment: "fails" });
    await sleep(5_500);
    assert.deepEqual(await said(), inTime);
    assert.deepEqual(await look(other), ["TARGETING_MATCH", "true"]);
    assert.equal((await other.call("GET", "/readyz")).status, 200);
    await sleep(2_500);
    const late = await other.call("GET", "/readyz", { key: ADMIN });
    assert.deepEqual([late.status, late.json.status], [503, "stale"]);
    assert.ok(late.json.environments.production.age >= 8, late.text);
    assert.deepEqual(await said(), [low, true, low, true, low, low, true]);
    assert.deepEqual(await look(other), ["TARGETING_MATCH", "true"]);

    await doors({ environment: "open" });
    await sleep(1_000);
    assert.deepEqual(await look(other), ["TARGETING_MATCH", "sure"]);
    assert.equal((await other.call("GET", "/readyz")).status, 200);
    assert.deepEqual(await said(), inTime);
  });

  test("environment silent: a request waits for 0.3 s, and those after it not at all", async (t) => {
    const { one, other, doors } = await startIsolates(t);
    await one.publish(RULESET);
    await look(other);
    await doors({ environment: "silent" });
    await sleep(5_500);
    const [first, waited] = await timed(() => look(other));
    assert.deepEqual(first, ["TARGETING_MATCH", "true"]);
    const [second, next] = await timed(() => look(other));
    assert.deepEqual(second, ["TARGETING_MATCH", "true"]);
    t.diagnostic(`waited ${waited.toFixed(0)} ms, then ${next.toFixed(0)} ms`);
    assert.ok(waited > 250 && waited < 1_000 && next < 250, `${waited} ${next}`);
  });

  test("an isolate that slept does not serve a killed flag", async (t) => {
    const { one, other } = await startIsolates(t);
    await one.publish(RULESET);
    assert.deepEqual(await look(other), ["TARGETING_MATCH", "sure"]);
    await one.kill("checkout");
    await sleep(5_500);
    assert.deepEqual(await look(other), ["DISABLED", "sure"]);
  });

  test("environment unreachable a moment ago: a write is seen by the next answer of the isolate through which it went", async (t) => {
    const { one, other, doors } = await startIsolates(t);
    await one.publish(RULESET);
    await look(other);
    await sleep(1_100);
    await doors({ environment: "fails" });
    // Asks in the background, in vain.
    assert.deepEqual(await look(other), ["TARGETING_MATCH", "sure"]);
    await sleep(100);
    await doors({ environment: "open" });
    await other.kill("checkout");
    assert.deepEqual(await look(other), ["DISABLED", "sure"]);
  });

  test("environment unreachable, and an isolate that begins: the cold copy answers, and says that it is stale", async (t) => {
    const { one, other, programs, doors } = await startIsolates(t, { VEXIL_MAX_AGE_S: "1" }, { cache: false });
    await one.publish(RULESET);
    await copied(programs, (await one.kill("checkout")).json.version);
    await sleep(5_500);
    await doors({ environment: "fails" });
    assert.deepEqual(await look(other), ["DISABLED", "true"]);
    assert.equal((await other.call("GET", "/readyz")).status, 503);
  });

  test("store of programs stale: it is not asked while the environment answers; else its answer says that it is stale", async (t) => {
    const { one, other, programs, doors } = await startIsolates(t, {}, { cache: false });
    const { version } = (await one.publish(RULESET)).json;
    const old = await copied(programs, version);
    await copied(programs, (await one.kill("checkout")).json.version);
    await programs.put("head/production", old);
    await sleep(5_500);
    await doors({ environment: "fails" });
    assert.deepEqual(await look(other), ["TARGETING_MATCH", "true"]);
    await doors({ environment: "open" });
    await sleep(1_100);
    assert.deepEqual(await look(other), ["DISABLED", "sure"]);
  });

  test("store of programs empty, or holding something else: the environment has the program", async (t) => {
    const key = "program/production/1";
    // What an environment that was restored from a backup gave the number to before.
    const past = await startIsolates(t);
    await copied(past.programs, (await past.one.publish({ flags: { checkout: { ...RULESET.flags.checkout, rules: [] } } })).json.version);
    const namesake = await past.programs.get(key, "arrayBuffer");
    const put = (value) => (programs) => programs.put(key, value);
    for (const spoil of [empty, put("spoiled"), put(namesake)]) {
      const { one, other, programs } = await startIsolates(t, {}, { cache: false });
      await copied(programs, (await one.publish(RULESET)).json.version);
      await spoil(programs);
      assert.deepEqual(await look(other), ["TARGETING_MATCH", "sure"]);
    }
  });

  test("store of programs late: one write at a time under each key, however long it takes", async (t) => {
    const { one, programs, doors } = await startIsolates(t);
    await copied(programs, (await one.publish(RULESET)).json.version);
    await doors({ programs: "late" });
    await one.publish({ ...RULESET, private: [] });
    // An attempt is given up after 10 s, and repeated.
    await sleep(13_000);
    const { version } = (await one.kill("checkout")).json;
    await sleep(1_500);
    const puts = (await doors({ programs: "open" })).filter(({ object }) => object === "programs").map(({ path }) => path);
    assert.deepEqual(puts, ["program/production/2"]);
    await doors({ letGo: true });
    await copied(programs, version);
    assert.notEqual(await programs.get("program/production/2"), null);
  });

  test("store of programs late: a head that lands late does not land on a newer one", async (t) => {
    const { one, programs, doors } = await startIsolates(t);
    await copied(programs, (await one.publish(RULESET)).json.version);
    await doors({ programs: "late" });
    await one.kill("checkout");
    await sleep(5_000);
    await doors({ programs: "open" });
    // The first attempt is given up after 10 s, and what it put is still on its way.
    await sleep(8_000);
    const { version } = (await one.restore("checkout")).json;
    await sleep(3_000);
    await doors({ letGo: true });
    await copied(programs, version);
    await sleep(1_000);
    assert.equal(JSON.parse(await programs.get("head/production")).version, version);
  });

  test("everything unreachable: an isolate that begins asks its callers to come back", async (t) => {
    const { one, other, programs, doors } = await startIsolates(t, {}, { cache: false });
    await copied(programs, (await one.publish(RULESET)).json.version);
    await empty(programs);
    await doors({ environment: "fails" });
    const answer = await other.one("checkout", GERMANY);
    assert.deepEqual([answer.status, answer.headers.get("retry-after")], [503, "1"]);
    assert.equal((await other.call("GET", "/readyz")).status, 503);
    await doors({ environment: "open" });
    await sleep(1_100);
    assert.deepEqual(await look(other), ["TARGETING_MATCH", "sure"]);
  });

  test("a push that fails arrives by retry", async (t) => {
    const { one, doors } = await startIsolates(t);
    await one.publish(RULESET);
    const events = one.events();
    await next(events);
    await doors({ hub: "fails" });
    const { version } = (await one.kill("checkout")).json;
    await sleep(2_000);
    await doors({ hub: "open" });
    const [event, ms] = await timed(() => next(events));
    t.diagnostic(`after the hubs were back: ${ms.toFixed(0)} ms`);
    assert.equal(Number(event.id), version);
    await events.return();
  });

  test("hubs that fail or are silent: the metrics are answered, and say how many there are", async (t) => {
    const { one, doors } = await startIsolates(t, { VEXIL_HUB_SHARDS: "3" });
    await one.publish(RULESET);
    const events = one.events();
    await next(events);
    const gauges = async () => {
      const { status, text } = await one.call("GET", "/metrics", { key: ADMIN });
      const value = (name) => Number(new RegExp(`^${name}\\{.*\\} (.+)$`, "m").exec(text)?.[1]);
      return [status, value("vexil_streams"), value("vexil_hubs_silent")];
    };
    assert.deepEqual(await gauges(), [200, 1, 0]);
    await doors({ hub: "fails" });
    assert.deepEqual(await gauges(), [200, 0, 3]);
    await doors({ hub: "silent" });
    const [silent, ms] = await timed(gauges);
    assert.deepEqual(silent, [200, 0, 3]);
    assert.ok(ms < 10_000, `${ms}`);
    await doors({ hub: "open" });
    assert.deepEqual(await gauges(), [200, 1, 0]);
    await events.return();
  });

  test("a hub that dies between write and push: its streams end, and whoever comes back hears what they missed", async (t) => {
    const { one, doors } = await startIsolates(t, { VEXIL_HUB_SHARDS: "1" });
    await one.publish(RULESET);
    const events = one.events();
    const { id } = await next(events);
    await doors({ hub: "dies" });
    const { version } = (await one.kill("checkout")).json;
    assert.equal(await next(events), undefined);
    const again = one.events(BROWSER, { "last-event-id": id });
    const [event, ms] = await timed(() => next(again));
    t.diagnostic(`after coming back: ${ms.toFixed(0)} ms`);
    assert.equal(Number(event.id), version);
    await again.return();
  });
});
