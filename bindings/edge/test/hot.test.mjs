import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { testSecrets } from "../local.mjs";
import { head, raw } from "./raw.mjs";
import { ADMIN, BROWSER, PAGE, RULESET, SERVER, startEdge } from "./support.mjs";

const entry = fileURLToPath(new URL("../entry", import.meta.url));

/** The worker as it is, which a request with the header `x-way: slow` has answer as if nothing could be answered at once. */
const SOURCE = `
  import worker, { Environment, Hub } from "./worker.mjs";
  export { Environment, Hub };
  export default {
    fetch: (request, env, context) => (request.url.endsWith("/ways") ? Response.json(globalThis.ways.splice(0)) : worker.fetch(request, env, context)),
  };`;
const fork = {
  name: "fork",
  setup(build) {
    build.onResolve({ filter: /dist\/worker\.js$/ }, ({ namespace }) => (namespace === "fork" ? undefined : { path: "fork", namespace: "fork" }));
    build.onLoad({ filter: /./, namespace: "fork" }, () => ({
      resolveDir: entry,
      contents: `
        import * as glue from "../dist/worker.js";
        export * from "../dist/worker.js";
        export function answerAtOnce(request, ...rest) {
          const answer = request.headers.get("x-way") === "slow" ? undefined : glue.answerAtOnce(request, ...rest);
          globalThis.ways.push(answer === undefined ? "slow" : "at once");
          return answer;
        }`,
    }));
  },
};

let script;
let edge;
before(async () => {
  script = mkdtempSync(join(tmpdir(), "vexil-hot-"));
  const options = { bundle: true, format: "esm", external: ["./worker.wasm", "cloudflare:*"], banner: { js: "globalThis.ways ??= [];" } };
  await build({ ...options, stdin: { contents: SOURCE, resolveDir: entry, loader: "js" }, outfile: join(script, "worker.mjs"), plugins: [fork] });
  copyFileSync(join(entry, "../dist/worker.wasm"), join(script, "worker.wasm"));
  const secrets = { ...testSecrets, VEXIL_ALLOWED_ORIGINS: PAGE, VEXIL_ENVIRONMENTS: "production, staging", VEXIL_KEY_LIMIT: "1000/10000" };
  edge = await startEdge({ script, secrets, more: { cf: { country: "FR" } } });
  const flag = { type: "boolean", variants: { on: true, off: false }, offVariant: "off", expose: "values", default: "off" };
  const local = { ...flag, rules: [{ when: { attr: "$edge/country", is: "FR" }, serve: "on" }] };
  const mobile = { ...flag, rules: [{ when: { attr: "$edge/agent", is: "mobile" }, serve: "on" }] };
  const { flags } = RULESET;
  assert.equal((await edge.publish({ ...RULESET, flags: { ...flags, local, mobile } })).status, 200);
  assert.equal((await edge.values()).status, 200);
});
after(() => rmSync(script, { recursive: true, force: true }));

const ways = async () => (await edge.call("GET", "/ways")).json;

/** Asks both ways, and returns the answer, which is the same but for when it was given. */
async function same(method, path, { way = "at once", ...options } = {}) {
  // What this isolate knows may have grown too old to be told at once.
  await edge.values();
  await ways();
  const said = [];
  for (const forced of ["at once", "slow"]) {
    const answer = await edge.call(method, path, { ...options, headers: { ...options.headers, "x-way": forced } });
    const headers = Object.fromEntries([...answer.headers].filter(([name]) => name !== "date"));
    said.push({ status: answer.status, headers, body: Buffer.from(answer.bytes).toString("latin1") });
  }
  const what = `${method} ${path} ${JSON.stringify(options)}`;
  assert.deepEqual(said[0], said[1], what);
  assert.deepEqual((await ways())[0] ?? "slow", way, what);
  return said[0];
}

const base64url = (context) => Buffer.from(JSON.stringify(context)).toString("base64url");

test("values that a page asks for are the same both ways", async () => {
  const context = { targetingKey: "user-1", country: "DE" };
  const key = BROWSER;
  const { status, headers } = await same("POST", "/v1/values", { body: { key, context } });
  assert.equal(status, 200);
  const { etag } = headers;
  const known = await same("POST", "/v1/values", { body: { key, context, etag } });
  assert.deepEqual([known.status, known.body, known.headers.etag], [304, "", etag]);
  for (const headers of [
    { origin: PAGE },
    { origin: "https://evil.example" },
    { origin: PAGE, "if-none-match": etag },
    { "if-none-match": `W/${etag}, "0"` },
    { "if-none-match": "*" },
    { "x-api-key": SERVER },
    { authorization: `Bearer ${SERVER}` },
    { authorization: `bearer  ${BROWSER} `, "x-api-key": "nobody" },
    { "vexil-environment": "production" },
    { "user-agent": "Mozilla/5.0 (iPhone) Mobile/15E148" },
    { "sec-ch-ua-mobile": "?1" },
    { "cf-connecting-ip": "192.0.2.1" },
  ]) {
    assert.ok([200, 304].includes((await same("POST", "/v1/values", { body: { key, context }, headers })).status));
  }
  for (const body of [{ key }, { key, version: 1, context: {} }, { key, context: { "$edge/country": "DE" } }]) {
    assert.equal((await same("POST", "/v1/values", { body })).status, 200);
  }
  assert.equal((await same("POST", "/v1/values", { key, body: "" })).status, 200);
});

test("so are those that are asked for in a URL", async () => {
  const query = `context=${base64url({ targetingKey: "user-2" })}`;
  const { headers } = await same("GET", `/v1/values?${query}`, { key: SERVER });
  assert.equal((await same("GET", `/v1/values?${query}`, { key: SERVER, headers: { "if-none-match": headers.etag } })).status, 304);
  for (const [path, options] of [
    [`/v1/values?key=${BROWSER}&${query}&version=1`, {}],
    [`/v1/values?key=${BROWSER}&environment=production`, { headers: { origin: PAGE } }],
    ["/v1/values", { key: BROWSER }],
  ]) {
    assert.equal((await same("GET", path, options)).status, 200, path);
  }
});

test("so is what OFREP asks for, its own refusals too", async () => {
  const flags = "/ofrep/v1/evaluate/flags";
  const body = { context: { targetingKey: "user-3", country: "DE" } };
  for (const key of [BROWSER, SERVER]) {
    const { headers } = await same("POST", flags, { key, body });
    assert.equal((await same("POST", flags, { key, body, headers: { "if-none-match": headers.etag } })).status, 304);
    for (const [path, status] of [
      [`${flags}?flagConfigEtag=%221%22`, 200],
      [`${flags}/checkout`, 200],
      [`${flags}/check%6fut?flagConfigEtag=1`, 200],
      [`${flags}/server-only.canary`, key === SERVER ? 200 : 404],
      [`${flags}/none`, 404],
    ]) {
      assert.equal((await same("POST", path, { key, body, headers: { origin: PAGE } })).status, status, path);
    }
    for (const path of [flags, `${flags}/limit`]) {
      assert.equal((await same("POST", path, { key, body: "{}" })).status, 200);
      assert.equal((await same("POST", path, { key, body: "{" })).status, 400);
      assert.equal((await same("POST", path, { key, body: { context: [] } })).status, 400);
      assert.equal((await same("POST", path, { key, body: Uint8Array.of(0xff, 0x22) })).status, 400);
    }
  }
});

test("what is refused or needs waiting is not answered at once, and is answered the same", async () => {
  const way = "slow";
  const key = BROWSER;
  const issued = (await edge.issue("browser")).key;
  await same("POST", "/v1/values", { body: { key: issued } });
  for (const [method, path, options, status] of [
    ["POST", "/v1/values", { body: { key: "nobody" } }, 401],
    ["POST", "/v1/values", { body: {} }, 401],
    ["POST", "/v1/values", { body: { key: issued.replace(/.$/, (last) => (last === "0" ? "1" : "0")) } }, 401],
    ["POST", "/v1/values", { body: { key: ADMIN } }, 403],
    ["POST", "/v1/values", { body: { key }, headers: { "vexil-environment": "elsewhere" } }, 400],
    ["POST", "/v1/values", { body: { key: issued }, headers: { "vexil-environment": "staging" } }, 403],
    ["POST", "/v1/values", { body: { key, signed: "e.e.e" } }, 401],
    ["POST", "/v1/values", { body: { key }, headers: { authorization: "Bearer e.e.e" } }, 401],
    ["POST", "/v1/values", { body: "{" }, 400],
    ["POST", "/v1/values", { body: { key, context: 1 } }, 400],
    ["POST", "/v1/values", { body: { key, context: { text: "x".repeat(20_000) } } }, 200],
    ["POST", "/v1/values", { body: { key, context: { text: "x".repeat(70_000) } } }, 413],
    ["GET", "/v1/values?context=e!", { key }, 400],
    ["HEAD", "/v1/values", { key }, 200],
    ["OPTIONS", "/v1/values", { headers: { origin: PAGE } }, 204],
    ["DELETE", "/v1/values", {}, 405],
    ["GET", "/ofrep/v1/evaluate/flags", { key }, 405],
    ["POST", "/ofrep/v1/evaluate/flags", { body: "{}", headers: { origin: PAGE } }, 401],
    ["POST", "/ofrep/v1/evaluate/flags/a/b", { key, body: "{}" }, 404],
  ]) {
    const answer = await same(method, path, { way, ...options });
    assert.equal(answer.status, status, `${method} ${path} ${JSON.stringify(options)}`);
  }
});

test("a version that this isolate has not heard of is asked for, not answered at once", async () => {
  const { version } = (await edge.kill("gradual")).json;
  await ways();
  assert.equal((await edge.values()).headers.get("vexil-version"), String(version));
  assert.deepEqual(await ways(), ["slow"]);
  await edge.restore("gradual");
});

test("a body in pieces is read, and one that breaks off is refused, both ways", async () => {
  const body = JSON.stringify({ key: BROWSER });
  for (const way of ["at once", "slow"]) {
    const pieces = head("POST /v1/values", { "transfer-encoding": "chunked", "x-way": way });
    assert.equal((await raw(edge.url, pieces, `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`)).status, 200);
    const broken = head("POST /v1/values", { "content-length": body.length + 1, "x-way": way });
    assert.match(await brokenOff(edge.url, `${broken}\r\n\r\n${body}`), /^HTTP\/1.1 400 [^]*"the body cannot be read to its end"/);
  }
});

/** What is answered to a request whose sender says no more. */
async function brokenOff(url, text) {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.end(text);
  const chunks = await socket.toArray();
  return Buffer.concat(chunks).toString("latin1");
}

test("both ways count the same", async () => {
  const counted = async () => {
    const { text } = await edge.call("GET", "/metrics", { key: ADMIN });
    const lines = text.split("\n").filter((line) => /^vexil_(requests|cache|evaluation|request_duration_seconds_count)/.test(line) && !line.includes("/metrics"));
    return new Map(lines.map((line) => [line.replace(/ \d+$/, ""), Number(/\d+$/.exec(line)[0])]));
  };
  const grown = async (way) => {
    const before = await counted();
    const headers = { "x-way": way };
    const values = await edge.call("POST", "/v1/values", { body: { key: BROWSER }, headers });
    await edge.call("POST", "/v1/values", { body: { key: BROWSER, etag: values.headers.get("etag") }, headers });
    await edge.all({}, BROWSER, headers);
    await edge.call("POST", "/ofrep/v1/evaluate/flags/limit", { key: BROWSER, body: "{}", headers });
    return [...(await counted())].map(([line, count]) => [line, count - (before.get(line) ?? 0)]).filter(([, more]) => more > 0);
  };
  // So that what is asked for is kept already.
  await edge.values();
  const slow = await grown("slow");
  assert.ok(slow.length >= 6, JSON.stringify(slow));
  assert.deepEqual(await grown("at once"), slow);
});
