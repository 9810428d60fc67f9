import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

import { KEYS, startWorker } from "./worker.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const REQUIREMENTS = here("python/requirements.txt");

/** Runs a command that must succeed; what it printed is the message where it does not. */
function run(words, advice) {
  const { status, error, stdout, stderr } = spawnSync(words[0], words.slice(1), { encoding: "utf8" });
  if (status !== 0) {
    throw new Error(`\`${words.join(" ")}\`: ${error?.message ?? stdout + stderr}\n${advice}`);
  }
}

/** How Python finds the packages of the requirements, which are installed when they are not there yet. */
function installed() {
  const folder = here("../../target/ofrep-python");
  const wanted = createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex");
  const stamp = join(folder, "stamp");
  const packages = join(folder, "packages");
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const install = (python, ...where) =>
      run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", ...where, "--requirement", REQUIREMENTS],
        "The packages of tests/ofrep/python/requirements.txt could not be installed: is there a network?",
      );
    if (spawnSync("python3", ["-c", "import ensurepip, venv"]).status === 0) {
      run(["python3", "-m", "venv", join(folder, "venv")], "Python could not make a virtual environment.");
      install(join(folder, "venv/bin/python3"));
    } else {
      run(["python3", "-m", "pip", "--version"], "Python 3.10 with venv or pip is missing: run `sudo apt-get install python3-venv`, and try again.");
      install("python3", "--target", packages);
    }
    writeFileSync(stamp, wanted);
  }
  const own = join(folder, "venv/bin/python3");
  return existsSync(own) ? { python: own, env: process.env } : { python: "python3", env: { ...process.env, PYTHONPATH: packages } };
}

const worker = await startWorker();
after(worker.stop);
const { python, env } = installed();

/** Python's client: a function that evaluates. */
function connect(t, key = KEYS.server) {
  const child = spawn(python, [here("python/client.py"), worker.url, key], { env, stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => child.kill());
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return async (kind, flag, otherwise, context = {}) => {
    child.stdin.write(`${JSON.stringify([kind, flag, otherwise, context])}\n`);
    const { value, done } = await lines.next();
    assert.ok(!done, "the client ended");
    return JSON.parse(value);
  };
}

const GERMAN = { targetingKey: "user-1", country: "DE" };

test("Python's provider evaluates every type", async (t) => {
  const evaluate = connect(t);
  for (const [kind, flag, otherwise, context, value, variant, reason] of [
    ["boolean", "checkout", false, GERMAN, true, "on", "TARGETING_MATCH"],
    ["boolean", "checkout", true, { country: "FR" }, false, "off", "DEFAULT"],
    ["string", "banner", "x", { targetingKey: "u", email: "a@staff.example" }, "hello staff", "staff", "TARGETING_MATCH"],
    ["integer", "limit", 0, GERMAN, 10, "low", "SPLIT"],
    ["float", "rate", 0.25, GERMAN, 1.5, "high", "STATIC"],
    ["object", "prices", {}, GERMAN, { currency: "EUR", "A–Z": [1.5, null] }, "list", "STATIC"],
    ["boolean", "retired", true, GERMAN, false, "off", "DISABLED"],
    ["boolean", "server-only", false, GERMAN, true, "on", "STATIC"],
  ]) {
    const answer = await evaluate(kind, flag, otherwise, context);
    assert.deepEqual([answer.value, answer.variant, answer.reason, answer.errorCode], [value, variant, reason, null], flag);
    assert.ok(answer.metadata.version >= 1);
  }
});

test("Python's provider falls back to the default, and says why", async (t) => {
  const evaluate = connect(t);
  const missing = await evaluate("boolean", "no-such-flag", true, GERMAN);
  assert.deepEqual([missing.value, missing.reason, missing.errorCode], [true, "ERROR", "FLAG_NOT_FOUND"]);
  const mistyped = await evaluate("string", "checkout", "fallback", GERMAN);
  assert.deepEqual([mistyped.value, mistyped.errorCode], ["fallback", "TYPE_MISMATCH"]);
  const hidden = await connect(t, KEYS.browser)("boolean", "server-only", false, GERMAN);
  assert.deepEqual([hidden.value, hidden.errorCode], [false, "FLAG_NOT_FOUND"]);
  const stranger = await connect(t, "nobody")("boolean", "checkout", false, GERMAN);
  assert.deepEqual([stranger.value, stranger.errorCode], [false, "GENERAL"]);
});

test("Python's provider sees a kill at once, also of what a flag requires", async (t) => {
  const evaluate = connect(t);
  await worker.change();
  const killed = await evaluate("boolean", "checkout", true, GERMAN);
  const dependent = await evaluate("boolean", "needs-checkout", true, GERMAN);
  await worker.undo();
  assert.deepEqual([killed.value, killed.reason], [false, "DISABLED"]);
  assert.deepEqual([dependent.value, dependent.variant, dependent.errorCode], [false, "off", null]);
  assert.equal((await evaluate("boolean", "checkout", false, GERMAN)).value, true);
  assert.equal((await evaluate("boolean", "needs-checkout", false, GERMAN)).value, true);
});
