import assert from "node:assert/strict";
import { before, test } from "node:test";

import { head, raw } from "./raw.mjs";
import { batch, begin, counts, exposed, measured, report } from "./report.mjs";
import { ADMIN, BROWSER, OPERATE, PAGE } from "./support.mjs";

const KIB = 1024;

let edge;
before(async () => {
  edge = await begin();
});

const nested = (open, close, depth, inner = "1") => `${open.repeat(depth)}${inner}${close.repeat(depth)}`;

test("a body that is no batch is refused with where and why, and changes nothing", async () => {
  const before = await counts(edge);
  const said = (more) => JSON.stringify({ batch: "b", sent: 0, events: [], ...more });
  for (const [what, body, status, path, detail] of [
    ["nothing", "", 400, undefined, /not JSON/],
    ["no JSON", "{", 400, undefined, /not JSON/],
    ["a list", "[]", 400, "", /expected a JSON object/],
    ["lists without end", nested("[", "]", 30_000), 400, undefined, /recursion limit/],
    ["objects without end", nested('{"events":', "}", 5_000), 400, undefined, /recursion limit/],
    ["events without end", `{"batch":"b","sent":0,"events":[${nested("[", "]", 200)}]}`, 400, undefined, /recursion limit/],
    ["a number beyond all", '{"batch":"b","sent":1e999,"events":[]}', 400, undefined, /not JSON/],
    ["bytes that are no UTF-8", Buffer.from('{"batch":"\xff"}', "latin1"), 400, undefined, /not JSON/],
    ["no id", said({ batch: undefined }), 400, "/batch", /1 to 64/],
    ["a long id", said({ batch: "b".repeat(65) }), 400, "/batch", /1 to 64/],
    ["an odd id", said({ batch: "a'; DROP TABLE batches; --" }), 400, "/batch", /1 to 64/],
    ["an id of another type", said({ batch: ["b"] }), 400, "/batch", /1 to 64/],
    ["no clock", said({ sent: undefined }), 400, "/sent", /ms since 1970/],
    ["a clock of words", said({ sent: "now" }), 400, "/sent", /ms since 1970/],
    ["a clock that no client has", said({ sent: 1e300 }), 400, "/sent", /ms since 1970/],
    ["less than none dropped", said({ dropped: -1 }), 400, "/dropped", /whole number/],
    ["units of another type", said({ units: "u" }), 400, "/units", /object/],
    ["a unit of another type", said({ units: { targetingKey: { toString: 1 } } }), 400, "/units/targetingKey", /string/],
    ["no events", said({ events: undefined }), 400, "/events", /list/],
    ["events of another type", said({ events: { length: 3 } }), 400, "/events", /list/],
    ["too many events", said({ events: Array.from({ length: 1001 }, () => 0) }), 413, "/events", /1000/],
    ["a body over the limit", said({ more: "x".repeat(64 * KIB) }), 413, undefined, /65536 bytes/],
  ]) {
    const answer = await edge.call("POST", "/v1/events", { key: BROWSER, body });
    assert.equal(answer.status, status, `${what}: ${answer.text}`);
    assert.equal(answer.type, "application/problem+json", what);
    assert.deepEqual([answer.json.status, answer.json.path], [status, path], what);
    assert.match(answer.json.detail, detail, what);
  }
  const key = await edge.call("POST", "/v1/events", { body: { key: 7 } });
  assert.deepEqual([key.status, key.json.path], [400, "/key"]);
  assert.deepEqual(await counts(edge), before);
  assert.equal((await edge.one("checkout", { country: "DE" })).json.value, true);
});

test("a body far over the limit is refused before it has come", async () => {
  const part = " ".repeat(192 * KIB);
  const announced = await raw(edge.url, head("POST /v1/events", { "x-api-key": BROWSER, "content-length": "8000000000" }), part);
  assert.equal(announced.status, 413);
  const chunk = `10000\r\n${" ".repeat(64 * KIB)}\r\n`;
  const streamed = await raw(edge.url, head("POST /v1/events", { "x-api-key": BROWSER, "transfer-encoding": "chunked" }), chunk.repeat(3));
  assert.equal(streamed.status, 413);
});

test("odd events are counted or refused, and break nothing", async () => {
  const fresh = await begin();
  const at = Date.now();
  const odd = batch([
    { __proto__: null, metric: "m", at, constructor: 1, toString: { a: 1 } },
    { metric: "__proto__", at },
    { metric: "m", at, value: -0.0 },
    { metric: "m", at, value: 5e-324 },
    { metric: "m", at, value: 2 ** 53 },
    { metric: "m", at, value: null },
    { metric: "m", at: at + 0.5 },
    { metric: "m", at, events: [[[[{}]]]] },
    { flag: "__proto__", variant: "constructor", version: 1, at },
    { flag: "checkout\u0000", variant: "on", version: 1, at },
    { flag: "x".repeat(10_000), variant: "x".repeat(10_000), version: 1, at },
  ]);
  const body = JSON.stringify({ key: BROWSER, ...odd, units: { targetingKey: "x".repeat(20_000) } });
  const lone = body.replace('"units"', '"more":"\\ud800","units"');
  const answer = await fresh.call("POST", "/v1/events", { body: lone });
  assert.deepEqual([answer.json.accepted, answer.json.refused.map(({ index }) => index)], [8, [8, 9, 10]], answer.text);
  assert.deepEqual((await counts(fresh)).metrics, [
    { metric: "__proto__", count: 1, values: 0, sum: 0 },
    { metric: "m", count: 7, values: 3, sum: 2 ** 53 },
  ]);
  assert.deepEqual((await report(fresh, batch([], { dropped: Number.MAX_SAFE_INTEGER }))).json, { accepted: 0 });
  assert.equal((await counts(fresh)).dropped, 1_000_000);
});

test("only so many metrics are kept: no name that is made up takes the place of one in use, and no event is lost without a word", async () => {
  const fresh = await begin();
  const now = Date.now();
  const many = (from, at) => batch(Array.from({ length: 800 }, (_, number) => ({ metric: `m-${from + number}`, at })), { sent: now });
  for (const from of [0, 800]) assert.equal((await report(fresh, many(from, now))).json.accepted, 800);
  const { metrics, forgotten } = await counts(fresh);
  assert.deepEqual([metrics.length, forgotten], [1_000, 600]);
  const kept = new Set(metrics.map(({ metric }) => metric));
  assert.ok(Array.from({ length: 800 }, (_, number) => `m-${number}`).every((metric) => kept.has(metric)));
  assert.equal((await report(fresh, batch([measured("m-0")]))).json.accepted, 1);
  assert.equal((await counts(fresh)).metrics.find(({ metric }) => metric === "m-0").count, 2);
});

test("a beacon and a fetch that outlives its page need no preflight, bring no cookie back, and count wherever the page is", async () => {
  const before = (await counts(edge)).exposures.find(({ flag }) => flag === "limit")?.count ?? 0;
  for (const [origin, mode, allowed] of [
    [PAGE, "no-cors", PAGE],
    [PAGE, "cors", PAGE],
    ["https://evil.example", "no-cors", null],
  ]) {
    const answer = await edge.call("POST", "/v1/events", {
      headers: { origin, cookie: "session=1", "content-type": "text/plain;charset=UTF-8", "sec-fetch-mode": mode, "sec-fetch-site": "cross-site", "sec-fetch-dest": "empty" },
      body: { key: BROWSER, ...batch([exposed("limit", "low")]) },
    });
    assert.deepEqual([answer.status, answer.json], [202, { accepted: 1 }]);
    assert.equal(answer.headers.get("access-control-allow-origin"), allowed);
    assert.equal(answer.headers.get("access-control-allow-credentials"), null);
    assert.equal(answer.headers.get("set-cookie"), null);
    assert.match(answer.headers.get("vary"), /\bOrigin\b/);
  }
  const after = (await counts(edge)).exposures.find(({ flag }) => flag === "limit").count;
  assert.equal(after - before, 3);
});

test("whose key is nobody's, or a token, reports nothing", async () => {
  const before = await counts(edge);
  for (const [key, status] of [["nobody", 401], [`vxl_browser_production_${"x".repeat(32)}`, 401], [ADMIN, 403], [OPERATE, 403], [undefined, 401]]) {
    const answer = await report(edge, { ...batch([measured("m")]), key });
    assert.deepEqual([answer.status, answer.type], [status, "application/problem+json"], key);
  }
  assert.deepEqual(await counts(edge), before);
});
