import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";

import { testSecrets } from "../local.mjs";
import { startIsolates } from "./isolates.mjs";
import { cut, start } from "./process.mjs";
import { batch, begin, counts, exposed, id, measured, report } from "./report.mjs";
import { runSql } from "./sql.mjs";
import { ADMIN, RULESET, SERVER, startEdge } from "./support.mjs";

const NOTHING = { exposures: [], metrics: [], dropped: 0, refused: 0, repeated: 0, forgotten: 0 };
/** Units that four shards share. */
const UNITS = Array.from({ length: 40 }, (_, number) => `user-${number}`);

const one = (flag, variant, count) => ({ flag, variant, count });

function folder(t) {
  const state = mkdtempSync(join(tmpdir(), "vexil-counts-"));
  t.after(() => rmSync(state, { recursive: true, force: true }));
  return state;
}

let edge;
before(async () => {
  edge = await begin();
});

test("counts are exact, however many report at once, over all shards", async () => {
  const busy = await begin({ secrets: { ...testSecrets, VEXIL_COUNTER_SHARDS: "4" } });
  const sent = UNITS.flatMap((targetingKey, number) =>
    Array.from({ length: 5 }, () => {
      const events = [
        exposed("checkout", number % 2 ? "on" : "off"),
        exposed("prices", "list"),
        exposed("gradual", "on", { stage: "some", arm: "treated" }),
        exposed("gradual", "off", { stage: "some", arm: "control" }),
        measured("checkout-ms", { value: number }),
        measured("checkout-error"),
      ];
      return batch(events, { units: { targetingKey }, dropped: 1 });
    }),
  );
  const answers = await Promise.all(sent.map((body) => report(busy, body)));
  for (const { status, json } of answers) {
    assert.deepEqual([status, json], [202, { accepted: 6 }]);
  }
  // 40 units, five batches each; the values are 0 to 39.
  assert.deepEqual(await counts(busy), {
    exposures: [
      one("checkout", "off", 100),
      one("checkout", "on", 100),
      { flag: "gradual", variant: "off", stage: "some", arm: "control", count: 200 },
      { flag: "gradual", variant: "on", stage: "some", arm: "treated", count: 200 },
      one("prices", "list", 200),
    ],
    metrics: [
      { metric: "checkout-error", count: 200, values: 0, sum: 0 },
      { metric: "checkout-ms", count: 200, values: 200, sum: 3900 },
    ],
    dropped: 200,
    refused: 0,
    repeated: 0,
    forgotten: 0,
  });
  const text = (await busy.call("GET", "/metrics", { key: ADMIN })).text;
  for (const line of [
    'vexil_exposures_total{environment="production",flag="checkout",variant="on"} 100',
    'vexil_exposures_total{environment="production",flag="gradual",variant="on"} 200',
    'vexil_events_total{environment="production",metric="checkout-ms"} 200',
    'vexil_events_dropped_total{environment="production"} 200',
    'vexil_events_repeated_total{environment="production"} 0',
    'vexil_requests_total{environment="production",route="POST /v1/events",status="202"} 200',
  ]) {
    assert.ok(text.split("\n").includes(line), `${line}\n${text}`);
  }
});

test("each environment counts for itself", async () => {
  const key = (await edge.issue("browser", { environment: "staging" })).key;
  const before = await counts(edge);
  // Nobody has published there.
  const answer = await report(edge, batch([exposed("checkout", "on"), measured("m")], { key }));
  assert.deepEqual([answer.status, answer.json.accepted, answer.json.refused.length], [202, 1, 1]);
  const staging = (await edge.admin("GET", "events", { environment: "staging" })).json;
  assert.deepEqual([staging.metrics.length, staging.refused], [1, 1]);
  assert.deepEqual(await counts(edge), before);
});

test("a batch that comes again counts once, at whichever isolate, and however often at once", async (t) => {
  const { one: first, other } = await startIsolates(t);
  await first.publish(RULESET);
  const body = batch([exposed("checkout", "on"), measured("m", { value: 2 }), measured("not a name")], { units: { targetingKey: "u" }, dropped: 3 });
  assert.deepEqual((await report(first, body)).json.accepted, 2);
  for (const edge of [first, other]) {
    const again = await report(edge, body);
    assert.deepEqual([again.status, again.json], [202, { accepted: 0, repeated: true }]);
  }
  const twin = batch([exposed("checkout", "on")]);
  const twins = await Promise.all([first, other, first, other].map((edge) => report(edge, twin)));
  assert.deepEqual(twins.map(({ json }) => json.accepted).sort(), [0, 0, 0, 1]);
  assert.deepEqual(await counts(other), {
    exposures: [one("checkout", "on", 2)],
    metrics: [{ metric: "m", count: 1, values: 1, sum: 2 }],
    dropped: 3,
    refused: 1,
    repeated: 5,
    forgotten: 0,
  });
});

test("what was accepted is there after workerd was killed, and is known when it comes again", async (t) => {
  const state = folder(t);
  const first = await start(t, state);
  await first.edge.publish(RULESET);
  const sent = Array.from({ length: 200 }, () => batch([exposed("checkout", "on"), measured("m", { value: 1 })]));
  const accepted = [];
  let cutting;
  await Promise.all(
    sent.map(async (body) => {
      const answer = await report(first.edge, body).catch(() => undefined);
      if (answer?.status !== 202) return;
      accepted.push(body);
      if (accepted.length === 100) cutting = cut(first);
    }),
  );
  await cutting;
  assert.ok(accepted.length >= 100, String(accepted.length));

  const second = await start(t, state);
  for (const body of accepted) {
    assert.deepEqual((await report(second.edge, body)).json, { accepted: 0, repeated: true });
  }
  // The others may have been counted or not, and are not twice.
  for (const body of sent) {
    assert.equal((await report(second.edge, body)).status, 202);
  }
  const { exposures, metrics } = await counts(second.edge);
  assert.deepEqual(exposures, [one("checkout", "on", 200)]);
  assert.deepEqual(metrics, [{ metric: "m", count: 200, values: 200, sum: 200 }]);
  await cut(second);
});

test("an id is known for an hour", async (t) => {
  const state = folder(t);
  const [old, young] = [batch([measured("m")]), batch([measured("m")])];
  const first = await begin({ state });
  for (const body of [old, young]) await report(first, body);
  await first.stop();
  const age = (ms, { batch }) => ["UPDATE batches SET taken = taken - ? WHERE id = ?", ms, batch];
  await runSql(state, [age(3_600_001, old), age(3_540_000, young)], "production/0", "Counters");
  const second = await begin({ state });
  await report(second, batch([measured("m")]));
  assert.deepEqual((await report(second, young)).json, { accepted: 0, repeated: true });
  assert.deepEqual((await report(second, old)).json, { accepted: 1 });
  await second.stop();
  const [[{ ids }]] = await runSql(state, [["SELECT count(*) AS ids FROM batches"]], "production/0", "Counters");
  assert.equal(ids, 3);
});

test("an event is refused alone, and the answer says which and why", async () => {
  const before = await counts(edge);
  const at = Date.now();
  const answer = await report(
    edge,
    batch([
      { flag: "checkout", variant: "on", version: 1 },
      { flag: "checkout", variant: "on", at },
      { flag: "checkout", variant: "perhaps", version: 1, at },
      { flag: "checkout", variant: ["on"], version: 1, at },
      { flag: "checkout", variant: "on", version: 1, at, arm: "both" },
      { flag: "checkout", metric: "m", at },
      { metric: "a b", at },
      { metric: "m", value: "1", at },
      { metric: "m".repeat(129), at },
      null,
      measured("Fine.name_1-x", { value: 0.5 }),
    ]),
  );
  assert.equal(answer.status, 202);
  assert.deepEqual(answer.json, {
    accepted: 1,
    refused: [
      { index: 0, reason: "`at` is not an instant, in ms since 1970" },
      { index: 1, reason: "`version` is not a version" },
      { index: 2, reason: "there is no such flag, or it has no such variant" },
      { index: 3, reason: "`variant` is not a string" },
      { index: 4, reason: "`arm` is neither `treated` nor `control`" },
      { index: 5, reason: "expected an object with either `flag` or `metric`" },
      { index: 6, reason: "`metric` is not 1 to 128 of `A-Z`, `a-z`, `0-9`, `.`, `_` and `-`" },
      { index: 7, reason: "`value` is not a number within 2^53" },
      { index: 8, reason: "`metric` is not 1 to 128 of `A-Z`, `a-z`, `0-9`, `.`, `_` and `-`" },
      { index: 9, reason: "expected an object with either `flag` or `metric`" },
    ],
  });
  const after = await counts(edge);
  assert.equal(after.refused - before.refused, 10);
  assert.deepEqual(after.exposures, before.exposures);
});

test("a page learns nothing of flags and stages that are hidden from it, and a server may report them", async () => {
  const hidden = [exposed("server-only.canary", "on"), exposed("server-only.canary", "none"), exposed("nothing", "on"), exposed("checkout", "none")];
  const answers = await Promise.all(hidden.map((event) => report(edge, batch([event]))));
  assert.equal(new Set(answers.map(({ text }) => text)).size, 1, answers.map(({ text }) => text).join("\n"));
  assert.equal(answers[0].json.accepted, 0);
  const stages = ["some", "all", "heron"].map((stage) => exposed("gradual", "on", { stage, arm: "treated" }));
  const staged = await Promise.all(stages.map((event) => report(edge, batch([event]))));
  assert.deepEqual(new Set(staged.map(({ text }) => text)), new Set(['{"accepted":1}']));
  const text = JSON.stringify(await counts(edge));
  assert.ok(text.includes('"stage":"all"') && !text.includes("heron"), text);
  const server = await edge.call("POST", "/v1/events", { key: SERVER, body: batch(hidden) });
  assert.deepEqual([server.json.accepted, server.json.refused.map(({ index }) => index)], [1, [1, 2, 3]]);
});

test("a stage of another flag's release counts as none", async () => {
  const fresh = await begin();
  await report(fresh, batch([exposed("checkout", "on", { stage: "some", arm: "treated" })]));
  assert.deepEqual((await counts(fresh)).exposures, [one("checkout", "on", 1)]);
});

test("an isolate that has not seen a flag asks for the version that the event names", async (t) => {
  const { one: first, other, doors } = await startIsolates(t);
  await first.publish(RULESET);
  const events = [exposed("checkout", "on", { version: 1 })];
  assert.equal((await report(other, batch(events))).json.accepted, 1);
  await doors();
  const newer = { ...RULESET, flags: { ...RULESET.flags, newer: RULESET.flags.checkout } };
  const { version } = (await first.publish(newer)).json;
  const told = await report(other, batch([exposed("newer", "on", { version })]));
  assert.deepEqual(told.json, { accepted: 1 });
  // Confirmed a moment ago: what it knows anyway costs no question, whatever version is named.
  await doors();
  await report(other, batch([exposed("newer", "on", { version: version + 1 })]));
  assert.deepEqual((await doors()).map(({ path }) => path), ["/add"]);
});

test("a client's clock is put right", async () => {
  const fresh = await begin();
  const began = Date.now();
  const hour = 3_600_000;
  for (const [metric, at, sent] of [
    ["slow", began - 2 * hour, began - hour],
    ["fast", began + 30 * hour, began + 31 * hour],
    ["future", began + hour, began],
    ["long-ago", began - 48 * hour, began],
  ]) {
    assert.equal((await report(fresh, { batch: id(), sent, events: [{ metric, at }] })).status, 202);
  }
  const ended = Date.now();
  const { metrics } = (await fresh.admin("GET", "events")).json;
  const ages = Object.fromEntries(metrics.map(({ metric, last }) => [metric, last]));
  const within = (last, age) => assert.ok(last >= began - age && last <= ended - age, `${last - began + age} of ${ended - began}`);
  within(ages.slow, hour);
  within(ages.fast, hour);
  within(ages.future, 0);
  within(ages["long-ago"], 24 * hour);
});

test("counters that fail: the client is told to come back, what it sends again counts once, and flags are answered", async (t) => {
  const { one: first, other, doors } = await startIsolates(t);
  await first.publish(RULESET);
  for (const door of ["fails", "dies", "silent"]) {
    await doors({ counters: door });
    const body = batch([measured(door)]);
    const began = performance.now();
    const refused = report(other, body);
    const flags = await other.values();
    assert.equal(flags.status, 200);
    assert.ok(performance.now() - began < 1_000, "flags wait for nothing");
    const { status, headers } = await refused;
    assert.deepEqual([status, headers.get("retry-after")], [503, "5"], door);
    await doors({ counters: "open" });
    assert.equal((await report(other, body)).status, 202);
  }
  const { metrics } = await counts(first);
  assert.deepEqual(metrics.map(({ metric, count }) => [metric, count]), [["dies", 1], ["fails", 1], ["silent", 1]]);
  await doors({ counters: "fails" });
  assert.equal((await first.admin("GET", "events")).status, 503);
  const { status, text } = await first.call("GET", "/metrics", { key: ADMIN });
  assert.equal(status, 200);
  assert.ok(text.includes("vexil_version{") && !text.includes("vexil_events_total"));
});

test("a worker that nobody reports to has counted nothing", async () => {
  assert.deepEqual(await counts(await startEdge()), NOTHING);
});
