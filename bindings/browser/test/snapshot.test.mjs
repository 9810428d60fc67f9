// What a server puts into a page, and what becomes of it there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Script } from "node:vm";
import { escapeSnapshot, fetchSnapshot, snapshotClient, SnapshotError, visitor } from "vexil/server";
import { edge, on, relay, setStage, start } from "./stage.mjs";
import { gate } from "./support.mjs";

const hostile = "</script><script>alert(1)</script><!--\u2028\u2029&amp;";
const ruleset = {
  flags: {
    dach: { ...on, rules: [{ name: "by country", when: { attr: "country", in: ["DE", "AT", "CH"] }, serve: "on" }], default: "off" },
    text: { ...on, type: "string", variants: { hostile, none: "" }, offVariant: "none", default: "hostile" },
    hidden: { ...on, expose: "server", default: "on" },
  },
};
const context = { targetingKey: "user-1", country: "DE" };

setStage(ruleset);

const fetched = (options) => fetchSnapshot({ url: `${relay.url}/`, key: edge.key, context, ...options });

test("a snapshot has what a page may see, by one request", async () => {
  const { at, etag, version, ...rest } = await fetched();
  const answer = { value: true, variant: "on", reason: "TARGETING_MATCH", rule: "by country" };
  assert.deepEqual(rest, { flags: { dach: answer, text: { value: hostile, variant: "hostile", reason: "STATIC" } }, nextChange: null, context });
  assert.ok(version > 0 && Math.abs(Date.now() - at) < 5_000 && etag.startsWith('"'));
  assert.deepEqual(relay.requests.map(({ path }) => path), ["/v1/values"]);
});

test("a client that begins with it has its answers at once, and asks whether they changed", async () => {
  const snapshot = JSON.parse(escapeSnapshot(await fetched()));
  const client = start({ bootstrap: snapshot, engine: "off", context: undefined });
  assert.deepEqual([client.status, client.context, client.boolean("dach", false)], [{ state: "ready", source: "bootstrap" }, context, true]);
  assert.equal(client.details("dach").version, snapshot.version);
});

test("a server renders from it and asks nobody", async () => {
  const snapshot = await fetched();
  const count = relay.requests.length;
  const client = snapshotClient(snapshot);
  assert.deepEqual([client.status.state, client.boolean("dach", false), client.version, client.context], ["ready", true, snapshot.version, context]);
  assert.deepEqual(client.details("dach"), { ...snapshot.flags.dach, version: snapshot.version });
  client.setContext({ country: "FR" });
  assert.deepEqual([client.boolean("dach", false), client.status.pending], [true, undefined]);
  assert.equal(relay.requests.length, count);
});

test("nothing that is in it ends a script", async () => {
  const snapshot = await fetched();
  const text = escapeSnapshot(snapshot);
  assert.doesNotMatch(text, /[<\u2028\u2029]/);
  assert.deepEqual(JSON.parse(text), snapshot);
  assert.equal(new Script(`(${text})`).runInNewContext().flags.text.value, hostile);
});

test("there is none where the edge refuses, does not answer, or is none", async () => {
  const refused = (options, expected) => assert.rejects(fetched(options), (error) => {
    assert.ok(error instanceof SnapshotError);
    const { name, message, status } = error;
    assert.deepEqual({ name, message, status }, { name: "SnapshotError", ...expected });
    return true;
  });
  await refused({ key: "wrong" }, { message: "the edge answered 401", status: 401 });
  await refused({ fetch: () => Promise.reject(new TypeError("no network")) }, { message: "the edge cannot be reached: no network", status: undefined });
  await refused({ fetch: async () => new Response("{}") }, { message: "what answered is not an edge of Vexil", status: 200 });
  relay.before = () => gate().opened;
  await refused({ timeoutMs: 20 }, { message: "the edge cannot be reached: The operation was aborted due to timeout", status: undefined });
});

test("a visitor is who the cookie says, and somebody new without one", () => {
  assert.equal(visitor("theme=dark; vexil.anonymousId=abc123; lang=de").anonymousId, "abc123");
  assert.equal(visitor("vexil.anonymousId=abc123").setCookie, "vexil.anonymousId=abc123; path=/; max-age=34560000; samesite=lax");
  const { anonymousId, setCookie } = visitor(undefined);
  assert.match(anonymousId, /^[0-9a-z]{16,}$/);
  assert.equal(visitor(setCookie.split("; ")[0]).anonymousId, anonymousId);
  assert.notEqual(visitor("other.vexil.anonymousId=abc").anonymousId, "abc");
});
