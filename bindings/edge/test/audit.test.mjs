import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { runSql } from "./sql.mjs";
import { OPERATE, RULESET, startEdge } from "./support.mjs";

const ZEROS = "0".repeat(64);
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest("hex");

/** RFC 8785, for what lines consist of. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
  return `{${members.join(",")}}`;
}

/** The number of the first line that does not fit; `undefined` where all do. */
function firstBroken(lines, previous = ZEROS, number = 0) {
  for (const { hash, ...line } of lines) {
    number += 1;
    if (line.number !== number || sha256(Buffer.from(previous, "hex"), canonical(line)) !== hash) return line.number;
    previous = hash;
  }
  return undefined;
}

function storage(t) {
  const state = mkdtempSync(join(tmpdir(), "vexil-audit-"));
  t.after(() => rmSync(state, { recursive: true, force: true }));
  return state;
}

const audit = async (edge, query = "limit=1000") => (await edge.admin("GET", `audit?${query}`)).json;

/** What makes of the tables of today those of the second layout. */
const SECOND_LAYOUT = [["ALTER TABLE releases ADD COLUMN exposure REAL NOT NULL DEFAULT 0"], ["DROP TABLE dropped"]];

/** One write of each sort. */
async function writeAll(edge) {
  await edge.publish(RULESET);
  await edge.kill("checkout", "errors at the till 😀\n\u0007");
  await edge.restore("checkout");
  const token = await edge.issue("admin", { scopes: ["operate"], name: "Jürgen \"J\"" });
  await edge.call("POST", "/admin/v1/releases/gradual-ga/start", { key: token.key, body: { reason: "go" } });
  await edge.call("POST", "/admin/v1/releases/gradual-ga/rollback", { key: token.key });
  await edge.publish({ flags: {} });
  await edge.admin("POST", "rollback/1", { headers: { "if-match": "*" }, body: { reason: "back" } });
  await edge.admin("POST", `tokens/${token.id}/expire`);
  return token;
}

test("every write is one line, with who, what and why, in a chain that anybody can verify", async () => {
  const edge = await startEdge();
  const token = await writeAll(edge);
  const { previous, lines, next } = await audit(edge);
  assert.deepEqual([previous, next], [ZEROS, null]);
  assert.equal(firstBroken(lines), undefined);
  assert.deepEqual(
    lines.map(({ version, author, token, action, subject }) => [version, author, token, action, subject]),
    [
      [1, "admin", null, "publish", ""],
      [2, "operator", null, "kill", "checkout"],
      [3, "operator", null, "restore", "checkout"],
      [null, "admin", null, "issue", token.id],
      [4, token.name, token.id, "start", "gradual-ga"],
      [5, token.name, token.id, "rollback", "gradual-ga"],
      [6, "admin", null, "publish", ""],
      [7, "admin", null, "republish", ""],
      [null, "admin", null, "expire", token.id],
    ],
  );
  assert.equal(lines[1].reason, "errors at the till 😀\n\u0007");
  const text = JSON.stringify(RULESET);
  assert.deepEqual(lines[0].detail, { program: 1, ruleset: sha256(text) });
  assert.deepEqual(lines[7].detail, { from: 1, program: 3, ruleset: sha256(text) });
  assert.ok(Math.abs(lines[0].at - Date.now()) < 600_000);
});

test("the audit comes in pages, each of which verifies after the one before", async () => {
  const edge = await startEdge();
  await writeAll(edge);
  const whole = (await audit(edge)).lines;
  const pages = [];
  for (let after = 0; after !== null; after = pages.at(-1).next) {
    pages.push(await audit(edge, `after=${after}&limit=4`));
  }
  assert.deepEqual(pages.flatMap(({ lines }) => lines), whole);
  assert.deepEqual(pages.map(({ lines }) => lines.length), [4, 4, 1]);
  for (const [index, { previous, lines }] of pages.entries()) {
    assert.equal(firstBroken(lines, previous, index * 4), undefined);
  }
  const last = await audit(edge, "after=9");
  assert.deepEqual(last, { previous: whole.at(-1).hash, lines: [], next: null });
  assert.equal((await edge.admin("GET", "audit?after=10")).status, 404);
  for (const query of ["limit=0", "limit=1001", "limit=x", "after=-1", "after=1.5"]) {
    assert.equal((await edge.admin("GET", `audit?${query}`)).status, 400, query);
  }
});

test("a line that was altered in the database is found", async (t) => {
  const state = storage(t);
  const edge = await startEdge({ state });
  await writeAll(edge);
  const whole = (await audit(edge)).lines;
  await edge.stop();

  for (const [statement, broken] of [
    ["UPDATE audit SET reason = 'calm' WHERE number = 2", 2],
    ["UPDATE audit SET author = 'operator' WHERE number = 7", 7],
    ["UPDATE audit SET detail = '{}' WHERE number = 1", 1],
    ["UPDATE audit SET at = at + 1 WHERE number = 9", 9],
    ["UPDATE audit SET version = NULL WHERE number = 3", 3],
    ["DELETE FROM audit WHERE number = 5", 6],
    ["UPDATE audit SET hash = (SELECT hash FROM audit WHERE number = 1) WHERE number = 4", 4],
  ]) {
    const columns = Object.keys((await runSql(state, [["SELECT * FROM audit LIMIT 1"]]))[0][0]);
    const [kept] = await runSql(state, [["SELECT * FROM audit"], [statement]]);
    const tampered = await startEdge({ state });
    assert.equal(firstBroken((await audit(tampered)).lines), broken, statement);
    await tampered.stop();
    const insert = `INSERT INTO audit (${columns}) VALUES (${columns.map(() => "?")})`;
    await runSql(state, [["DELETE FROM audit"], ...kept.map((row) => [insert, ...columns.map((column) => row[column])])]);
  }
  const again = await startEdge({ state });
  assert.deepEqual((await audit(again)).lines, whole);
  await again.stop();
});

test("a write that cannot be recorded does not happen at all", async (t) => {
  const state = storage(t);
  const look = async (edge) => ({
    ruleset: (await edge.admin("GET", "ruleset")).text,
    versions: (await edge.admin("GET", "versions")).json,
    tokens: (await edge.admin("GET", "tokens")).json,
    checkout: (await edge.one("checkout", { country: "DE" })).json,
    gradual: (await edge.one("gradual", { targetingKey: "a" })).json,
  });
  const first = await startEdge({ state });
  await first.publish(RULESET);
  const before = await look(first);
  const rows = "SELECT (SELECT count(*) FROM parts) + (SELECT count(*) FROM killed) + (SELECT count(*) FROM releases) AS rows";
  await first.stop();
  const [kept] = await runSql(state, [[rows], ["CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END"]]);

  const second = await startEdge({ state });
  const body = { name: "x", kind: "server" };
  for (const write of [
    () => second.publish({ flags: {} }),
    () => second.kill("checkout"),
    () => second.call("POST", "/admin/v1/releases/gradual-ga/start", { key: OPERATE }),
    () => second.admin("POST", "tokens", { body }),
  ]) {
    assert.equal((await write()).status, 500);
    assert.deepEqual(await look(second), before);
  }
  await second.stop();
  assert.deepEqual((await runSql(state, [[rows], ["DROP TRIGGER full"]]))[0], kept);
  const third = await startEdge({ state });
  assert.equal((await third.kill("checkout")).json.version, 2);
  await third.stop();
});

test("storage of the first layout becomes that of today, with all its history", async (t) => {
  const state = storage(t);
  const first = await startEdge({ state });
  await first.publish(RULESET);
  await first.kill("checkout", "too early");
  await first.call("POST", "/admin/v1/releases/gradual-ga/start", { key: OPERATE });
  await first.call("POST", "/admin/v1/releases/gradual-ga/advance", { key: OPERATE, body: { reason: "all" } });
  const look = async (edge) => ({
    ruleset: (await edge.admin("GET", "ruleset")).text,
    versions: (await edge.admin("GET", "versions")).json.versions,
    version: (await edge.admin("GET", "versions/4")).json,
    one: (await edge.one("gradual", { targetingKey: "a" })).json,
    killed: (await edge.one("checkout", { country: "DE" })).json,
  });
  const before = await look(first);
  await first.stop();
  await runSql(state, [
    ["DROP TABLE meta"],
    ["DROP TABLE tokens"],
    ["ALTER TABLE audit RENAME TO chained"],
    [`CREATE TABLE audit (number INTEGER PRIMARY KEY, version INTEGER NOT NULL, at INTEGER NOT NULL, author TEXT NOT NULL,
        action TEXT NOT NULL, subject TEXT NOT NULL, reason TEXT NOT NULL)`],
    [`INSERT INTO audit (version, at, author, action, subject, reason)
        SELECT version, at, author, action, subject, reason FROM chained ORDER BY number`],
    ["DROP TABLE chained"],
    ...SECOND_LAYOUT,
  ]);

  const second = await startEdge({ state });
  assert.deepEqual(await look(second), before);
  const { lines } = await audit(second);
  assert.deepEqual([lines.length, firstBroken(lines)], [4, undefined]);
  assert.equal(lines[0].detail.ruleset, sha256(JSON.stringify(RULESET)));
  assert.equal((await second.restore("checkout")).json.version, 5);
  await second.stop();
});

test("storage of the second layout becomes that of today", async (t) => {
  const state = storage(t);
  const first = await startEdge({ state });
  await first.publish(RULESET);
  await first.call("POST", "/admin/v1/releases/gradual-ga/start", { key: OPERATE });
  await first.stop();
  await runSql(state, [...SECOND_LAYOUT, ["UPDATE meta SET layout = 2"]]);

  const second = await startEdge({ state });
  const moved = await second.call("POST", "/admin/v1/releases/gradual-ga/advance", { key: OPERATE });
  assert.deepEqual([moved.json.version, moved.json.exposure], [3, 1]);
  await second.stop();
  const [[release], [{ layout }]] = await runSql(state, [["SELECT * FROM releases"], ["SELECT layout FROM meta"]]);
  assert.deepEqual([Object.keys(release), layout], [["name", "state"], 3]);
});

test("storage of a later layout is left alone", async (t) => {
  const state = storage(t);
  const first = await startEdge({ state });
  await first.publish(RULESET);
  await first.stop();
  await runSql(state, [["UPDATE meta SET layout = 99"]]);
  const second = await startEdge({ state });
  assert.equal((await second.publish(RULESET)).status, 500);
  await second.stop();
  await runSql(state, [["UPDATE meta SET layout = 3"]]);
  const third = await startEdge({ state });
  assert.equal((await third.admin("GET", "ruleset")).headers.get("etag"), '"1"');
  await third.stop();
});
