import assert from "node:assert/strict";
import { test } from "node:test";

import { testSecrets } from "../local.mjs";
import { PAGE_CALLS } from "./calls.mjs";
import { ADMIN, BROWSER, OPERATE, PAGE, RULESET, SERVER, startEdge } from "./support.mjs";

/** A worker with these limits, and the ruleset published from an address of its own. */
async function start(limits) {
  const edge = await startEdge({ secrets: { ...testSecrets, VEXIL_ALLOWED_ORIGINS: PAGE, ...limits } });
  const headers = { "if-match": "*", "cf-connecting-ip": "192.0.2.250" };
  const published = await edge.call("PUT", "/admin/v1/ruleset", { key: ADMIN, headers, body: RULESET });
  assert.equal(published.status, 200, published.text);
  return edge;
}

/** Asks from `address`; a stream is only begun. */
async function ask(edge, { method, path, body }, { key = BROWSER, address, headers = {} } = {}) {
  const from = address === undefined ? {} : { "cf-connecting-ip": address };
  const init = { method, headers: { authorization: `Bearer ${key}`, origin: PAGE, ...from, ...headers } };
  if (method === "POST" || method === "PUT") {
    init.body = body ?? "{}";
  }
  const controller = new AbortController();
  const response = await fetch(edge.url + path, { ...init, signal: controller.signal });
  if (response.headers.get("content-type") === "text/event-stream") {
    controller.abort();
    return { status: response.status, headers: response.headers };
  }
  const text = await response.text();
  return { status: response.status, headers: response.headers, text };
}

/** That `answer` says when to ask again, to a page too. */
function checkTooMany(answer, most, what) {
  assert.equal(answer.status, 429, what);
  const after = Number(answer.headers.get("retry-after"));
  assert.ok(Number.isInteger(after) && after >= 1 && after <= most, `${what}: ${after} s`);
  assert.equal(answer.headers.get("content-type"), "application/problem+json");
  assert.deepEqual(JSON.parse(answer.text), { type: "about:blank", title: "Too Many Requests", status: 429, detail: "too many requests" });
}

test("an address gets what it may on every call of pages, then is told when to ask again", async () => {
  const edge = await start({ VEXIL_ADDRESS_LIMIT: "0.01/3", VEXIL_EVENTS_ADDRESS_LIMIT: "0.01/3" });
  for (const [number, call] of PAGE_CALLS.entries()) {
    const address = `198.51.100.${number}`;
    const what = `${call.method} ${call.path}`;
    for (let asked = 0; asked < 3; asked += 1) {
      assert.equal((await ask(edge, call, { address })).status, call.ok, what);
    }
    const refused = await ask(edge, call, { address });
    checkTooMany(refused, 100, what);
    assert.equal(refused.headers.get("access-control-allow-origin"), PAGE);
    assert.match(refused.headers.get("access-control-expose-headers"), /\bRetry-After\b/);
    assert.equal((await ask(edge, call, { address: `203.0.113.${number}` })).status, call.ok, `${what} from elsewhere`);
  }
});

test("one network is one client, and what a client says of itself elsewhere changes nothing", async () => {
  const edge = await start({ VEXIL_ADDRESS_LIMIT: "0.01/2" });
  const [call] = PAGE_CALLS;
  const status = async (address, headers) => (await ask(edge, call, { address, headers })).status;
  assert.equal(await status("2001:db8:1:2::1"), 200);
  assert.equal(await status("2001:db8:1:2:ffff::9"), 200);
  assert.equal(await status("2001:db8:1:2::7"), 429);
  assert.equal(await status("2001:db8:1:3::1"), 200);
  for (const name of ["x-forwarded-for", "x-real-ip", "forwarded", "true-client-ip", "x-client-ip"]) {
    assert.equal(await status("2001:db8:1:2::1", { [name]: "203.0.113.77" }), 429, name);
  }
});

test("a bucket fills again", async () => {
  const edge = await start({ VEXIL_ADDRESS_LIMIT: "20/1" });
  const [call] = PAGE_CALLS;
  const address = "198.51.100.1";
  const deadline = Date.now() + 10_000;
  const seen = new Set();
  while (!(seen.has(200) && seen.has(429) && (await ask(edge, call, { address })).status === 200)) {
    const answers = await Promise.all([1, 2, 3].map(() => ask(edge, call, { address })));
    answers.forEach(({ status }) => seen.add(status));
    assert.ok(Date.now() < deadline, [...seen].join());
  }
});

test("a key is counted whoever shows it, and wherever it is", async () => {
  const edge = await start({ VEXIL_KEY_LIMIT: "0.01/3" });
  const shows = [
    () => edge.call("POST", "/ofrep/v1/evaluate/flags", { key: BROWSER, body: "{}" }),
    () => edge.call("POST", "/v1/values", { body: { key: BROWSER } }),
    () => edge.call("GET", `/v1/values?key=${BROWSER}`),
    () => edge.call("POST", "/v1/program", { body: { key: BROWSER } }),
  ];
  const statuses = [];
  for (const show of shows) {
    statuses.push((await show()).status);
  }
  assert.deepEqual(statuses, [200, 200, 200, 429]);
  const stream = await ask(edge, { method: "GET", path: `/v1/stream?key=${BROWSER}` });
  checkTooMany(stream, 100, "the stream");
  assert.equal((await edge.all({}, SERVER)).status, 200);
});

test("events have limits of their own: who reports too much may evaluate, and who evaluates too much may report", async () => {
  const report = PAGE_CALLS.find(({ path }) => path === "/v1/events");
  const flags = PAGE_CALLS.find(({ path }) => path === "/v1/values");
  for (const [limits, tooMuch, untouched] of [
    [{ VEXIL_EVENTS_ADDRESS_LIMIT: "0.01/3" }, report, flags],
    [{ VEXIL_EVENTS_KEY_LIMIT: "0.01/3" }, report, flags],
    [{ VEXIL_ADDRESS_LIMIT: "0.01/3" }, flags, report],
    [{ VEXIL_KEY_LIMIT: "0.01/3" }, flags, report],
  ]) {
    const edge = await start(limits);
    const address = "198.51.100.77";
    for (let asked = 0; asked < 3; asked += 1) {
      assert.equal((await ask(edge, tooMuch, { address })).status, tooMuch.ok);
    }
    checkTooMany(await ask(edge, tooMuch, { address }), 100, JSON.stringify(limits));
    assert.equal((await ask(edge, untouched, { address })).status, untouched.ok, JSON.stringify(limits));
  }
});

test("whoever guesses learns nothing after a while, not even of a right key, and pages of the same address go on", async () => {
  const edge = await start({ VEXIL_REFUSED_LIMIT: "0.01/5" });
  const address = "198.51.100.9";
  const headers = { "cf-connecting-ip": address };
  const flags = { method: "POST", path: "/ofrep/v1/evaluate/flags" };
  const ruleset = { method: "GET", path: "/admin/v1/ruleset" };
  for (let guess = 0; guess < 5; guess += 1) {
    const call = guess % 2 === 0 ? flags : ruleset;
    assert.equal((await ask(edge, call, { key: `guess-${guess}`, address })).status, 401);
  }
  for (const [call, key] of [[flags, "guess"], [ruleset, "guess"], [flags, SERVER], [ruleset, ADMIN], [ruleset, OPERATE]]) {
    checkTooMany(await ask(edge, call, { key, address }), 100, `${call.path} ${key}`);
  }
  const inBody = await edge.call("POST", "/v1/values", { headers, body: { key: SERVER } });
  assert.equal(inBody.status, 429);
  assert.equal((await ask(edge, flags, { key: BROWSER, address })).status, 200);
  assert.equal((await ask(edge, ruleset, { key: ADMIN, address: "198.51.100.10" })).status, 200);
});

test("where a proxy does not say who asks, nobody is refused for what another guesses", async () => {
  const edge = await start({ VEXIL_REFUSED_LIMIT: "0.01/3", VEXIL_ADDRESS_LIMIT: "0.01/20" });
  for (let guess = 0; guess < 30; guess += 1) {
    assert.equal((await edge.call("GET", "/admin/v1/ruleset", { key: `guess-${guess}` })).status, 401, guess);
  }
  assert.equal((await edge.kill("checkout")).status, 200);
});

test("the limits that are there without any setting let an office work", async () => {
  const { VEXIL_ADDRESS_LIMIT, VEXIL_KEY_LIMIT, VEXIL_REFUSED_LIMIT, ...secrets } = testSecrets;
  assert.deepEqual([VEXIL_ADDRESS_LIMIT, VEXIL_KEY_LIMIT, VEXIL_REFUSED_LIMIT], ["off", "off", "off"]);
  const edge = await startEdge({ secrets });
  await edge.publish(RULESET);
  for (let batch = 0; batch < 20; batch += 1) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => edge.all()));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  }
});

test("a limit that is none is said in the log, and nobody is let in by it", async () => {
  const edge = await startEdge({ secrets: { ...testSecrets, VEXIL_ADDRESS_LIMIT: "many" } });
  const answer = await edge.all();
  assert.deepEqual([answer.status, answer.json.errorDetails], [500, "the worker could not answer"]);
});
