import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";

import { BROWSER, RULESET, WITHOUT_CH, begin, project, start } from "./support.mjs";

let edge, vexil, folder;
before(async () => {
  ({ edge, vexil, folder } = await start());
  await edge.publish(RULESET);
});

/** Starts watching, and waits until it does: its lines, and what ends it. */
async function watch(t, args, variables, cwd = folder) {
  const child = begin(["watch", ...args], { cwd, variables });
  t.after(() => child.kill());
  const notes = [];
  const began = new Promise((done) => {
    createInterface(child.stderr).on("line", (line) => {
      notes.push(line);
      if (line.startsWith("watching ")) done();
    });
  });
  const ended = new Promise((done) => child.once("close", done));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  await Promise.race([began, ended.then(() => assert.fail(notes.join("\n")))]);
  return { next: async () => (await lines.next()).value, ended, notes, child };
}

test("each version is a line, as soon as it is there", async (t) => {
  const { next, ended } = await watch(t, ["--key", BROWSER, "-n", "2"]);
  await edge.kill("checkout", "errors");
  assert.match(await next(), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}version 2 {2}operator: kill checkout \(errors\)$/);
  await edge.publish(WITHOUT_CH);
  assert.match(await next(), /version 3 {2}admin: publish: checkout changed$/);
  assert.equal(await ended, 0);
});

test("each is a JSON line where that is asked for", async (t) => {
  const { next } = await watch(t, ["--json"], { VEXIL_KEY: BROWSER });
  await edge.restore("checkout");
  const { number, action, subject, flags } = JSON.parse(await next());
  assert.deepEqual([number, action, subject, flags], [4, "restore", "checkout", null]);
});

test("a key alone hears that there are versions, and not what they are", async (t) => {
  const { next, ended } = await watch(t, ["--key", BROWSER, "-n", "1", "--json"], { VEXIL_TOKEN: "" });
  await edge.kill("checkout");
  assert.deepEqual(JSON.parse(await next()), { number: 5 });
  assert.equal(await ended, 0);
});

test("a token alone asks, and hears the same", async (t) => {
  const { next, ended } = await watch(t, ["-n", "1"]);
  await edge.restore("checkout");
  assert.match(await next(), /version 6 {2}operator: restore checkout/);
  assert.equal(await ended, 0);
});

test("a stream that ends is opened again, and what came meanwhile is not missed", async (t) => {
  const seen = [];
  let sockets = [];
  const server = createServer((incoming, answer) => {
    if (incoming.url.startsWith("/v1/stream")) {
      seen.push(incoming.headers["last-event-id"]);
      sockets.push(answer);
    }
    const passed = request(edge.url + incoming.url, { method: incoming.method, headers: incoming.headers }, (response) => {
      answer.writeHead(response.statusCode, response.headers);
      response.pipe(answer);
    });
    answer.on("close", () => passed.destroy());
    incoming.pipe(passed);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  after(() => server.close());
  const { folder } = project(`http://127.0.0.1:${server.address().port}`);
  const { next, notes } = await watch(t, [], { VEXIL_KEY: BROWSER }, folder);
  await edge.kill("checkout");
  assert.match(await next(), /version 7 /);
  for (const answer of sockets.splice(0)) answer.destroy();
  await edge.restore("checkout");
  assert.match(await next(), /version 8 .*restore checkout/);
  assert.deepEqual(seen, ["6", "7"]);
  assert.ok(notes.includes("the stream has ended: listening again"), notes);
});

test("a key that does not do ends it, and a secret is not for the command line", async () => {
  const wrong = await vexil(["watch", "--key", "nobody"]);
  assert.deepEqual([wrong.code, wrong.out], [5, ""]);
  const server = `vxl_server_production_${"a".repeat(32)}`;
  const secret = await vexil(["watch", "--key", server]);
  assert.equal(secret.code, 2);
  assert.match(secret.notes, /is a secret, .*VEXIL_KEY/);
  assert.ok(!secret.notes.includes(server));
  const none = await vexil(["watch"], { variables: { VEXIL_TOKEN: "" } });
  assert.equal(none.code, 2);
  assert.match(none.notes, /needs a key that evaluates/);
});
