// The client in node, before a real edge that folds a part of the context into what it sends, or names a time.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { edge, on, programs, relay, setStage, started } from "./stage.mjs";
import { gate, until } from "./support.mjs";

const ruleset = {
  flags: { dach: { ...on, rules: [{ name: "by country", when: { attr: "country", in: ["DE", "AT", "CH"] }, serve: "on" }], default: "off" } },
};

/** With members too many to be sent: the edge folds in who asks, and leaves the rest of the rules. */
const members = Array.from({ length: 300 }, (_, number) => `member-${number}`);
const folded = {
  flags: {
    ...ruleset.flags,
    beta: { ...on, rules: [{ name: "beta", when: { all: [{ segment: "beta" }, { attr: "country", in: ["DE", "AT"] }] }, serve: "on" }], default: "off" },
  },
  segments: { beta: { members } },
};

setStage(ruleset);

/** The bytes of what the edge answers when it is asked for a program. */
function watchPrograms() {
  const sent = [];
  relay.before = async ({ path }, pass) => {
    if (path !== "/v1/program") return undefined;
    const answer = await pass();
    sent.push(Buffer.from(await answer.arrayBuffer()));
    return new Response(sent.at(-1), { headers: answer.headers });
  };
  return sent;
}

test("of a flag that is folded in part the rest answers here, and only what was folded in is asked about", async () => {
  await edge.publish(folded);
  const sent = watchPrograms();
  const client = await started({ context: { targetingKey: "member-7", country: "DE" } });
  const { version } = client;
  assert.deepEqual(client.details("beta"), { value: true, variant: "on", reason: "TARGETING_MATCH", rule: "beta", version });
  client.setContext({ ...client.context, country: "FR", cart: 3 });
  assert.deepEqual([client.boolean("beta", true), client.boolean("dach", true)], [false, false]);
  client.setContext({ ...client.context, country: "AT" });
  assert.equal(client.boolean("beta", false), true);
  client.setContext({ ...client.context, targetingKey: "visitor" });
  await until(() => !client.boolean("beta", true), "the edge decided anew");
  assert.deepEqual(programs().map(({ body }) => body.context.targetingKey), ["member-7", "visitor"]);
  assert.deepEqual(sent.map((bytes) => [bytes.includes("by country"), bytes.includes("member-")]), [[true, false], [true, false]]);
});

test("a flag that the edge must decide anew keeps its last answer meanwhile, the others have new ones", async () => {
  await edge.publish(folded);
  const client = await started({ context: { targetingKey: "member-7", country: "DE" } });
  const held = gate();
  relay.before = async ({ path }) => path === "/v1/program" && held.opened.then(() => undefined);
  const heard = [];
  client.subscribe("beta", () => heard.push(client.boolean("beta", true)));
  client.setContext({ ...client.context, country: "AT" });
  client.setContext({ targetingKey: "member-8", country: "FR" });
  assert.deepEqual([client.boolean("beta", false), client.boolean("dach", true)], [true, false]);
  client.setContext({ targetingKey: "member-8", country: "AT" });
  client.setContext({ targetingKey: "member-7", country: "FR" });
  assert.equal(client.boolean("beta", true), false, "what was folded in is as it was");
  assert.deepEqual(heard, [false]);
  held.open();
});

test("what the edge decided for an older context is dropped", async () => {
  await edge.publish(folded);
  const client = await started({ context: { targetingKey: "member-7", country: "AT" } });
  const held = gate();
  relay.before = async ({ path }) => path === "/v1/program" && held.opened.then(() => undefined);
  const heard = [];
  client.subscribe("beta", () => heard.push(client.boolean("beta", true)));
  client.setContext({ targetingKey: "visitor", country: "AT" });
  await until(() => programs().at(-1).body.context.targetingKey === "visitor", "it was asked for");
  client.setContext({ targetingKey: "member-9", country: "AT" });
  held.open();
  await until(() => programs().at(-1).body.context.targetingKey === "member-9", "the newer context was asked for");
  assert.deepEqual([heard, client.boolean("beta", false)], [[], true]);
});

/** Where a unit falls by Eppo's recipe, of 10,000. */
const eppo = (salt, unit) => createHash("md5").update(`${salt}-${unit}`).digest().readUInt32BE() % 10_000;

test("a split by another vendor's recipe is decided at the edge, alone where its unit is folded in", async () => {
  const serve = { split: [["on", 1], ["off", 1]], hash: "eppo-md5", salt: "legacy" };
  const imported = { ...on, rules: [{ name: "dach", when: { attr: "country", in: ["DE", "AT"] }, serve }], default: "off" };
  const sent = watchPrograms();
  for (const [{ flags, segments }, asked] of [[ruleset, ["DE", "FR", "AT"]], [folded, ["DE"]]]) {
    await edge.publish({ flags: { ...flags, imported }, segments });
    for (const targetingKey of ["user-1", "user-2", "user-3", "user-4"]) {
      const count = programs().length;
      const client = await started({ context: { targetingKey, country: "DE" } });
      const want = eppo("legacy", targetingKey) < 5_000;
      assert.deepEqual([client.boolean("imported", !want), client.details("imported").reason], [want, "SPLIT"]);
      for (const [country, isOn] of [["FR", false], ["AT", want]]) {
        client.setContext({ targetingKey, country });
        if (asked.includes(country)) await until(() => programs().at(-1).body.context.country === country, "it was asked for");
        await until(() => client.boolean("imported", !isOn) === isOn, "it was decided");
      }
      assert.deepEqual(programs().slice(count).map(({ body }) => body.context.country), asked);
      client.close();
    }
  }
  assert.ok(sent.length > 8 && !sent.some((bytes) => bytes.includes("legacy")), "the salt stays at the edge");
});

/** On until then: `night` here, `quiet` as the edge says. */
const timed = (until) => {
  const night = { ...on, rules: [{ name: "night", when: { time: { until } }, serve: "on" }], default: "off" };
  return { flags: { night, quiet: { ...night, expose: "values" } } };
};

test("at its time an answer changes by itself, and what the edge decided is asked for again", async () => {
  const at = Date.now() + 3_000;
  await edge.publish(timed(at));
  const client = await started();
  assert.deepEqual([client.boolean("night", false), client.boolean("quiet", false)], [true, true]);
  const heard = {};
  for (const key of ["night", "quiet"]) client.subscribe(key, () => (heard[key] = { at: Date.now(), requests: programs().length }));
  await until(() => heard.night && heard.quiet, "both changed");
  assert.deepEqual([client.boolean("night", true), client.boolean("quiet", true)], [false, false]);
  assert.ok(heard.night.at >= at && heard.quiet.at >= at, `${heard.night.at - at} and ${heard.quiet.at - at} ms after it`);
  assert.deepEqual([heard.night.requests, programs().length], [1, 2]);
});

test("an edge whose clock is behind the page's is not asked without a pause", async (t) => {
  await edge.publish(timed(Date.now() + 60_000));
  const { now } = Date;
  t.mock.method(Date, "now", () => now() + 3_600_000);
  const client = await started();
  assert.deepEqual([client.boolean("night", true), client.boolean("quiet", false)], [false, true]);
  await sleep(300);
  assert.equal(programs().length, 1);
});
