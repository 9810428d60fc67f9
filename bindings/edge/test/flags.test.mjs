import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";

import { BROWSER, RULESET, SERVER, startEdge } from "./support.mjs";

const HIDDEN = "server-only.canary";

let edge;
before(async () => {
  edge = await startEdge();
  await edge.publish(RULESET);
});
beforeEach(async () => {
  await edge.restore("checkout");
});

test("one flag is answered with why", async () => {
  const named = await edge.one("checkout", { country: "AT" });
  assert.equal(named.status, 200);
  const { version, ...metadata } = named.json.metadata;
  assert.deepEqual(metadata, { rule: "dach" });
  assert.equal(String(version), named.headers.get("vexil-version"));
  assert.deepEqual([named.json.value, named.json.variant, named.json.reason], [true, "on", "TARGETING_MATCH"]);
  const unnamed = await edge.one("checkout", { app: { version: "2.3.0" } });
  assert.equal(unnamed.json.metadata.rule, "1");
  const unit = await edge.one("limit");
  assert.deepEqual([unit.json.value, unit.json.reason, unit.json.metadata.missingUnit], [10, "DEFAULT", true]);
});

test("a context that is no object is invalid", async () => {
  for (const context of [[], "u", 7, true]) {
    const one = await edge.one("checkout", context);
    assert.deepEqual([one.status, one.json.errorCode, one.json.key], [400, "INVALID_CONTEXT", "checkout"]);
    const all = await edge.all(context);
    assert.deepEqual([all.status, all.json.errorCode], [400, "INVALID_CONTEXT"]);
    assert.equal((await edge.values(context)).status, 400);
  }
});

test("a value is the same bytes in every answer, and a name outside ASCII survives", async () => {
  const value = '{"currency":"EUR","A–Z":[1.5,null]}';
  assert.ok((await edge.one("prices")).text.includes(`"value":${value},`));
  assert.ok((await edge.all()).text.includes(`"value":${value},`));
  assert.ok((await edge.values()).text.includes(`"value":${value},`));
  assert.ok(new TextDecoder().decode((await edge.program()).program).includes(value));
});

test("a lone surrogate in a context is U+FFFD, not an error", async () => {
  const context = { targetingKey: "user-\ud800" };
  assert.equal((await edge.one("limit", context)).text, (await edge.one("limit", { targetingKey: "user-\ufffd" })).text);
});

test("an unchanged bulk answer is a 304, whatever else changed", async () => {
  const context = { country: "DE", targetingKey: "user-1" };
  const first = await edge.all(context);
  const etag = first.headers.get("etag");
  const ask = async (other = context) => (await edge.all(other, BROWSER, { "if-none-match": etag })).status;
  assert.match(etag, /^"[0-9a-f]{16}"$/);
  assert.equal(await ask(), 304);
  await edge.kill(HIDDEN);
  assert.equal(await ask(), 304);
  await edge.restore(HIDDEN);
  assert.equal(await ask({ ...context, nobodyReads: 1 }), 304);
  assert.equal(await ask({ targetingKey: "user-1" }), 200);
  await edge.kill("checkout");
  assert.equal(await ask(), 200);
});

test("a bulk answer tells a browser where to listen, and a server no URL with its secret", async () => {
  const [stream] = (await edge.all()).json.eventStreams;
  assert.equal(stream.type, "sse");
  const head = await edge.call("HEAD", stream.endpoint.requestUri);
  assert.deepEqual([head.status, head.type], [200, "text/event-stream"]);
  const server = await edge.all({}, SERVER);
  assert.equal(server.json.eventStreams, undefined);
  assert.ok(!server.text.includes(SERVER));
});

test("values are posted for or asked for by URL, and the answers are those of OFREP", async () => {
  const context = { country: "DE", targetingKey: "user-1" };
  const posted = await edge.values(context);
  const encoded = Buffer.from(JSON.stringify(context)).toString("base64url");
  const got = await edge.call("GET", `/v1/values?key=${BROWSER}&context=${encoded}`);
  assert.equal(posted.text, got.text);
  assert.equal(posted.headers.get("etag"), got.headers.get("etag"));
  assert.equal(posted.json.nextChange, null);
  const bulk = (await edge.all(context)).json.flags;
  assert.deepEqual(Object.keys(posted.json.flags), bulk.map(({ key }) => key));
  for (const { key, value, variant, reason } of bulk) {
    const { value: v, variant: n, reason: r } = posted.json.flags[key];
    assert.deepEqual([v, n, r], [value, variant, reason], key);
  }
  for (const bad of ["e!", "e30A", Buffer.from("[]").toString("base64url")]) {
    assert.equal((await edge.call("GET", `/v1/values?key=${BROWSER}&context=${bad}`)).status, 400, bad);
  }
});

test("answers that will change by themselves say when, and no cache keeps any of them until asked", async () => {
  const timed = { when: { time: { from: "2100-01-01T00:00:00Z" } }, serve: "staff" };
  const { banner } = RULESET.flags;
  await edge.publish({ ...RULESET, flags: { ...RULESET.flags, banner: { ...banner, rules: [timed, ...banner.rules] } } });
  const values = await edge.values();
  assert.equal(values.json.nextChange, Date.UTC(2100, 0));
  for (const answer of [values, await edge.program(), await edge.all(), await edge.one("banner")]) {
    assert.equal(answer.headers.get("cache-control"), "private, no-cache");
    assert.equal(answer.headers.get("expires"), null);
  }
  await edge.publish(RULESET);
});

test("known values are a 304, by body and by header", async () => {
  const etag = (await edge.values()).headers.get("etag");
  const byBody = await edge.values({}, etag);
  assert.deepEqual([byBody.status, byBody.bytes.length, byBody.headers.get("etag")], [304, 0, etag]);
  assert.ok(byBody.headers.get("vexil-version"));
  const headers = { "if-none-match": etag };
  assert.equal((await edge.call("GET", `/v1/values?key=${BROWSER}`, { headers })).status, 304);
  assert.equal((await edge.values({ country: "DE" }, etag)).status, 200);
});

test("a program is sent once; after a kill only live state is", async () => {
  const first = await edge.program();
  assert.equal(first.type, "application/octet-stream");
  assert.ok(first.program.length > 100 && first.live.length >= 20);
  const etag = first.headers.get("etag");
  await edge.kill("checkout");
  const second = await edge.program({}, etag);
  assert.deepEqual([second.status, second.headers.get("etag"), second.program.length], [200, etag, 0]);
  assert.ok(second.live.length > first.live.length);
  assert.equal(Number(second.headers.get("vexil-version")), Number(first.headers.get("vexil-version")) + 1);
  assert.deepEqual((await edge.program()).program, first.program);
});

test("a browser's key sees no flag that is for servers, by any route", async () => {
  const contexts = [{}, { country: "DE", targetingKey: "user-1", email: "a@canary.example" }];
  const answers = [await edge.one(HIDDEN, {}, BROWSER)];
  assert.deepEqual([answers[0].status, answers[0].json.errorCode], [404, "FLAG_NOT_FOUND"]);
  answers.length = 0;
  for (const context of contexts) {
    answers.push(await edge.all(context), await edge.values(context), await edge.program(context));
  }
  for (const answer of answers) {
    assert.equal(answer.status, 200);
    const all = `${[...answer.headers]} ${new TextDecoder("latin1").decode(answer.bytes)}`;
    assert.ok(!all.includes("canary"), all);
  }
  assert.equal((await edge.one(HIDDEN, {}, SERVER)).json.value, true);
  assert.ok((await edge.all({}, SERVER)).text.includes(HIDDEN));
});

test("a browser cannot tell a hidden flag from one that does not exist", async () => {
  const shape = async (flag) => {
    const answer = await edge.one(flag, {}, BROWSER);
    const headers = [...answer.headers].filter(([name]) => !["date", "content-length"].includes(name));
    return [answer.status, headers, answer.text.replaceAll(flag, "?")];
  };
  assert.deepEqual(await shape(HIDDEN), await shape("no-such-flag"));
});

test("answers follow from the context alone, also when many are asked for at once", async () => {
  const countries = Array.from({ length: 40 }, (_, number) => ["DE", "FR", "AT", "US"][number % 4]);
  const answers = await Promise.all(countries.map((country) => edge.one("checkout", { country })));
  assert.deepEqual(answers.map(({ json }) => json.value), countries.map((country) => ["DE", "AT"].includes(country)));
});
