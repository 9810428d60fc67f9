import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { RULESET, SERVER, startEdge } from "./support.mjs";

const BACKUP = fileURLToPath(new URL("../deploy/backup.py", import.meta.url));
const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), "vexil-backup-"));
after(() => rm(folder, { recursive: true }));

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
  const { stdout } = await run("python3", [BACKUP, state, join(folder, "copy")]);
  isCopied = true;
  await writes;
  assert.match(stdout, /databases copied/);
  const newest = acknowledged.at(-1);
  assert.ok(acknowledged.length > 2, "writes went on while it copied");

  const other = await startEdge({ state: join(folder, "copy") });
  const { json } = await other.one("checkout", { country: "DE" }, SERVER);
  assert.equal(json.reason, "DISABLED");
  assert.ok(json.metadata.version >= 2 && json.metadata.version <= newest, `version ${json.metadata.version} of ${newest}`);
  const { status, json: written } = await other.kill("limit");
  assert.equal(status, 200);
  assert.equal(written.version, json.metadata.version + 1);
});

test("what cannot be copied is said, and nothing is left behind", async () => {
  const fail = async (state, copy, message) =>
    assert.rejects(run("python3", [BACKUP, state, copy]), (error) => message.test(error.stderr));
  await fail(join(folder, "nowhere"), join(folder, "copy-2"), /no folder .*nowhere/);
  await fail(folder, folder, /is there already/);
  const empty = await mkdtemp(join(folder, "empty-"));
  await fail(empty, join(folder, "copy-3"), /no database in/);
});
