import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { after, beforeEach, test } from "node:test";

import { ADMIN, RULESET, WITHOUT_CH, atTerminal, project, start } from "./support.mjs";

let edge, save, vexil, path, folder;
beforeEach(async () => {
  await edge?.stop();
  ({ edge, save, vexil, path, folder } = await start());
});

const MOVED = /^checkout: rule 0 "dach" asks or serves otherwise\ncheckout: moves [\d.]+ % of units from on to off \(.*\)\n {2}for example \{.*"country":"CH".*\}\n(checkout: keeps .*\n)?1 flag can answer differently\n/m;
const version = async () => (await edge.admin("GET", "ruleset")).headers.get("etag");

test("a ruleset is published with its reason, and the flags that change are shown first", async () => {
  const first = await vexil(["push", "--yes", "-m", "for Ada & Bö"]);
  assert.equal(first.code, 0, first.notes);
  assert.match(first.out, /^checkout: added\n/m);
  assert.match(first.out, /^production \(http:.*\) has version 1, in \d+ ms\n$/m);
  assert.equal((await edge.admin("GET", "ruleset")).text, JSON.stringify(RULESET), "as it was written");
  assert.equal((await edge.admin("GET", "versions")).json.versions[0].reason, "for Ada & Bö");
  save(WITHOUT_CH);
  const second = await vexil(["push", "--yes"]);
  assert.match(second.out, MOVED);
  assert.equal(await version(), '"2"');
  const again = await vexil(["push"]);
  assert.deepEqual([again.code, again.out], [0, "every flag answers as before\nproduction has this ruleset already, in version 2\n"]);
});

test("a dry run asks the edge, and changes nothing", async () => {
  await vexil(["push", "--yes"]);
  save(WITHOUT_CH);
  const { code, out } = await vexil(["push", "--dry-run"]);
  assert.equal(code, 0);
  assert.match(out, MOVED);
  assert.match(out, /would take it; nothing has changed\n$/);
  assert.equal(await version(), '"1"');
});

test("diff shows what a push would change, and what is published needs to be there", async () => {
  await vexil(["push", "--yes"]);
  assert.equal((await vexil(["diff", "--live"])).code, 0);
  save(WITHOUT_CH);
  const { code, out } = await vexil(["diff", "--live"]);
  assert.equal(code, 1);
  assert.match(out, /^checkout: moves [\d.]+ % of units from on to off/m);
  assert.equal((await vexil(["diff", "--live", "--git", "HEAD"])).code, 2);
});

test("what it says is JSON where that is asked for", async () => {
  const { lines: [first] } = await vexil(["push", "--yes", "--json"]);
  assert.deepEqual([first.environment, first.url, first.from, first.version, first.published], ["production", edge.url, 0, 1, true]);
  save({ ...WITHOUT_CH, segments: { nobody: { conditions: { attr: "a", exists: true } } } });
  const bad = await vexil(["push", "--dry-run", "--json"]);
  assert.equal(bad.code, 1, "the file is none");
  save({ ...WITHOUT_CH, segments: { nobody: { when: { attr: "a", exists: true } } } });
  const { lines: [tried], notes } = await vexil(["push", "--dry-run", "--json"]);
  assert.deepEqual([tried.from, tried.version, tried.published], [1, 1, false]);
  assert.deepEqual([Object.keys(tried.flags), tried.flags.checkout.moves[0].to], [["checkout"], "off"]);
  assert.equal(tried.warnings.at(-1).path, "/segments/nobody");
  assert.match(notes, /unused-segment/);
});

test("a file with issues is shown as `vexil validate` shows it, and sent nowhere", async () => {
  writeFileSync(path("flags.json"), '{"flags":{"a":{"type":"boolean","variants":{"on":true},"offVariant":"of","default":"on"}}}');
  const { code, notes } = await vexil(["push", "--yes"]);
  assert.equal(code, 1);
  assert.match(notes, /unknown variant `of`.*\n.*flags\.json:1:\d+/);
  assert.equal(await version(), '"0"');
});

test("YAML is published as the JSON that it stands for", async () => {
  writeFileSync(path("flags.yaml"), "flags:\n  banner:\n    type: boolean\n    variants: {on: true, off: false}\n    offVariant: off\n    default: on\n");
  const { code, notes } = await vexil(["push", "flags.yaml", "--yes"]);
  assert.equal(code, 0, notes);
  assert.deepEqual((await edge.admin("GET", "ruleset")).json.flags.banner.variants, { on: true, off: false });
});

test("at a terminal it asks, and anything but yes changes nothing", async () => {
  const no = await atTerminal(["push"], { cwd: folder, input: "\n" });
  assert.equal(no.code, 1, no.out);
  assert.match(no.out, /Publish flags\.json to production \(http:.*\)\? \[y\/N\] [^]*nothing has changed/);
  assert.equal(await version(), '"0"');
  const yes = await atTerminal(["push"], { cwd: folder, input: "y\n" });
  assert.equal(yes.code, 0, yes.out);
  assert.equal(await version(), '"1"');
});

test("without a terminal `--yes` says it", async () => {
  const { code, notes } = await vexil(["push"]);
  assert.equal(code, 2);
  assert.match(notes, /there is no terminal to ask on: `Publish flags\.json to production .*\?` needs `--yes`/);
  assert.equal(await version(), '"0"');
});

/** A way to the worker that does `before` once, before it passes `method` on. */
async function between(method, before) {
  let isDone = false;
  const server = createServer(async (incoming, answer) => {
    if (incoming.method === method && !isDone) {
      isDone = true;
      await before(answer);
    }
    const passed = request(edge.url + incoming.url, { method: incoming.method, headers: incoming.headers }, (response) => {
      answer.writeHead(response.statusCode, response.headers);
      response.pipe(answer);
    });
    incoming.pipe(passed);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  after(() => server.close());
  return project(`http://127.0.0.1:${server.address().port}`, WITHOUT_CH);
}

test("who is overtaken is told by whom, and publishes nothing", async () => {
  await vexil(["push", "--yes"]);
  const late = await between("PUT", async () => {
    await edge.kill("checkout", "errors \u001b[31mat the till");
    await edge.publish({ ...RULESET, flags: { ...RULESET.flags, added: RULESET.flags.banner } });
  });
  const { code, notes } = await late.vexil(["push", "--yes"]);
  assert.equal(code, 5);
  assert.match(notes, /^version 2, \d+ s ago, by operator: kill checkout \(errors \\u\{1b\}\[31mat the till\)$/m);
  assert.match(notes, /^version 3, \d+ s ago, by admin: publish: added added$/m);
  assert.match(notes, /came after version 1, .*nothing was published/);
  assert.match(notes, /^production refused: another change came first$/m);
  assert.equal(await version(), '"3"');
});

test("an answer that is lost is said to be so, and the write is not sent again", async () => {
  let writes = 0;
  const late = await between("PUT", async (answer) => {
    writes += 1;
    await edge.publish(WITHOUT_CH);
    answer.destroy();
  });
  const { code, notes } = await late.vexil(["push", "--yes"]);
  assert.equal(code, 4);
  assert.match(notes, /nobody can say whether it was done: `vexil history` does/);
  assert.deepEqual([writes, await version()], [1, '"1"']);
});

test("what only the edge can refuse is shown in its place in the file", async () => {
  await vexil(["push", "--yes"]);
  await edge.admin("POST", "releases/gradual-ga/start");
  const moved = structuredClone(RULESET);
  moved.releases["gradual-ga"].by = "account";
  save(JSON.stringify(moved, null, 2));
  for (const how of ["--yes", "--dry-run"]) {
    const { code, notes } = await vexil(["push", how]);
    assert.equal(code, 5, notes);
    assert.match(notes, /--> flags\.json:\d+:\d+\n[^]*"by": "account"[^]*\/releases\/gradual-ga\/by/);
    assert.match(notes, /^production refused the ruleset, and nothing has changed$/m);
  }
  assert.equal(await version(), '"2"');
});

test("a flag that changes while it is killed is named", async () => {
  await vexil(["push", "--yes"]);
  await edge.kill("checkout");
  await edge.kill("limit");
  save(WITHOUT_CH);
  const { notes } = await vexil(["push", "--dry-run"]);
  assert.match(notes, /^note: checkout is killed, and stays so/m);
  assert.doesNotMatch(notes, /limit/);
});

test("standard input is a ruleset or a token", async () => {
  const piped = await vexil(["push", "-", "--yes"], { input: JSON.stringify(RULESET) });
  assert.equal(piped.code, 0, piped.notes);
  save(WITHOUT_CH);
  const token = await vexil(["push", "--yes", "--token-stdin"], { input: `${ADMIN}\n`, variables: { VEXIL_TOKEN: "wrong" } });
  assert.equal(token.code, 0, token.notes);
  const both = await vexil(["push", "-", "--yes", "--token-stdin"], { input: ADMIN });
  assert.equal(both.code, 2);
  assert.match(both.notes, /cannot be both/);
});
