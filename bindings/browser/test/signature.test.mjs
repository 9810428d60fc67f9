// Signed programs, before a real edge that signs.

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { after, before, test } from "node:test";
import { createClient } from "vexil";
import { signedBy } from "vexil/signature";
import { testSecrets } from "../../edge/local.mjs";
import { startEdge, startRelay, until } from "./support.mjs";

const on = { type: "boolean", variants: { on: true, off: false }, offVariant: "off", expose: "program", default: "on" };
const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const publicText = publicKey.export({ type: "spki", format: "pem" });

let edge;
let relay;
before(async () => {
  const signing = privateKey.export({ type: "pkcs8", format: "pem" });
  edge = await startEdge({ VEXIL_SIGNING_KEY: signing, VEXIL_ENVIRONMENTS: "production, staging" });
  await edge.publish({ flags: { first: on } });
  relay = await startRelay(edge.url);
});
after(async () => {
  await relay.close();
  await edge.close();
});

function start(key = publicText, environment = "production") {
  return createClient({ url: relay.url, key: edge.key, verify: signedBy(key, environment) });
}

/** Lets `change` work on the frame and the headers of every program. */
function changing(change) {
  relay.before = async ({ path }, pass) => {
    if (!path.startsWith("/v1/program")) return undefined;
    const answer = await pass();
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const headers = new Headers(answer.headers);
    change(bytes, headers);
    return new Response(bytes, { headers });
  };
}

async function isRefused(problem, key) {
  const client = start(key);
  await until(() => client.status.problem, "it says what is wrong");
  assert.match(client.status.problem, problem);
  assert.equal(client.boolean("first", false), false);
  client.close();
}

test("a program with the right signature is used, and so is the next one", async () => {
  changing(() => {});
  const client = start();
  assert.equal((await client.ready()).state, "ready");
  assert.equal(client.boolean("first", false), true);
  await edge.publish({ flags: { first: on, second: on } });
  await until(() => client.boolean("second", false), "the second flag is on");
  await edge.kill("first");
  await until(() => !client.boolean("first", true), "a kill, which sends no program, is heard");
  await edge.restore("first");
  client.close();
});

test("a program without a signature, with another's, or changed by a byte is not used", async () => {
  changing((_, headers) => headers.delete("vexil-signature"));
  await isRefused(/without a signature/);
  changing((_, headers) => headers.set("vexil-signature", Buffer.alloc(64).toString("base64")));
  await isRefused(/somebody else signed, or changed/);
  // The published time, which nothing but the checksum and the signature covers.
  changing((bytes) => (bytes[4 + 24] ^= 1));
  await isRefused(/somebody else signed, or changed/);
  changing(() => {});
  await isRefused(/somebody else signed, or changed/, generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }));
});

test("an older program is not used, though its signature is right", async () => {
  let old;
  changing((bytes, headers) => (old ??= { bytes: bytes.slice(), signature: headers.get("vexil-signature") }));
  const client = start();
  await client.ready();
  await edge.publish({ flags: { first: on, third: on } });
  await until(() => client.boolean("third", false), "the third flag is on");
  relay.before = async ({ path }) =>
    path.startsWith("/v1/program")
      ? new Response(old.bytes, { headers: { "vexil-signature": old.signature, "vexil-version": "1000000" } })
      : undefined;
  await edge.kill("third");
  await until(() => client.status.problem, "it says what is wrong");
  assert.match(client.status.problem, /sent program \d+ after program \d+/);
  assert.equal(client.boolean("third", false), true);
  client.close();
});

test("a program of another environment is not used, though its signature is right", async () => {
  const elsewhere = { "If-Match": "*", "Vexil-Environment": "staging", Authorization: `Bearer ${testSecrets.VEXIL_ADMIN_TOKEN}` };
  const ruleset = JSON.stringify({ flags: { first: { ...on, default: "off" } } });
  const { ok } = await fetch(`${edge.url}/admin/v1/ruleset`, { method: "PUT", headers: elsewhere, body: ruleset });
  assert.ok(ok);
  relay.before = async ({ path, body }) =>
    path.startsWith("/v1/program")
      ? fetch(`${edge.url}${path}?environment=staging`, { method: "POST", body: JSON.stringify(body) })
      : undefined;
  const client = start();
  await until(() => client.status.problem, "it says what is wrong");
  assert.match(client.status.problem, /a program of staging, expected production/);
  assert.equal(client.boolean("first", true), true);
  client.close();
  const there = start(publicText, "staging");
  assert.equal((await there.ready()).state, "ready");
  assert.equal(there.boolean("first", true), false);
  there.close();
});
