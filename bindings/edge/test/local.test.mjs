import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { testSecrets } from "../local.mjs";

const script = fileURLToPath(new URL("../local.mjs", import.meta.url));

async function start(t, stdin = "pipe") {
  const state = mkdtempSync(join(tmpdir(), "vexil-local-"));
  t.after(() => rmSync(state, { recursive: true, force: true }));
  const env = { ...process.env, ...testSecrets };
  const child = spawn(process.execPath, [script, "--port", "0", "--state", state], { env, stdio: [stdin, "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  for await (const line of createInterface(child.stdout)) {
    const url = /^listening (http:\/\/127\.0\.0\.1:\d+)$/.exec(line)?.[1];
    if (url) {
      return { child, url };
    }
  }
  throw new Error("it ended without listening");
}

async function endsCleanly(child, url) {
  assert.deepEqual(await once(child, "exit"), [0, null]);
  await assert.rejects(fetch(`${url}/healthz`));
}

test("the command serves where it says, and ends on a signal", async (t) => {
  const { child, url } = await start(t);
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  child.kill("SIGTERM");
  await endsCleanly(child, url);
});

test("a port that is in use is said in one line", async (t) => {
  const { url } = await start(t);
  const env = { ...process.env, ...testSecrets };
  const { port } = new URL(url);
  const second = spawn(process.execPath, [script, "--port", port, "--state", mkdtempSync(join(tmpdir(), "vexil-local-"))], { env, stdio: ["pipe", "pipe", "pipe"] });
  t.after(() => second.kill("SIGKILL"));
  let said = "";
  second.stderr.on("data", (bytes) => (said += bytes));
  assert.deepEqual(await once(second, "exit"), [1, null]);
  assert.equal(said, `port ${port} is in use: give another with --port\n`);
});

test("it ends when whoever started it is gone", async (t) => {
  const { child, url } = await start(t);
  child.stdin.end();
  await endsCleanly(child, url);
});

test("it goes on where it has no input, as under a service manager", async (t) => {
  const { child, url } = await start(t, "ignore");
  await setTimeout(500);
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  child.kill("SIGTERM");
  await endsCleanly(child, url);
});

test("whatever the worker is set up with can be set here too, and is explained", () => {
  const read = (file) => readFileSync(new URL(file, import.meta.url), "utf8");
  const names = (text) => new Set(text.match(/\bVEXIL_[A-Z_]+\b/g));
  const sources = readdirSync(new URL("../src", import.meta.url), { recursive: true }).filter((file) => file.endsWith(".rs"));
  const wanted = names(sources.map((file) => read(`../src/${file}`)).join("\n"));
  assert.ok(wanted.size > 10);
  for (const file of ["../wrangler.toml", "../local.mjs"]) {
    assert.deepEqual([...wanted].filter((name) => !names(read(file)).has(name)), [], file);
  }
});

test("the local runtime and the deployed one behave as of the same date", () => {
  const dates = ["../wrangler.toml", "../local.mjs"].map(
    (file) => /(?:compatibility_date|COMPATIBILITY_DATE) = "([\d-]+)"/.exec(readFileSync(new URL(file, import.meta.url), "utf8"))[1],
  );
  assert.equal(dates[0], dates[1]);
});
