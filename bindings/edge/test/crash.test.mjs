import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { testSecrets } from "../local.mjs";
import { cut, start } from "./process.mjs";
import { RULESET } from "./support.mjs";

const WRITES = 1_000;
const FLAGS = ["checkout", "prices", "banner", "limit", "server-only.canary", "gradual"];

/** Every line of the audit. */
async function audit(edge) {
  const lines = [];
  for (let after = 0; after !== null; ) {
    const page = (await edge.admin("GET", `audit?after=${after}&limit=100`)).json;
    lines.push(...page.lines);
    after = page.next;
  }
  return lines;
}

test("workerd killed in the middle of a thousand writes: what was acknowledged is there, and nothing half done", { timeout: 120_000 }, async (t) => {
  const state = mkdtempSync(join(tmpdir(), "vexil-crash-"));
  t.after(() => rmSync(state, { recursive: true, force: true }));
  const first = await start(t, state);
  await first.edge.publish(RULESET);

  /** The versions that were acknowledged, with what they did. */
  const acknowledged = new Map();
  let begun = 0;
  let cutting;
  const write = async (flag) => {
    for (let isKilled = true; begun < WRITES; isKilled = !isKilled) {
      begun += 1;
      const verb = isKilled ? "kill" : "restore";
      const answer = await first.edge.call("POST", `/admin/v1/flags/${flag}/${verb}`, { key: testSecrets.VEXIL_OPERATE_TOKEN }).catch(() => undefined);
      if (answer?.status !== 200) return;
      acknowledged.set(answer.json.version, `${verb} ${flag}`);
      if (acknowledged.size === WRITES / 2) cutting = cut(first);
    }
  };
  await Promise.all(FLAGS.map(write));
  await cutting;
  assert.ok(acknowledged.size >= WRITES / 2 && begun < WRITES, `${acknowledged.size} of ${begun}`);

  const second = await start(t, state);
  const lines = await audit(second.edge);
  const newest = lines.at(-1).version;
  t.diagnostic(`${acknowledged.size} writes acknowledged, ${begun - acknowledged.size} cut off; the newest version is ${newest}`);
  // Each line made the version after the one before.
  assert.deepEqual(lines.map(({ number, version }) => [number, version]), Array.from({ length: newest }, (_, at) => [at + 1, at + 1]));
  for (const [version, did] of acknowledged) {
    const { action, subject } = lines[version - 1];
    assert.equal(`${action} ${subject}`, did);
  }
  // What is killed is what the last line of each flag says.
  for (const flag of FLAGS) {
    const last = lines.findLast(({ subject }) => subject === flag);
    const { reason } = (await second.edge.one(flag)).json;
    assert.equal(reason === "DISABLED", last?.action === "kill", flag);
  }
  const { version } = (await second.edge.kill("checkout")).json;
  const { reason } = (await second.edge.one("checkout", {}, undefined, version)).json;
  assert.equal(reason, "DISABLED");
  await cut(second);
});
