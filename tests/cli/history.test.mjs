import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { before, test } from "node:test";

import { RULESET, WITHOUT_CH, atTerminal, start } from "./support.mjs";

let edge, vexil, path, folder, save;
before(async () => {
  ({ edge, vexil, path, folder, save } = await start());
  const empty = await vexil(["history"]);
  assert.match(empty.out, /^nothing was ever published to production/);
  await edge.publish(RULESET);
  await edge.publish(WITHOUT_CH);
  await edge.kill("checkout", "errors\nat the till");
  await edge.admin("POST", "releases/gradual-ga/start");
});

test("a rollback shows what it changes, and publishes the earlier ruleset as a new version", async () => {
  const tried = await vexil(["rollback", "1", "--dry-run"]);
  assert.equal(tried.code, 0, tried.notes);
  assert.match(tried.out, /^checkout: moves .* of units from off to on/m);
  assert.match(tried.out, /nothing has changed\n$/);
  assert.match(tried.notes, /^note: checkout is killed/m);
  assert.equal((await edge.admin("GET", "ruleset")).headers.get("etag"), '"4"');
  const no = await atTerminal(["rollback", "1"], { cwd: folder, input: "\n" });
  assert.equal(no.code, 1);
  assert.match(no.out, /Publish the ruleset of version 1 to production .* again\? \[y\/N\]/);

  const done = await vexil(["rollback", "1", "--yes", "-m", "it was better"]);
  assert.equal(done.code, 0, done.notes);
  assert.match(done.out, /has version 5, with the ruleset of version 1, in \d+ ms\n$/);
  assert.equal((await edge.admin("GET", "ruleset")).text, JSON.stringify(RULESET));
  const again = await vexil(["rollback", "1", "--yes", "--json"]);
  assert.deepEqual([again.code, again.lines[0].version, again.lines[0].published], [0, 5, false]);
});

test("a rollback that cannot be says why", async () => {
  const unknown = await vexil(["rollback", "99", "--yes"]);
  assert.deepEqual([unknown.code, unknown.notes], [5, "production refused: no version `99`\n"]);
  const none = await vexil(["rollback", "0", "--yes"]);
  assert.equal(none.code, 5);
  assert.match(none.notes, /version 0 has no ruleset/);
  assert.equal((await vexil(["rollback", "first", "--yes"])).code, 2);
});

test("the history says who did what, when and why", async () => {
  const { code, out } = await vexil(["history"]);
  assert.equal(code, 0);
  const rows = out.trimEnd().split("\n").map((line) => line.split(/ {2,}/));
  assert.deepEqual(rows.slice(1).map(([number, , , who, what, why]) => [number, who, what, why]), [
    ["5", "admin", "republish version 1: checkout changed", "it was better"],
    ["4", "admin", "start gradual-ga", undefined],
    ["3", "operator", "kill checkout", "errors\\nat the till"],
    ["2", "admin", "publish: checkout changed", undefined],
    ["1", "admin", "publish: banner added, checkout added, gradual added, limit added, 2 more", undefined],
  ]);
  assert.match(rows[1][1], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.match(rows[1][2], /^\d+ s ago$/);
});

test("the history is JSON lines, in parts", async () => {
  const { lines } = await vexil(["history", "--json", "-n", "2", "--before", "6"]);
  assert.deepEqual(lines.map(({ number, again }) => [number, again]), [[5, 1], [4, null]]);
  assert.deepEqual(Object.keys(lines[0].flags), ["checkout"]);
  const { lines: [first] } = await vexil(["history", "--json", "--before", "2"]);
  assert.deepEqual([first.number, first.flags.checkout.what], [1, "added"]);
});

test("the status says at one look how it is", async () => {
  const { code, out } = await vexil(["status"]);
  assert.equal(code, 0);
  assert.match(out, /^production \(http:.*\): ready, answered in \d+ ms\nversion 5, \d+ s ago: republish by admin \(it was better\)\nkilled: checkout\nrelease gradual-ga: running, 10 % exposed\n$/);
  const { lines: [json] } = await vexil(["status", "--json"]);
  assert.deepEqual([json.status, json.newest.number, json.newest.killed], ["ready", 5, ["checkout"]]);
  const without = await vexil(["status"], { variables: { VEXIL_TOKEN: "" } });
  assert.equal(without.code, 0);
  assert.match(without.out, /: ready, .*\na token with the scope `read` would say the version/);
});

test("the audit is listed and verified, of the edge and of a file", async () => {
  const list = await vexil(["audit", "list"]);
  assert.match(list.out, /^LINE +VERSION +WHEN +WHO +WHAT +WHY\n1 +1 +\S+Z +admin +publish\n/);
  assert.match(list.out, /\n5 +5 +\S+Z +admin +republish version 1 +it was better\n$/);
  const live = await vexil(["audit", "verify"]);
  assert.equal(live.code, 0, live.notes);
  const hash = /: 5 lines, unbroken\nnewest hash: ([0-9a-f]{64})\n$/.exec(live.out)[1];
  assert.equal(hash, (await edge.admin("GET", "audit")).json.lines[4].hash);

  const { out } = await vexil(["audit", "list", "--json"]);
  const verify = (text, ...more) => {
    writeFileSync(path("audit.jsonl"), text);
    return vexil(["audit", "verify", "audit.jsonl", ...more], { variables: { VEXIL_TOKEN: "" } });
  };
  assert.match((await verify(out)).out, new RegExp(`^audit\\.jsonl: 5 lines, unbroken\nnewest hash: ${hash}\n$`));
  const lines = out.trimEnd().split("\n");
  for (const [text, notes] of [
    [out.replace("it was better", "it was worse"), /breaks at line 5: its hash/],
    [lines.toSpliced(2, 1).join("\n"), /breaks at line 3: after line 2 comes line 4/],
    [lines.toSpliced(1, 1, "{}").join("\n"), /breaks at line 2, which is no line/],
    ["{", /audit\.jsonl: expected lines of an audit in JSON/],
  ]) {
    const broken = await verify(text);
    assert.equal(broken.code, 1);
    assert.match(broken.notes, notes);
  }
  const known = JSON.parse(lines[2]).hash;
  assert.match((await verify(out, "--known", known)).out, /unbroken and the hash that is known is of line 3\n/);
  const short = await verify(lines.slice(0, 2).join("\n"), "--known", known);
  assert.equal(short.code, 1);
  assert.match(short.notes, /none has the hash .*: the chain was cut short or written anew/);

  const page = (await edge.admin("GET", "audit?after=2&limit=2")).text;
  const { lines: [part] } = await verify(page, "--json");
  assert.deepEqual(part, { after: 2, lines: 2, hash: JSON.parse(lines[3]).hash, known: null });
});

test("a pull leaves alone what nobody has published", async () => {
  const printed = await vexil(["pull"]);
  assert.equal(printed.out, `${JSON.stringify(RULESET)}\n`);
  const old = await vexil(["pull", "--version", "2"]);
  assert.equal(old.out, `${JSON.stringify(WITHOUT_CH)}\n`);

  const file = () => readFileSync(path("flags.json"), "utf8");
  save(WITHOUT_CH);
  const older = await vexil(["pull", "-o", "flags.json"]);
  assert.match(older.out, /^flags\.json is now version 5 of production/);
  assert.equal(file(), JSON.stringify(RULESET));
  assert.match((await vexil(["pull", "-o", "flags.json"])).out, /^flags\.json is already version 5/);
  save("my work");
  const refused = await vexil(["pull", "-o", "flags.json"]);
  assert.equal(refused.code, 1);
  assert.match(refused.notes, /^flags\.json: has what nobody has published to production/);
  assert.equal(file(), "my work");
  const { lines: [forced] } = await vexil(["pull", "-o", "flags.json", "--force", "--json"]);
  assert.deepEqual([forced.file, forced.version, forced.written], ["flags.json", 5, true]);
  assert.equal(file(), JSON.stringify(RULESET));
  const nowhere = await vexil(["pull", "-o", "none/flags.json"]);
  assert.equal(nowhere.code, 3);
  const yaml = await vexil(["pull", "-o", "flags.yaml"]);
  assert.equal(yaml.code, 2);
});
