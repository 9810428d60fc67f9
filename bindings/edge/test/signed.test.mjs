import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { before, test } from "node:test";

import { testSecrets } from "../local.mjs";
import { BROWSER, SERVER, startEdge } from "./support.mjs";

const flag = (rest) => ({ type: "boolean", variants: { on: true, off: false }, offVariant: "off", default: "off", ...rest });
const RULESET = {
  flags: {
    staff: flag({ expose: "values", rules: [{ when: { attr: "email", endsWith: "@staff.example" }, serve: "on" }] }),
    rich: flag({ expose: "program", rules: [{ when: { attr: "/account/ltv", gte: 1000 }, serve: "on" }] }),
    // Who says nothing is no child.
    adult: flag({ expose: "values", rules: [{ when: { not: { attr: "/account/child", is: true } }, serve: "on" }] }),
    beta: flag({ expose: "program", requires: { flag: "staff", variant: ["on"] }, default: "on" }),
    dach: flag({ expose: "program", rules: [{ when: { attr: "country", in: ["DE"] }, serve: "on" }] }),
    mine: flag({ expose: "values", targets: { on: ["user-1"] } }),
  },
  private: ["email", "/account"],
};
const PRIVATE = ["adult", "beta", "rich", "staff"];
const PUBLIC = ["dach", "mine"];

const secret = randomBytes(32);
const pair = generateKeyPairSync("ed25519");
const stranger = generateKeyPairSync("ed25519");
const publicBytes = (keys) => keys.publicKey.export({ format: "jwk" }).x;
const JWKS = {
  keys: [
    { kid: "mac", kty: "oct", alg: "HS256", k: secret.toString("base64url") },
    { kid: "pair", kty: "OKP", crv: "Ed25519", x: publicBytes(pair), environments: ["production"] },
    { kid: "staging-mac", kty: "oct", k: secret.toString("base64url"), environments: ["staging"] },
  ],
};

const hmac = (key) => (text) => createHmac("sha256", key).update(text).digest();
const ed25519 = (keys) => (text) => sign(null, Buffer.from(text), keys.privateKey);
const encode = (json) => Buffer.from(typeof json === "string" ? json : JSON.stringify(json)).toString("base64url");
const seconds = () => Math.floor(Date.now() / 1000);
const CONTEXT = { email: "ada@staff.example", account: { ltv: 5000 }, country: "DE" };

/** A right token but for what is said otherwise; a claim that is `undefined` is not in it. */
function token({ header = {}, claims = {}, signer = hmac(secret), alter = (text) => text } = {}) {
  const first = encode(typeof header === "string" ? header : { alg: "HS256", kid: "mac", ...header });
  const second = encode(typeof claims === "string" ? claims : { aud: "production", exp: seconds() + 600, context: CONTEXT, ...claims });
  const signed = `${first}.${second}`;
  return alter(`${signed}.${signer(signed).toString("base64url")}`);
}
const PAIR = { header: { alg: "EdDSA", kid: "pair" }, signer: ed25519(pair) };

let edge;
before(async () => {
  const secrets = { ...testSecrets, VEXIL_ENVIRONMENTS: "production,staging", VEXIL_CONTEXT_KEYS: JSON.stringify(JWKS) };
  edge = await startEdge({ secrets });
  assert.equal((await edge.publish(RULESET)).status, 200);
});

/** Each way in which a signed context travels; all answer as `edge.call` does. */
const both = (signed) => ({ "x-api-key": BROWSER, authorization: `Bearer ${signed}` });
const WAYS = {
  "OFREP, one flag": (signed, context = {}, on = edge) =>
    on.call("POST", "/ofrep/v1/evaluate/flags/staff", { headers: both(signed), body: { context } }),
  "OFREP, all flags": (signed, context = {}, on = edge) =>
    on.call("POST", "/ofrep/v1/evaluate/flags", { headers: both(signed), body: { context } }),
  "values by URL": (signed, context = {}, on = edge) =>
    on.call("GET", `/v1/values?key=${BROWSER}&context=${encode(context)}`, { headers: { authorization: `Bearer ${signed}` } }),
  "values by body": (signed, context = {}, on = edge) =>
    on.call("POST", "/v1/values", { headers: { "content-type": "text/plain" }, body: { key: BROWSER, context, signed } }),
  "values, key in the body": (signed, context = {}, on = edge) =>
    on.call("POST", "/v1/values", { headers: { authorization: `Bearer ${signed}` }, body: { key: BROWSER, context } }),
  "the program": (signed, context = {}, on = edge) => on.call("POST", "/v1/program", { body: { key: BROWSER, context, signed } }),
};

/** What `values` says of each flag. */
async function values(signed, context, key = BROWSER) {
  const answer = await edge.call("POST", "/v1/values", { body: { key, context, signed } });
  assert.equal(answer.status, 200, answer.text);
  return Object.fromEntries(Object.entries(answer.json.flags).map(([name, { value }]) => [name, value]));
}

test("a signed context is taken by every way, with a secret of both sides and with a pair of keys", async () => {
  for (const signed of [token(), token(PAIR), token({ ...PAIR, header: { alg: "Ed25519", kid: "pair" } })]) {
    for (const [way, ask] of Object.entries(WAYS)) {
      const answer = await ask(signed);
      assert.equal(answer.status, 200, `${way}: ${answer.text}`);
    }
    assert.equal((await WAYS["OFREP, one flag"](signed)).json.value, true);
  }
});

test("a token that is not right is refused by every way, and says why", async () => {
  const soon = seconds() + 600;
  const confused = Buffer.from(publicBytes(pair), "base64url");
  const jwk = stranger.publicKey.export({ format: "jwk" });
  const cases = [
    ["no signature at all", { header: { alg: "none" }, signer: () => Buffer.alloc(0) }, /not signed as its key/],
    ["none in capitals", { header: { alg: "NONE" }, signer: () => Buffer.alloc(0) }, /not signed as its key/],
    ["the public key as a secret", { header: { alg: "HS256", kid: "pair" }, signer: hmac(confused) }, /not signed as its key/],
    ["a secret as a pair", { header: { alg: "EdDSA" }, signer: ed25519(stranger) }, /not signed as its key/],
    ["another algorithm", { header: { alg: "RS256" } }, /not signed as its key/],
    ["a key nobody knows", { header: { kid: "other" } }, /key that is not known/],
    ["a key of another environment", { header: { kid: "staging-mac" } }, /key that is not known/],
    ["no key", { header: { kid: undefined } }, /no JWT/],
    ["a key that is a path", { header: { kid: "../../mac" } }, /key that is not known/],
    ["a key of its own", { header: { alg: "EdDSA", kid: "pair", jwk }, signer: ed25519(stranger) }, /signature .* is wrong/],
    ["a key set of its own", { header: { alg: "EdDSA", kid: "pair", jku: "https://evil.example" }, signer: ed25519(stranger) }, /signature .* is wrong/],
    ["a stranger's signature", { ...PAIR, signer: ed25519(stranger) }, /signature .* is wrong/],
    ["a stranger's secret", { signer: hmac("x".repeat(32)) }, /signature .* is wrong/],
    ["half a signature", { signer: (text) => hmac(secret)(text).subarray(0, 16) }, /signature .* is wrong/],
    ["half a signature of a pair", { ...PAIR, signer: (text) => ed25519(pair)(text).subarray(0, 32) }, /signature .* is wrong/],
    ["an empty signature", { signer: () => Buffer.alloc(0) }, /signature .* is wrong/],
    ["zeros", { ...PAIR, signer: () => Buffer.alloc(64) }, /signature .* is wrong/],
    ["other claims", { alter: (text) => text.replace(/\..*\./, `.${encode({ aud: "production", exp: soon, context: CONTEXT })}x.`) }, /no JWT|wrong/],
    ["another header", { alter: (text) => text.replace(/^[^.]*/, encode({ kid: "mac", alg: "HS256" })) }, /signature .* is wrong/],
    ["critical members", { header: { crit: ["b64"], b64: false } }, /critical/],
    ["expired", { claims: { exp: seconds() - 61 } }, /has expired/],
    ["expired long ago", { claims: { exp: 0 } }, /has expired/],
    ["no end", { claims: { exp: undefined } }, /no `exp`/],
    ["an end that is text", { claims: { exp: String(soon) } }, /no `exp`/],
    ["an end that is no number", { claims: `{"aud":"production","exp":1e999,"context":{}}` }, /no JWT/],
    ["a beginning to come", { claims: { nbf: soon } }, /not one yet/],
    ["another environment", { claims: { aud: "staging" } }, /not for this environment/],
    ["for nobody", { claims: { aud: undefined } }, /not for this environment/],
    ["no context", { claims: { context: undefined } }, /no object `context`/],
    ["a context that is a list", { claims: { context: [] } }, /no object `context`/],
    ["claims that are a list", { claims: "[]" }, /no JWT/],
    ["claims that are no JSON", { claims: "{" }, /no JWT/],
    ["claims that nest without end", { claims: `{"context":${"[".repeat(5000)}` }, /no JWT/],
    ["a header that is no JSON", { header: "e" }, /no JWT/],
    ["no base64url", { alter: (text) => `${text}!` }, /no JWT/],
    ["padding", { alter: (text) => `${text}=` }, /no JWT/],
    ["a huge token", { claims: { padding: "x".repeat(16 * 1024) } }, /larger than 16384 bytes/],
  ];
  for (const [name, parts, why] of cases) {
    const signed = token(parts);
    for (const [way, ask] of Object.entries(WAYS)) {
      const answer = await ask(signed);
      const said = `${name}, ${way}: ${answer.status} ${answer.text}`;
      assert.deepEqual([answer.status, answer.type], [401, "application/problem+json"], said);
      assert.equal(answer.headers.get("www-authenticate").startsWith("Bearer"), true, said);
      // In a header, what does not begin as a token does is a key that nobody has.
      assert.match(answer.json.detail, signed.startsWith("e") ? why : /no JWT|needs a key/, said);
      assert.ok(!answer.text.includes(signed.slice(0, 40)), said);
    }
  }
});

test("what has two parts or four is no token", async () => {
  const [first, second, third] = token().split(".");
  for (const signed of [`${first}.${second}`, `${first}.${second}.${third}.${third}`, first, "."]) {
    for (const [way, ask] of Object.entries(WAYS)) {
      assert.equal((await ask(signed)).status, 401, `${way} ${signed}`);
    }
  }
});

test("clocks may differ by a minute", async () => {
  const ask = async (claims) => (await WAYS["values by body"](token({ claims }))).status;
  assert.equal(await ask({ exp: seconds() - 50 }), 200);
  assert.equal(await ask({ nbf: seconds() + 50 }), 200);
  assert.equal(await ask({ nbf: seconds() + 70 }), 401);
});

test("a token may be shown again until it expires, and never after", async () => {
  const signed = token({ claims: { exp: seconds() - 57, jti: "once" } });
  for (let again = 0; again < 3; again += 1) {
    assert.equal((await WAYS["values by body"](signed)).status, 200);
  }
  const deadline = Date.now() + 10_000;
  while ((await WAYS["values by body"](signed)).status === 200) {
    assert.ok(Date.now() < deadline, "it lives on");
  }
  for (const [way, ask] of Object.entries(WAYS)) {
    const replayed = await ask(signed);
    assert.equal(replayed.status, 401, way);
    assert.match(replayed.json.detail, /has expired/);
  }
});

test("a token of one environment is none in another", async () => {
  const headers = { ...both(token()), "vexil-environment": "staging" };
  const answer = await edge.call("POST", "/ofrep/v1/evaluate/flags", { headers, body: "{}" });
  assert.match(answer.json.detail, /not for this environment/);
  const staging = token({ header: { kid: "staging-mac" }, claims: { aud: ["staging"] } });
  headers.authorization = `Bearer ${staging}`;
  assert.equal((await edge.call("POST", "/ofrep/v1/evaluate/flags", { headers, body: "{}" })).status, 200);
  headers.authorization = `Bearer ${token({ ...PAIR, claims: { aud: "staging" } })}`;
  assert.match((await edge.call("POST", "/ofrep/v1/evaluate/flags", { headers, body: "{}" })).json.detail, /key that is not known/);
});

test("without context keys a token is refused, and contexts are believed as they are", async () => {
  const open = await startEdge();
  await open.publish(RULESET);
  for (const [way, ask] of Object.entries(WAYS)) {
    const answer = await ask(token(), {}, open);
    assert.deepEqual([way, answer.status], [way, 401]);
    assert.match(answer.json.detail, /takes no signed contexts/);
  }
  assert.equal((await open.one("staff", CONTEXT, BROWSER)).json.value, true);
});

test("an unsigned context sees no flag that leads to anything private, by any call", async () => {
  for (const context of [{}, CONTEXT, { country: "DE", account: { child: false } }]) {
    assert.deepEqual(Object.keys(await values(undefined, context)), PUBLIC);
    assert.deepEqual((await edge.all(context)).json.flags.map(({ key }) => key), PUBLIC);
    const { program } = await edge.program(context);
    const bytes = Buffer.from(program).toString("latin1");
    assert.deepEqual([...PRIVATE, ...PUBLIC].filter((key) => bytes.includes(key)), PUBLIC);
    for (const key of PRIVATE) {
      const one = await edge.one(key, context, BROWSER);
      assert.deepEqual([one.status, one.json.errorCode], [404, "FLAG_NOT_FOUND"], key);
    }
  }
  assert.equal((await values(undefined, CONTEXT)).dach, true);
});

test("what is signed wins over what is said beside it, and what is private is believed only signed", async () => {
  const mine = (context) => token({ claims: { context } });
  const all = { adult: true, beta: false, dach: false, mine: false, rich: false, staff: false };
  for (const [signed, said, want] of [
    [mine(CONTEXT), {}, { beta: true, dach: true, rich: true, staff: true }],
    [mine(CONTEXT), { email: "x@y", account: {}, country: "FR" }, { beta: true, dach: true, rich: true, staff: true }],
    [mine({}), CONTEXT, { dach: true }],
    [mine({}), { "/account/ltv": 5000, account: { ltv: 5000 } }, {}],
    [mine({ account: { child: true } }), { account: { child: false } }, { adult: false }],
    [mine({ account: { child: true } }), { account: null }, { adult: false }],
    [mine({}), { targetingKey: "user-1" }, { mine: true }],
    [token({ claims: { sub: "user-1", context: {} } }), { targetingKey: "user-2" }, { mine: true }],
    [token({ claims: { sub: "user-1", context: undefined } }), {}, { mine: true }],
  ]) {
    assert.deepEqual(await values(signed, said), { ...all, ...want }, JSON.stringify(said));
  }
});

test("a server vouches for what it says by its key", async () => {
  assert.equal((await values(undefined, CONTEXT, SERVER)).staff, true);
  assert.equal((await values(token({ claims: { context: {} } }), CONTEXT, SERVER)).staff, false);
});

test("a token is no key", async () => {
  const headers = { authorization: `Bearer ${token()}` };
  for (const [method, path] of [["POST", "/ofrep/v1/evaluate/flags"], ["GET", "/admin/v1/ruleset"], ["GET", "/v1/values"], ["GET", "/v1/stream"]]) {
    const answer = await edge.call(method, path, { headers, ...(method === "POST" && { body: "{}" }) });
    assert.equal(answer.status, 401, path);
  }
  const beside = await edge.call("POST", "/v1/values", { body: { key: "nobody", signed: token() } });
  assert.match(beside.json.detail, /needs a key/);
});
