import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { testSecrets } from "../local.mjs";
import { startIsolates } from "./isolates.mjs";
import { runSql } from "./sql.mjs";
import { RULESET, startEdge } from "./support.mjs";

const BACKUP = fileURLToPath(new URL("../deploy/backup.py", import.meta.url));
const DAY_MS = 86_400_000;

function storage(t) {
  const state = mkdtempSync(join(tmpdir(), "vexil-retention-"));
  t.after(() => rmSync(state, { recursive: true, force: true }));
  return state;
}

/** The ruleset with another answer of one flag. */
const ruleset = (low) => ({ ...RULESET, flags: { ...RULESET.flags, limit: { ...RULESET.flags.limit, variants: { low, high: 1.5 } } } });

test("programs of old versions are dropped, and compiled again from their rulesets when somebody wants them", async (t) => {
  const state = storage(t);
  const edge = await startEdge({ state, secrets: { ...testSecrets, VEXIL_KEPT_VERSIONS: "3" } });
  for (const low of [1, 2, 3, 4]) await edge.publish(ruleset(low));
  const { flags } = (await edge.admin("GET", "diff?from=1&to=2")).json;
  assert.deepEqual([Object.keys(flags), flags.limit.what], [["limit"], "changed"]);
  await edge.kill("checkout");
  const { json } = await edge.admin("POST", "rollback/1", { headers: { "if-match": "*" } });
  assert.deepEqual([json.version, json.program], [6, 5]);
  assert.deepEqual((await edge.admin("GET", "diff?from=1&to=6")).json.flags, {});
  await edge.stop();
  const select = "SELECT DISTINCT program FROM parts WHERE kind = ? ORDER BY program";
  const [programs, rulesets] = await runSql(state, [[select, "program"], [select, "ruleset"]]);
  assert.deepEqual(programs.map(({ program }) => program), [4, 5]);
  assert.deepEqual(rulesets.map(({ program }) => program), [1, 2, 3, 4, 5]);
});

test("what is dropped leaves the store of programs too", async (t) => {
  const { one, programs } = await startIsolates(t, { VEXIL_KEPT_VERSIONS: "1" });
  const stored = async () => (await programs.list({ prefix: "program/" })).keys.map(({ name }) => name);
  await one.publish(ruleset(1));
  for (let left = 100; (await stored()).length === 0 && left > 0; left -= 1) await setTimeout(50);
  assert.deepEqual(await stored(), ["program/production/1"]);
  await one.publish(ruleset(2));
  const want = ["program/production/2"];
  for (let left = 200; String(await stored()) !== String(want) && left > 0; left -= 1) await setTimeout(50);
  assert.deepEqual(await stored(), want);
});

test("a key that ended long ago is forgotten, and the audit is not", async (t) => {
  const state = storage(t);
  const first = await startEdge({ state });
  await first.publish(RULESET);
  const ids = [];
  for (let key = 0; key < 3; key += 1) ids.push((await first.issue("server")).id);
  await first.stop();
  const end = (id, days) => ["UPDATE tokens SET expires = ? WHERE id = ?", Date.now() - days * DAY_MS, id];
  await runSql(state, [end(ids[0], 91), end(ids[1], 89)]);
  const second = await startEdge({ state });
  await second.kill("checkout");
  const { tokens } = (await second.admin("GET", "tokens")).json;
  assert.deepEqual(tokens.map(({ id }) => id).sort(), ids.slice(1).sort());
  const { lines } = (await second.admin("GET", "audit")).json;
  assert.deepEqual(lines.filter(({ action }) => action === "issue").map(({ subject }) => subject), ids);
});

test("a write that operations make adds less to the storage than the README says", async (t) => {
  const state = storage(t);
  const edge = await startEdge({ state });
  await edge.publish(RULESET);
  const copies = storage(t);
  /** Of the database alone, as a copy of it has it. */
  const size = async (copy) => {
    await promisify(execFile)("python3", [BACKUP, state, join(copies, copy)]);
    const files = readdirSync(join(copies, copy), { recursive: true }).filter((file) => /vexil-Environment\b.*\.sqlite$/.test(file));
    return files.reduce((sum, file) => sum + statSync(join(copies, copy, file)).size, 0);
  };
  const before = await size("before");
  const writes = 1_000;
  for (let count = 0; count < writes; count += 1) {
    await (count % 2 ? edge.restore("checkout") : edge.kill("checkout", "errors at the till, incident 4711"));
  }
  const bytes = ((await size("after")) - before) / writes;
  t.diagnostic(`${bytes.toFixed(0)} bytes for each write`);
  assert.ok(bytes > 50 && bytes < 400, `${bytes}`);
});
