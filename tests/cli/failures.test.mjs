import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect } from "node:net";
import { after, before, test } from "node:test";

import { testSecrets } from "../../bindings/edge/local.mjs";
import { ADMIN, OPERATE, RULESET, SERVER, project, start, startEdge } from "./support.mjs";

let edge, vexil, path;
before(async () => {
  ({ edge, vexil, path } = await start());
  await edge.publish(RULESET);
});

/** Every command that talks to the edge, and the scope that it needs. */
const COMMANDS = [
  [["push", "--yes"], "read"],
  [["pull"], "read"],
  [["kill", "checkout", "--yes"], "operate"],
  [["restore", "checkout", "--yes"], "operate"],
  [["rollback", "1", "--yes"], "read"],
  [["history"], "read"],
  [["audit", "list"], "read"],
  [["audit", "verify"], "read"],
  [["tokens", "list"], "owner"],
  [["tokens", "create", "x", "--scope", "read", "--print"], "owner"],
  [["tokens", "revoke", "x", "--yes"], "owner"],
];
/** Those and the two that do without a token. */
const ALL = [...COMMANDS.map(([args]) => args), ["status"], ["watch"]];

/** A project whose edge is what `answer` makes of each request; `asked` has what came. */
async function behind(answer) {
  const asked = [];
  const server = createServer((incoming, response) => {
    asked.push({ url: incoming.url, ...incoming.headers });
    incoming.resume();
    answer(response, incoming);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  after(() => server.close());
  const url = `http://127.0.0.1:${server.address().port}`;
  return { asked, url, ...project(url) };
}

const problem = (response, status, detail, headers = {}) =>
  response.writeHead(status, { "content-type": "application/problem+json", ...headers }).end(JSON.stringify({ status, detail }));

test("without a token a command says where one may be", async () => {
  for (const [args] of COMMANDS) {
    const { code, out, notes } = await vexil(args, { variables: { VEXIL_TOKEN: "" } });
    assert.deepEqual([code, out], [2, ""], args.join(" "));
    assert.match(notes, /^this needs a token: set VEXIL_TOKEN, or VEXIL_TOKEN_FILE/m, args.join(" "));
  }
});

test("a token that is nobody's, or of too little, is refused, and shown nowhere", async () => {
  const nobody = "nobodys-secret-1";
  const { key: reads } = await edge.issue("admin", { scopes: ["read"] });
  for (const [args, scope] of COMMANDS) {
    const wrong = await vexil(args, { variables: { VEXIL_TOKEN: nobody } });
    assert.deepEqual([wrong.code, wrong.out], [5, ""], args.join(" "));
    assert.match(wrong.notes, /production does not know this token: .*\(VEXIL_TOKEN has it\)\n$/);
    const [key, needs] = scope === "read" ? [OPERATE, "read"] : [reads, scope];
    const little = await vexil(args, { variables: { VEXIL_TOKEN: key } });
    assert.equal(little.code, 5, args.join(" "));
    assert.match(little.notes, new RegExp(`production refused: this call needs a token with the scope \`${needs}\` \\(VEXIL_TOKEN has another\\)\n$`));
    for (const { out, notes } of [wrong, little]) assert.ok(![nobody, key].some((secret) => (out + notes).includes(secret)));
  }
  const writes = await vexil(["rollback", "0", "--yes"], { variables: { VEXIL_TOKEN: reads } });
  assert.match(writes.notes, /the scope `write`/);
});

test("another environment than the key's is refused", async () => {
  const { key } = await edge.issue("admin", { scopes: ["owner"] });
  writeFileSync(path("staging.toml"), `[environments.staging]\nurl = "${edge.url}"\n`);
  const other = await vexil(["history", "--config", "staging.toml"], { variables: { VEXIL_TOKEN: key } });
  assert.equal(other.code, 5);
  assert.match(other.notes, /^staging refused: this key is of another environment/);
  const itself = await vexil(["history", "--config", "empty.toml", "--url", edge.url], { variables: { VEXIL_TOKEN: key, VEXIL_CONFIG: "" } });
  assert.equal(itself.code, 3, "a file that is named must be there");
  const { vexil: bare } = project(edge.url);
  writeFileSync(path("empty.toml"), "");
  const plain = await bare(["history", "--config", path("empty.toml"), "--url", edge.url], { variables: { VEXIL_TOKEN: key } });
  assert.equal(plain.code, 0, plain.notes);
});

test("where nobody listens, a read is tried again and ends with 4", async () => {
  const gone = await behind(() => {});
  const { vexil: nowhere } = project("http://127.0.0.1:1");
  for (const args of ALL) {
    const { code, out, notes } = await nowhere(args);
    assert.deepEqual([code, out], [4, ""], args.join(" "));
    assert.match(notes, /cannot reach http:\/\/127\.0\.0\.1:1\/\S+: nobody listens there\n/);
  }
  const { code, notes } = await project("https://vexil.invalid").vexil(["status"]);
  assert.equal(code, 4);
  assert.match(notes, /cannot reach https:\/\/vexil\.invalid\/readyz: /);
  assert.deepEqual(gone.asked, []);
});

test("a read survives a connection that breaks and an edge that restarts; a write is sent once", async () => {
  let broken = 0;
  const flaky = await behind((response) => {
    broken += 1;
    if (broken === 1) response.destroy();
    else if (broken === 2) problem(response, 503, "it restarts", { "retry-after": "1" });
    else response.writeHead(200, { "content-type": "application/json" }).end('{"versions":[],"next":null}');
  });
  const { code, notes } = await flaky.vexil(["history"]);
  assert.deepEqual([code, flaky.asked.length], [0, 3], notes);

  const dead = await behind((response) => response.destroy());
  const killed = await dead.vexil(["kill", "checkout", "--yes"]);
  assert.deepEqual([killed.code, dead.asked.length], [4, 1]);
  assert.match(killed.notes, /nobody can say whether checkout is killed: do it again, twice is as good as once/);
});

test("too many requests are waited for where that is short, and said where it is not", async () => {
  const soon = await behind((response) => {
    if (soon.asked.length === 1) problem(response, 429, "too many requests", { "retry-after": "1" });
    else response.writeHead(200).end('{"versions":[],"next":null}');
  });
  assert.equal((await soon.vexil(["history"])).code, 0);
  const late = await behind((response) => problem(response, 429, "too many requests", { "retry-after": "60" }));
  const { code, notes } = await late.vexil(["history"]);
  assert.deepEqual([code, notes, late.asked.length], [5, "production refused: too many requests, try again in 60 s\n", 1]);
  const limited = await startEdge({ secrets: { ...testSecrets, VEXIL_KEY_LIMIT: "0.001/1" } });
  await project(limited.url).vexil(["kill", "checkout", "--yes"]);
  const refused = await project(limited.url).vexil(["kill", "checkout", "--yes"]);
  assert.equal(refused.code, 5);
  assert.match(refused.notes, /^production refused: too many requests, try again in \d+ s\n$/);
});

test("a redirect is not followed, and the token stays", async () => {
  const elsewhere = await behind((response) => response.writeHead(200).end("{}"));
  const away = await behind((response, { url }) => response.writeHead(307, { location: elsewhere.url + url }).end());
  for (const args of ALL) {
    const { code, notes } = await away.vexil(args);
    assert.equal(code, 4, args.join(" "));
    assert.match(notes, new RegExp(`sends on to ${elsewhere.url}/.*: if that is the edge, name it as the URL`));
  }
  assert.deepEqual(elsewhere.asked, []);
  assert.equal(away.asked.length, ALL.length, "it is not tried again");
  assert.ok(away.asked.every(({ authorization }) => authorization === `Bearer ${ADMIN}`));
});

test("what is no edge is said to be none", async () => {
  const page = await behind((response) => response.writeHead(200, { "content-type": "text/html" }).end("<h1>Welcome</h1>"));
  const missing = await behind((response) => response.writeHead(404, { "content-type": "text/html" }).end("<h1>Not Found</h1>"));
  const empty = await behind((response) => response.writeHead(200, { etag: '"1"' }).end("{}"));
  for (const args of ALL) {
    for (const { vexil } of [page, missing]) {
      const { code, out, notes } = await vexil(args);
      assert.deepEqual([code, out], [4, ""], args.join(" "));
      assert.match(notes, /address of a Vexil edge\?|and not as a Vexil edge does: is the URL right\?/);
    }
  }
  for (const args of [["kill", "checkout", "--yes"], ["history"], ["audit", "list"], ["tokens", "list"], ["status"], ["push", "--yes"]]) {
    const { code, out } = await empty.vexil(args);
    assert.ok(code !== 0 && !out.includes("version"), `${args}: ${code} ${out}`);
  }
  assert.equal((await project(edge.url).vexil(["history"], { variables: { VEXIL_TOKEN: SERVER } })).code, 5);
});

test("TLS is verified: by the system's roots, or those of SSL_CERT_FILE", async () => {
  const made = (name) => path(`${name}.pem`);
  const openssl = (...args) => execFileSync("openssl", args, { stdio: "pipe" });
  const days = ["-days", "2", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  openssl("req", "-x509", "-keyout", made("ca-key"), "-out", made("ca"), "-subj", "/CN=test", ...days);
  openssl("req", "-x509", "-keyout", made("key"), "-out", made("cert"), "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
    "-addext", "basicConstraints=critical,CA:FALSE", "-CA", made("ca"), "-CAkey", made("ca-key"), ...days);
  const asked = [];
  const server = createTlsServer({ key: readFileSync(made("key")), cert: readFileSync(made("cert")) }, (incoming, response) => {
    asked.push(incoming.headers.authorization);
    response.writeHead(200).end('{"versions":[],"next":null}');
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  after(() => server.close());
  const { vexil } = project(`https://127.0.0.1:${server.address().port}`);
  const unknown = await vexil(["history"]);
  assert.equal(unknown.code, 4);
  assert.match(unknown.notes, /cannot reach https:.*: its certificate is not to be trusted \(.*UnknownIssuer\); SSL_CERT_FILE/);
  assert.deepEqual(asked, [], "the token was not sent");
  const known = await vexil(["history"], { variables: { SSL_CERT_FILE: made("ca") } });
  assert.equal(known.code, 0, known.notes);
  assert.deepEqual(asked, [`Bearer ${ADMIN}`]);
});

test("an address where everybody could read the token is refused", async () => {
  for (const url of ["http://flags.example.com", "ftp://flags.example.com", "flags.example.com", "https://me:secret-1@flags.example.com"]) {
    const { code, notes } = await vexil(["history", "--url", url]);
    assert.equal(code, 2, url);
    assert.match(notes, /is no address of an edge: /);
    assert.ok(!notes.includes("secret-1"));
  }
});

test("a proxy of the environment is used", async () => {
  const named = [];
  const proxy = createServer();
  proxy.on("connect", ({ url }, socket) => {
    named.push(url);
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    const way = connect(Number(new URL(edge.url).port), "127.0.0.1");
    socket.pipe(way).pipe(socket);
  });
  await new Promise((done) => proxy.listen(0, "127.0.0.1", done));
  after(() => proxy.close());
  const { code, notes } = await vexil(["history", "--url", "http://vexil.internal"], { variables: { HTTPS_PROXY: `http://127.0.0.1:${proxy.address().port}` } });
  assert.equal(code, 0, notes);
  assert.deepEqual(named, ["vexil.internal:80"]);
  const direct = await vexil(["history"], { variables: { HTTPS_PROXY: "http://127.0.0.1:1", NO_PROXY: "127.0.0.1" } });
  assert.equal(direct.code, 0, direct.notes);
});

test("an edge whose answers are old is not ready", async () => {
  const stale = await behind((response, { url }) => {
    if (url === "/readyz") response.writeHead(503, { "content-type": "application/json" }).end('{"status":"stale","maxAge":300}');
    else response.writeHead(200).end('{"versions":[],"next":null}');
  });
  const { code, out, notes } = await stale.vexil(["status"]);
  assert.equal(code, 1);
  assert.match(out, /: stale, answered in \d+ ms\nnothing was ever published\n$/);
  assert.match(notes, /^production: its answers may be older than they should be/);
});
