import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { before, test } from "node:test";

import { CALLS, CONTEXT_CALLS } from "./calls.mjs";
import { heads, startIsolates } from "./isolates.mjs";
import { head, raw } from "./raw.mjs";
import { ADMIN, BROWSER, OPERATE, RULESET, SERVER, startEdge } from "./support.mjs";

const KIB = 1024;

let edge;
before(async () => {
  edge = await startEdge();
  assert.equal((await edge.publish(RULESET)).status, 200);
});

/** As `edge.call`. The runtime closes a connection on which more was sent than was read: then it is asked anew. */
async function ask(...request) {
  try {
    return await edge.call(...request);
  } catch {
    return edge.call(...request);
  }
}

/** That the worker lives, and nothing changed. */
async function checkWell(what) {
  const ruleset = await ask("GET", "/admin/v1/ruleset", { key: ADMIN });
  assert.deepEqual([ruleset.status, ruleset.headers.get("etag")], [200, '"1"'], what);
  assert.equal((await edge.one("checkout", { country: "DE" })).json.value, true, what);
}

const nested = (open, close, depth, inner = "1") => `${open.repeat(depth)}${inner}${close.repeat(depth)}`;
const context = (text) => `{"context":${text}}`;
const many = (count, member) => Array.from({ length: count }, (_, number) => member(number)).join(",");

test("bodies made to break a parser are answered, and break nothing", async () => {
  for (const [what, body, status] of [
    ["lists without end", context(`{"a":${nested("[", "]", 30_000)}}`), 400],
    ["objects without end", context(nested('{"a":', "}", 10_000)), 400],
    ["lists that never close", "[".repeat(60 * KIB), 400],
    ["a context as deep as parsers go", context(`{"a":${nested("[", "]", 120)}}`), 413],
    ["a context one too deep", context(`{"a":${nested("[", "]", 32)}}`), 413],
    ["a context as deep as it may be", context(`{"a":${nested("[", "]", 31)}}`), 200],
    ["one attribute too many", context(`{${many(1001, (n) => `"${n}":1`)}}`), 413],
    ["too many deeper down", context(`{"a":{"b":[{${many(1001, (n) => `"${n}":1`)}}]}}`), 413],
    ["as many as may be", context(`{${many(1000, (n) => `"${n}":1`)}}`), 200],
    ["one name again and again", context(`{${many(4000, () => '"country":"DE"')}}`), 200],
    ["two contexts", '{"context":[],"context":{}}', 200],
    ["a number beyond all", context('{"a":1e999}'), 400],
    ["a number of many digits", context(`{"a":${"9".repeat(50_000)}}`), 400],
    ["a fraction of many digits", context(`{"a":0.${"1".repeat(50_000)}}`), 200],
    ["an exponent of many digits", context(`{"a":1e${"9".repeat(50_000)}}`), 400],
    ["a small exponent of many digits", context(`{"a":1e-${"9".repeat(50_000)}}`), 200],
    ["no number", context('{"a":NaN}'), 400],
    ["a long string", context(`{"targetingKey":"${"x".repeat(60 * KIB)}"}`), 200],
    ["lone surrogates", context(`{"targetingKey":"${"\\ud800".repeat(5000)}"}`), 200],
    ["a surrogate cut off", context('{"a":"\\ud8'), 400],
    ["a zero byte in a string", context('{"a":"\0"}'), 400],
    ["zero bytes", new Uint8Array(1000), 400],
    ["a byte order mark", "\ufeff{}", 400],
    ["bytes that are no UTF-8", Buffer.from('{"context":{"targetingKey":"\xff\xfe\xc0\x80"}}', "latin1"), 400],
    ["a surrogate as UTF-8", Buffer.from('{"context":{"targetingKey":"\xed\xa0\x80"}}', "latin1"), 400],
    ["UTF-16", Buffer.from('{"context":{}}', "utf16le"), 400],
    ["names that JavaScript minds", context('{"__proto__":{"country":"DE"},"constructor":{"prototype":1},"toString":1}'), 200],
    ["two documents", "{}{}", 400],
    ["a comment", "{}/**/", 400],
    ["a body over the limit", context(`{"a":"${"x".repeat(64 * KIB)}"}`), 413],
    ["a packed body", gzipSync(context("{}")), 400],
  ]) {
    for (const call of CONTEXT_CALLS) {
      const answer = await ask("POST", call.path, { key: BROWSER, body });
      assert.equal(answer.status, status, `${what}: ${call.path} ${answer.text?.slice(0, 200)}`);
    }
  }
  await checkWell("bodies");
});

test("a body far over the limit is refused before it has come", async () => {
  for (const { path } of CONTEXT_CALLS) {
    const part = " ".repeat(192 * KIB);
    const announced = await raw(edge.url, head(`POST ${path}`, { "x-api-key": BROWSER, "content-length": "8000000000" }), part);
    assert.equal(announced.status, 413, path);
    const chunk = `10000\r\n${" ".repeat(64 * KIB)}\r\n`;
    const streamed = await raw(edge.url, head(`POST ${path}`, { "x-api-key": BROWSER, "transfer-encoding": "chunked" }), chunk.repeat(3));
    assert.equal(streamed.status, 413, path);
  }
});

test("a body in chunks that are none is refused in the words of the call", async () => {
  const headers = { "x-api-key": BROWSER, "transfer-encoding": "chunked" };
  for (const { path } of CONTEXT_CALLS) {
    const answer = await raw(edge.url, head(`POST ${path}`, headers), "zz\r\n{}\r\n0\r\n\r\n");
    assert.equal(answer.status, 400, path);
    const body = JSON.parse(answer.body);
    const errorDetails = "the body cannot be read to its end";
    if (path.startsWith("/ofrep/")) {
      const key = /flags\/(.+)$/.exec(path)?.[1];
      assert.deepEqual(body, { ...(key && { key }), errorCode: "PARSE_ERROR", errorDetails }, path);
    } else {
      assert.equal(body.detail, errorDetails, path);
    }
  }
});

test("members that should be text, and are not, are refused", async () => {
  for (const path of ["/v1/values", "/v1/program"]) {
    for (const member of ["key", "etag", "signed"]) {
      for (const value of [7, true, [], {}, ["test-browser"]]) {
        const answer = await edge.call("POST", path, { key: BROWSER, body: { [member]: value } });
        assert.equal(answer.status, 400, `${path} ${member} ${JSON.stringify(value)}`);
      }
    }
    const long = await edge.call("POST", path, { body: { key: "k".repeat(60 * KIB) } });
    assert.equal(long.status, 401);
  }
});

test("a ruleset made to break the compiler is refused whole, and changes nothing", async () => {
  const flag = (rest) => `{"flags":{"a":{"type":"boolean","variants":{"on":true,"off":false},"offVariant":"off","default":"on"${rest}}}}`;
  const rule = (when) => flag(`,"rules":[{"when":${when},"serve":"on"}]`);
  for (const [what, body, ...statuses] of [
    ["no JSON", "{", 400, 422],
    ["lists without end", `{"flags":${nested("[", "]", 100_000)}}`, 400, 422],
    ["conditions without end", rule(nested('{"not":', "}", 5000, '{"attr":"a","exists":true}')), 400, 422],
    ["conditions one too deep", rule(nested('{"not":', "}", 33, '{"attr":"a","exists":true}')), 422],
    ["a flag twice", flag("").replace('"a":', '"a":1,"a":'), 400, 422],
    ["a pattern that explodes", rule('{"attr":"a","matches":"(((a{1,500}){1,500}){1,500}){1,500}"}'), 422],
    ["a weight beyond all", flag("").replace('"on"}', '{"split":[["on",1e308],["off",1e999]]}}'), 400, 422],
    ["bytes that are no UTF-8", Buffer.from(flag("").replace('"a"', '"\xff"'), "latin1"), 400, 422],
    ["a name that is a path", flag("").replace('"a":', '"../../a":'), 422],
    ["a name that JavaScript minds", flag("").replace('"variants":{', '"__proto__":{},"variants":{'), 422],
    ["more than fits", " ".repeat(25 * KIB * KIB + 1), 413],
  ]) {
    const answer = await ask("PUT", "/admin/v1/ruleset", { key: ADMIN, headers: { "if-match": '"1"' }, body });
    assert.ok(statuses.includes(answer.status), `${what}: ${answer.status} ${answer.text.slice(0, 200)}`);
    await checkWell(what);
  }
});

test("what is not quite a path of the table is none", async () => {
  const key = { "x-api-key": ADMIN, "content-length": "0" };
  for (const path of [
    "//admin/v1/ruleset",
    "/admin//v1/ruleset",
    "/admin/v1/ruleset/",
    "/admin/v1/ruleset/.",
    "/admin%2Fv1%2Fruleset",
    "/admin/v1%2fruleset",
    "/admin/v1/ruleset%00",
    "/admin/v1/ruleset%20",
    "/admin/v1/ruleset;a=b",
    "/ADMIN/v1/ruleset",
    "/v1/values/..;/../admin/v1/ruleset",
    "/admin/v1/rules%65t",
    "/./admin;/v1/ruleset",
  ]) {
    const answer = await raw(edge.url, head(`GET ${path}`, key));
    assert.equal(answer.status, 404, `${path}: ${answer.head}`);
    assert.ok(!answer.body.includes("variants"), path);
  }
});

test("a path that names another after all needs the key of that other", async () => {
  for (const path of [
    "/v1/../admin/v1/ruleset",
    "/v1/%2e%2e/admin/v1/ruleset",
    "/v1/values/..\\..\\..\\admin/v1/ruleset",
    "/admin/v1/ruleset#/v1/values",
  ]) {
    for (const key of [BROWSER, SERVER]) {
      const answer = await raw(edge.url, head(`GET ${path}`, { "x-api-key": key }));
      assert.ok([400, 403, 404].includes(answer.status), `${path}: ${answer.status}`);
      assert.ok(!answer.body.includes("variants"), path);
    }
  }
});

test("a flag's name in a path is a name, whatever is in it", async () => {
  for (const name of ["%00", "%FF", "%ff%fe", "..%2f..%2fadmin", "%2e%2e%2fa", "a%0d%0aset-cookie:b", "%F0%9F%98%80", "a".repeat(8000), "%", "%zz", "__proto__", "constructor", "%22%3E%3Cscript%3E"]) {
    const asked = await raw(edge.url, head(`POST /ofrep/v1/evaluate/flags/${name}`, { "x-api-key": BROWSER, "content-length": "0" }));
    assert.equal(asked.status, 404, name);
    assert.match(asked.body, /"FLAG_NOT_FOUND"/, name);
    assert.ok(!/^set-cookie/im.test(asked.head), name);
    assert.match(asked.head, /x-content-type-options: nosniff/i);
    const killed = await raw(edge.url, head(`POST /admin/v1/flags/${name}/kill`, { "x-api-key": OPERATE, "content-length": "2" }), "{}");
    assert.ok(killed.status >= 400 && killed.status < 500, `${name}: ${killed.status}`);
  }
  await checkWell("names");
});

test("a query is as long as it may be, and no longer", async () => {
  const encoded = (text) => Buffer.from(text).toString("base64url");
  // 0: the runtime hung up.
  const status = async (query) => (await raw(edge.url, head(`GET /v1/values?key=${BROWSER}&${query}`))).status;
  for (const [what, query, ...statuses] of [
    ["a context over the limit", `context=${"e".repeat(70 * KIB)}`, 413, 431],
    ["a query of a megabyte", `context=${"e".repeat(KIB * KIB)}`, 0, 413, 414, 431],
    ["many parameters", Array.from({ length: 8000 }, (_, n) => `a${n}=1`).join("&"), 200, 431],
    ["a context that nests without end", `context=${encoded(`{"a":${nested("[", "]", 20_000)}}`)}`, 400],
    ["a context too deep", `context=${encoded(`{"a":${nested("[", "]", 32)}}`)}`, 413],
    ["no base64url", "context=%00%ff%zz", 400],
    ["a context that is no object", `context=${encoded("[]")}`, 400],
    ["two contexts", `context=${encoded("{}")}&context=%00`, 200],
    ["another key after the first", "key=nobody", 200],
    ["half an escape", "%", 200],
    ["no environment of ours", "environment=../production", 400],
    ["no environment at all", "environment=", 400],
  ]) {
    const answered = await status(query);
    assert.ok(statuses.includes(answered), `${what}: ${answered}`);
  }
});

test("no header makes a request another, or its caller somebody else", async () => {
  const flagsOf = async (headers) => (await raw(edge.url, head("POST /ofrep/v1/evaluate/flags", { "x-api-key": BROWSER, "content-length": "2", ...headers }), "{}")).body;
  const usual = await flagsOf({});
  assert.match(usual, /"key":"checkout"/);
  for (const headers of [
    { "x-http-method-override": "GET" },
    { "x-method-override": "PUT", "x-http-method": "PUT" },
    { "x-original-url": "/admin/v1/ruleset", "x-rewrite-url": "/admin/v1/ruleset" },
    { "x-forwarded-host": "evil.example", "x-forwarded-proto": "gopher", "x-forwarded-prefix": "/admin", "x-forwarded-for": "127.0.0.1" },
    { "vexil-author": "admin", "vexil-caller": "admin", "vexil-scope": "owner", "x-vexil-author": "admin" },
    { "cf-worker": "vexil", "cf-ray": "1", "cf-ew-via": "1" },
    { host: "environment" },
    { "content-type": "multipart/form-data; boundary=x" },
    { range: "bytes=0-1", "accept-encoding": "identity" },
    { "if-match": "*", "if-unmodified-since": "Thu, 01 Jan 1970 00:00:00 GMT" },
  ]) {
    assert.equal(await flagsOf(headers), usual, JSON.stringify(headers));
  }
  const put = await raw(edge.url, head("POST /admin/v1/ruleset", { "x-api-key": ADMIN, "x-http-method-override": "PUT", "if-match": "*", "content-length": "2" }), "{}");
  assert.equal(put.status, 405);
  for (const environment of ["../production", "nowhere", "production,staging", "PRODUCTION", "é", "%00"]) {
    const answer = await raw(edge.url, head("POST /ofrep/v1/evaluate/flags", { "x-api-key": BROWSER, "vexil-environment": environment, "content-length": "2" }), "{}");
    assert.equal(answer.status, 400, environment);
  }
  await checkWell("headers");
});

test("credentials that are odd are nobody's", async () => {
  for (const headers of [
    { authorization: "Bearer" },
    { authorization: "Bearer " },
    { authorization: `Bearer  ${ADMIN}, Bearer ${ADMIN}` },
    { authorization: `Bearer ${ADMIN} ${ADMIN}` },
    { authorization: `Basic ${Buffer.from(`${ADMIN}:${ADMIN}`).toString("base64")}` },
    { authorization: ADMIN },
    { authorization: `Bearer ${"x".repeat(20_000)}` },
    { authorization: "Bearer \xff\xfe" },
    { authorization: "Bearer a.b.c", "x-api-key": "nobody" },
    { cookie: `authorization=Bearer ${ADMIN}; key=${ADMIN}` },
  ]) {
    const text = Buffer.from(head("GET /admin/v1/ruleset", headers), "latin1");
    assert.equal((await raw(edge.url, text)).status, 401, JSON.stringify(headers));
  }
});

/** What workerd answers before any worker is asked: its own word for a request that it cannot read. */
const RUNTIME = [400, 404, 405, 413, 431, 500, 501];

test("a request that is none is refused or hung up on by the runtime, and the next is answered", async () => {
  const key = { "x-api-key": BROWSER };
  const call = "POST /ofrep/v1/evaluate/flags";
  for (const [what, first, body] of [
    ["a length that is none", head(call, { ...key, "content-length": "-1" }), "{}"],
    ["a length of words", head(call, { ...key, "content-length": "2x" }), "{}"],
    ["a length beyond all", head(call, { ...key, "content-length": "99999999999999999999" }), "{}"],
    ["two lengths", `${head(call, { ...key, "content-length": "2" })}\r\ncontent-length: 40`, "{}"],
    ["another coding", head(call, { ...key, "transfer-encoding": "gzip" }), "{}"],
    ["a header without end", `${head(call, key)}\r\nx: ${"y".repeat(KIB * KIB)}`, ""],
    ["headers without end", `${head(call, key)}\r\n${Array.from({ length: 20_000 }, (_, n) => `x${n}: y`).join("\r\n")}`, ""],
    ["another server's URL", head("GET http://elsewhere.example/admin/v1/ruleset", { "x-api-key": ADMIN }), ""],
    ["no version", "GET /v1/values", ""],
    ["no HTTP", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", ""],
    ["a method of its own", head("FROB /v1/values", key), ""],
    ["a trace", head("TRACE /v1/values", key), ""],
    ["a tunnel", head("CONNECT evil.example:443", key), ""],
  ]) {
    const answer = await raw(edge.url, first, body, 1000);
    assert.ok(answer.status === 0 || RUNTIME.includes(answer.status), `${what}: ${answer.status}`);
    // It never came to the worker, which says more.
    assert.ok(!/variants|application\/json|the worker/.test(answer.head + answer.body), `${what}: ${answer.head} ${answer.body}`);
    assert.equal((await edge.call("GET", "/healthz")).status, 200, what);
  }
  await checkWell("requests");
});

test("every path answers OPTIONS without a key, and HEAD where it answers GET", async () => {
  for (const path of new Set(CALLS.map(({ path }) => path))) {
    const methods = CALLS.filter((call) => call.path === path).map(({ method }) => method);
    const options = await edge.call("OPTIONS", path);
    assert.deepEqual([options.status, options.bytes.length], [204, 0], path);
    for (const method of methods) {
      assert.ok(options.headers.get("allow").split(", ").includes(method), path);
    }
    const asked = await edge.call("HEAD", path, { key: "nobody" });
    assert.equal(asked.bytes.length, 0);
    const open = CALLS.some((call) => call.path === path && call.scope === "Open");
    assert.equal(asked.status, methods.includes("GET") ? (open ? 200 : 401) : 405, path);
  }
});

test("whoever may not write makes no answer wait for the environment", async (t) => {
  const { one, doors } = await startIsolates(t);
  await one.publish(RULESET);
  const reader = await one.issue("admin", { scopes: ["read"] });
  const made = `vxl_admin_production_${"x".repeat(32)}`;
  for (const [method, path, key, want] of [
    ["POST", "flags/checkout/kill", made, 401],
    ["POST", "flags/checkout/kill", reader.key, 403],
    ["HEAD", "ruleset", reader.key, 200],
  ]) {
    // Confirmed a moment ago: nobody need be asked.
    await one.one("checkout");
    await doors();
    assert.equal((await one.admin(method, path, { key })).status, want, method);
    await one.one("checkout");
    assert.equal(heads(await doors()), 0, `${method} ${path} ${want}`);
  }
  await one.one("checkout");
  await one.kill("checkout");
  await doors();
  assert.equal((await one.one("checkout")).json.reason, "DISABLED");
  assert.equal(heads(await doors()), 1, "a write does");
});
