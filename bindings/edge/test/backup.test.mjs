import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, readdirSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { BROWSER, RULESET, SERVER, startEdge } from "./support.mjs";

const BACKUP = fileURLToPath(new URL("../deploy/backup.py", import.meta.url));
const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), "vexil-backup-"));
after(() => rm(folder, { recursive: true }));

const backUp = (state, copy) => run("python3", [BACKUP, state, copy]);

/** The version of the first event of a client that has seen `last`; it fails after ten seconds. */
async function heardAfter(edge, last) {
  const events = edge.events(BROWSER, { "last-event-id": String(last) });
  const late = new Promise((_, reject) => {
    setTimeout(reject, 10_000, new Error("no event came")).unref();
  });
  const { value } = await Promise.race([events.next(), late]);
  await events.return();
  return Number(value.id);
}

/** The versions of the lines of the audit, and the actions of those that were written by no key. */
async function audited(edge) {
  const { lines } = (await edge.admin("GET", "audit?limit=1000")).json;
  return { versions: lines.map(({ version }) => version), own: lines.filter(({ author }) => author === "worker").map(({ action }) => action) };
}

test("a worker starts from the copy of another that was running and writing", async () => {
  const state = join(folder, "state");
  const edge = await startEdge({ state });
  await edge.publish(RULESET);
  await edge.kill("checkout");

  let isCopied = false;
  const acknowledged = [];
  const writes = (async () => {
    for (let count = 0; !isCopied; count += 1) {
      const { json } = await (count % 2 ? edge.restore("banner") : edge.kill("banner"));
      acknowledged.push(json.version);
    }
  })();
  const copy = join(folder, "copy");
  const { stdout } = await backUp(state, copy);
  isCopied = true;
  await writes;
  assert.match(stdout, /databases copied/);
  for (let count = 0; count < 50; count += 1) {
    acknowledged.push((await (count % 2 ? edge.restore("limit") : edge.kill("limit"))).json.version);
  }
  const newest = acknowledged.at(-1);
  assert.ok(acknowledged.length > 52, "writes went on while it copied");
  await edge.stop();

  const other = await startEdge({ state: copy });
  assert.ok((await heardAfter(other, newest)) > newest, "a page that has seen the newest hears of it");
  const { json } = await other.one("checkout", { country: "DE" }, SERVER);
  assert.equal(json.reason, "DISABLED");
  const { version } = json.metadata;
  assert.ok(version > newest, `version ${version} after ${newest}`);
  const { status, json: written } = await other.kill("prices");
  assert.deepEqual([status, written.version], [200, version + 1]);
  const { versions, own } = await audited(other);
  assert.deepEqual([versions.slice(-2), own], [[version, version + 1], ["renumber"]]);
  await other.stop();

  const again = await startEdge({ state: copy });
  assert.deepEqual(await audited(again), { versions, own });
  await again.stop();
});

test("an environment whose hubs know later versions goes on above them", async () => {
  const state = join(folder, "taken-back");
  const first = await startEdge({ state });
  await first.publish(RULESET);
  await first.stop();
  // As Cloudflare takes one object back and leaves the others as they are.
  const files = readdirSync(state, { recursive: true }).filter((file) => /vexil-Environment\b.*\.sqlite/.test(file));
  assert.ok(files.length > 0);
  for (const file of files) cpSync(join(state, file), join(folder, "kept", file));

  const second = await startEdge({ state });
  const started = Date.now();
  let newest;
  for (let count = 0; count < 20; count += 1) {
    newest = (await (count % 2 ? second.restore("limit") : second.kill("limit"))).json.version;
  }
  assert.equal(await heardAfter(second, 1), newest);
  await second.stop();
  const now = readdirSync(state, { recursive: true }).filter((file) => /vexil-Environment\b.*\.sqlite/.test(file));
  for (const file of now) rmSync(join(state, file));
  cpSync(join(folder, "kept"), state, { recursive: true });

  const stopped = Date.now();
  const third = await startEdge({ state });
  const heard = await heardAfter(third, newest);
  assert.ok(heard > newest, `${heard} after ${newest}`);
  // Nobody was told of more versions than there were milliseconds.
  assert.ok(heard >= newest + stopped - started, `${heard}`);
  const { versions, own } = await audited(third);
  assert.deepEqual([versions, own], [[1, heard], ["renumber"]]);
  assert.equal((await third.one("limit", { targetingKey: "a" }, SERVER, heard)).json.metadata.version, heard);
  await third.stop();
});

test("what cannot be copied is said, and nothing is left behind", async () => {
  const fail = async (state, copy, message) =>
    assert.rejects(backUp(state, copy), (error) => message.test(error.stderr));
  await fail(join(folder, "nowhere"), join(folder, "copy-2"), /no folder .*nowhere/);
  await fail(folder, folder, /is there already/);
  const empty = await mkdtemp(join(folder, "empty-"));
  await fail(empty, join(folder, "copy-3"), /no database in/);
});
