import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { testSecrets } from "../local.mjs";
import { edgeAt, RULESET } from "./support.mjs";

const script = fileURLToPath(new URL("../local.mjs", import.meta.url));
const WRITES = 1_000;
const FLAGS = ["checkout", "prices", "banner", "limit", "server-only.canary", "gradual"];

async function start(t, state) {
  const env = { ...process.env, ...testSecrets };
  const child = spawn(process.execPath, [script, "--port", "0", "--state", state], { env, stdio: ["pipe", "pipe", "ignore"] });
  t.after(() => child.kill("SIGKILL"));
  for await (const line of createInterface(child.stdout)) {
    const url = /^listening (http:\/\/127\.0\.0\.1:\d+)$/.exec(line)?.[1];
    if (url) return { child, edge: edgeAt(url) };
  }
  throw new Error("it ended without listening");
}

/** Kills the runtime and what started it, as a power cut does: nothing is told, nothing is closed. */
async function cut({ child }) {
  const workerd = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim().split(" ");
  for (const pid of workerd) process.kill(Number(pid), "SIGKILL");
  child.kill("SIGKILL");
  await once(child, "exit");
}

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
