import assert from "node:assert/strict";
import { request } from "node:http";
import { before, test } from "node:test";
import { gunzipSync } from "node:zlib";

import { ADMIN, BROWSER, SERVER, startEdge } from "./support.mjs";

const flag = { type: "boolean", variants: { on: true, off: false }, offVariant: "off", expose: "values", default: "off" };
const when = (attr, value) => [{ when: { attr, is: value }, serve: "on" }];

/** Each attribute decides one flag; `unread` none that a page may see. */
const READ = { plan: "pro", country: "DE", "/app/beta": true };
const RULESET = {
  flags: {
    ...Object.fromEntries(Object.entries(READ).map(([attr, value], index) => [`reads-${index}`, { ...flag, rules: when(attr, value) }])),
    half: { ...flag, default: { split: [["on", 1], ["off", 1]] } },
    mobile: { ...flag, rules: when("$edge/agent", "mobile") },
    local: { ...flag, rules: when("$edge/country", "FR") },
    hidden: { ...flag, expose: "server", rules: when("secret", "yes") },
  },
};

let edge;
before(async () => {
  edge = await startEdge({ more: { cf: { country: "FR", asn: 64500 } } });
  await edge.publish(RULESET);
});

/** How often values, or programs, were answered from what was kept, and how often not. */
async function outcomes(cache = "values") {
  const { text } = await edge.call("GET", "/metrics", { key: ADMIN });
  const count = (outcome) => Number(new RegExp(`vexil_cache_total{[^}]*cache="${cache}",outcome="${outcome}"} (\\d+)`).exec(text)?.[1] ?? 0);
  return { hits: count("hit"), misses: count("miss") };
}

test("law 11: what no visible flag reads changes neither the body nor what is kept; what one reads does", async () => {
  const context = { targetingKey: "user-1", plan: "free", country: "AT", app: { beta: false } };
  const first = await edge.values(context);
  const before = await outcomes();
  for (const unread of [{ secret: "yes" }, { city: "Graz" }, { app: { beta: false, version: 7 } }, { "": null }, { __proto__: null, plan2: [1] }]) {
    const same = await edge.values({ ...context, ...unread });
    assert.deepEqual([same.text, same.headers.get("etag")], [first.text, first.headers.get("etag")], JSON.stringify(unread));
  }
  const after = await outcomes();
  assert.deepEqual(after, { hits: before.hits + 5, misses: before.misses });
  const others = [{ plan: "pro" }, { country: "DE" }, { app: { beta: true } }, { targetingKey: "user-2" }, { targetingKey: "user-4" }];
  const bodies = await Promise.all(others.map(async (other) => (await edge.values({ ...context, ...other })).text));
  for (const body of bodies.slice(0, 3)) assert.notEqual(body, first.text);
  assert.ok(bodies.slice(3).some((body) => body !== first.text), "one of two other units falls elsewhere");
});

/** The bytes of an answer as they travel, and its headers. */
function bytes(path, body, headers) {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, edge.url), { method: "POST", headers }, async (answer) => {
      resolve({ headers: answer.headers, body: Buffer.concat(await answer.toArray()) });
    });
    asked.on("error", reject).end(JSON.stringify(body));
  });
}

// The runtime that these tests run in front of the worker tells it that every client reads gzip, as Cloudflare does.
test("a program travels compressed, and the few bytes of a kill as they are", async () => {
  const question = { key: BROWSER, context: { targetingKey: "user-1" } };
  const whole = await edge.program(question.context);
  const small = await bytes("/v1/program", question, { "accept-encoding": "br, gzip" });
  assert.equal(small.headers["content-encoding"], "gzip");
  assert.match(small.headers.vary, /Accept-Encoding/);
  const plain = gunzipSync(small.body);
  assert.ok(small.body.length < plain.length, `${small.body.length} of ${plain.length} bytes`);
  assert.deepEqual(plain.subarray(4, 4 + plain.readUInt32LE()), Buffer.from(whole.program));
  const known = await bytes("/v1/program", { ...question, etag: small.headers.etag }, { "accept-encoding": "gzip" });
  assert.equal(known.headers["content-encoding"], undefined);
});

test("a program is made once for contexts that differ in nothing that it is made from", async () => {
  const context = { targetingKey: "user-1", plan: "free", country: "AT" };
  const first = await edge.program(context);
  const before = await outcomes("program");
  for (const unread of [{}, { secret: "yes" }, { city: "Graz" }]) {
    const same = await edge.program({ ...context, ...unread });
    assert.deepEqual([same.headers.get("etag"), same.bytes], [first.headers.get("etag"), first.bytes], JSON.stringify(unread));
  }
  const known = await edge.program(context, first.headers.get("etag"));
  assert.deepEqual([known.program.length, known.live], [0, first.live]);
  const after = await outcomes("program");
  assert.deepEqual(after, { hits: before.hits + 4, misses: before.misses });
  const other = await edge.program({ ...context, plan: "pro" });
  assert.notEqual(other.headers.get("etag"), first.headers.get("etag"));
  assert.deepEqual(await outcomes("program"), { hits: after.hits, misses: after.misses + 1 });
});

test("no context finds an answer that was kept for another", async () => {
  // Texts that would be one if they were only written one after the other, and values that print alike.
  const pairs = [
    [{ plan: "pro", country: "x" }, { plan: "prox", country: "" }],
    [{ plan: "pro" }, { plan: ["pro", "y"] }],
    [{ plan: "pro" }, { plan: { pro: true } }],
    [{ app: { beta: true } }, { app: { beta: "true" } }],
    [{ plan: null }, { plan: "null" }],
  ];
  for (const pair of pairs) {
    const kept = [];
    for (const context of [...pair, ...pair]) kept.push((await edge.values(context)).json.flags);
    assert.deepEqual(kept.slice(2), kept.slice(0, 2));
    for (const [index, context] of pair.entries()) {
      for (const key of ["reads-0", "reads-1", "reads-2"]) {
        const { json } = await edge.one(key, context, BROWSER);
        assert.equal(kept[index][key].value, json.value, `${key} ${JSON.stringify(context)}`);
      }
    }
  }
});

test("a page and a server never share an answer, nor do versions", async () => {
  const { json: page } = await edge.values({});
  assert.equal(page.flags.hidden, undefined);
  const server = await edge.call("POST", "/v1/values", { key: SERVER, body: { context: {} } });
  assert.notEqual(server.json.flags.hidden, undefined);
  await edge.kill("half");
  assert.equal((await edge.values({})).json.flags.half.reason, "DISABLED");
  await edge.restore("half");
  assert.equal((await edge.values({})).json.flags.half.reason, "DEFAULT");
});

test("a change that does not touch a context answers 304 to it", async () => {
  const context = { targetingKey: "user-1" };
  const { headers } = await edge.values(context);
  const known = headers.get("etag");
  await edge.kill("hidden");
  const again = await edge.values(context, known);
  assert.deepEqual([again.status, again.bytes.length], [304, 0]);
  assert.ok(Number(again.headers.get("vexil-version")) > Number(headers.get("vexil-version")));
  await edge.restore("hidden");
});

test("what the edge knows decides, whatever a page says of it, in every call", async () => {
  const asked = async (context, headers) => {
    const values = await edge.call("POST", "/v1/values", { key: BROWSER, body: { context }, headers });
    const bulk = await edge.call("POST", "/ofrep/v1/evaluate/flags", { key: BROWSER, body: { context }, headers });
    const single = await edge.call("POST", "/ofrep/v1/evaluate/flags/mobile", { key: BROWSER, body: { context }, headers });
    const inBulk = Object.fromEntries(bulk.json.flags.map(({ key, value }) => [key, value]));
    assert.deepEqual([inBulk.mobile, inBulk.local], [values.json.flags.mobile.value, values.json.flags.local.value]);
    assert.equal(single.json.value, inBulk.mobile);
    return [inBulk.mobile, inBulk.local];
  };
  const phone = { "user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148" };
  const desk = { "user-agent": "Mozilla/5.0 (X11; Linux x86_64)" };
  assert.deepEqual(await asked({}, phone), [true, true]);
  assert.deepEqual(await asked({ "$edge/agent": "mobile", "$edge/country": "DE" }, desk), [false, true]);
  assert.deepEqual(await asked({ "$edge/agent": "mobile" }, { ...desk, "sec-ch-ua-mobile": "?1" }), [true, true]);
  // A server speaks for others.
  const { json } = await edge.call("POST", "/ofrep/v1/evaluate/flags/local", { key: SERVER, body: { context: { "$edge/country": "DE" } } });
  assert.equal(json.value, false);
});

test("what the edge knows decides also where a rule points to it, as it does in the program that a page gets", async (t) => {
  const edge = await startEdge({ more: { cf: { country: "FR" } } });
  t.after(() => edge.stop());
  // No rule has the plain name, which would have the edge say what it knows whatever else reads it.
  const pointed = { ...flag, expose: "program", rules: when("/$edge~1country", "Atlantis") };
  await edge.publish({ flags: { pointed } });
  const context = { "$edge/country": "Atlantis" };
  assert.equal((await edge.values(context)).json.flags.pointed.value, false);
  assert.equal((await edge.one("pointed", context, BROWSER)).json.value, false);
  assert.equal((await edge.one("pointed", context)).json.value, true, "a server speaks for others");
  const { program } = await edge.program(context);
  assert.ok(!Buffer.from(program).includes("Atlantis"), "nothing is left that a page could say");
});

test("on a single server no header makes a client's word what the edge knows", async (t) => {
  const edge = await startEdge();
  t.after(() => edge.stop());
  await edge.publish(RULESET);
  const headers = { "mf-cf-blob": '{"country":"FR"}' };
  const { json } = await edge.call("POST", "/v1/values", { body: { key: BROWSER }, headers });
  assert.equal(json.flags.local.value, false);
});

test("metrics count answers, and name no client", async () => {
  await edge.values({ targetingKey: "canary-user", plan: "canary-plan" });
  await edge.call("POST", "/v1/values", { key: "canary-key", body: {} });
  const { status, type, text } = await edge.call("GET", "/metrics", { key: ADMIN });
  assert.deepEqual([status, type], [200, "text/plain; version=0.0.4; charset=utf-8"]);
  assert.match(text, /vexil_requests_total\{environment="production",route="POST \/v1\/values",status="200"\} [1-9]/);
  assert.match(text, /vexil_requests_total\{environment="production",route="POST \/v1\/values",status="401"\} 1/);
  assert.match(text, /vexil_evaluation_errors_total\{environment="production",flag="half",error="missing unit"\} [1-9]/);
  assert.match(text, /vexil_version\{environment="production"\} [1-9]/);
  assert.doesNotMatch(text, /canary|127\.0\.0\.1/);
  for (const line of text.split("\n")) assert.match(line, /^(# (HELP|TYPE) .+|\w+\{.*\} \d+(\.\d+)?|)$/);
  assert.equal((await edge.call("GET", "/metrics", { key: BROWSER })).status, 403);
});
