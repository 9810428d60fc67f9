/** The command `vexil`, built, run beside a worker of this process. */

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { env } from "node:process";
import { after } from "node:test";

import { ADMIN, RULESET, startEdge } from "../../bindings/edge/test/support.mjs";

export { ADMIN, BROWSER, OPERATE, RULESET, SERVER, startEdge } from "../../bindings/edge/test/support.mjs";

const root = resolve(import.meta.dirname, "../..");
execFileSync("cargo", ["build", "--quiet", "--package", "vexil-cli"], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
export const VEXIL = join(root, "target/debug/vexil");

/** What of this process's environment the command may see. */
const { PATH, HOME } = env;

/** The same flags, but for one rule: Switzerland gets another answer. */
export const WITHOUT_CH = structuredClone(RULESET);
WITHOUT_CH.flags.checkout.rules[0].when.in = ["DE", "AT"];

const folders = [];
// Here, since a hook that a hook registers ends with it.
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** A folder with a `vexil.toml` that names `url`, and a ruleset; it goes with the tests of the file. */
export function project(url, ruleset = RULESET) {
  const folder = mkdtempSync(join(tmpdir(), "vexil-cli-"));
  folders.push(folder);
  writeFileSync(join(folder, "vexil.toml"), `ruleset = "flags.json"\n\n[environments.production]\nurl = "${url}"\n`);
  const save = (ruleset) => writeFileSync(join(folder, "flags.json"), typeof ruleset === "string" ? ruleset : JSON.stringify(ruleset));
  save(ruleset);
  const run = (args, options = {}) => vexil(args, { cwd: folder, ...options });
  return { folder, save, vexil: run, path: (name) => join(folder, name) };
}

/** A worker and a project that names it. */
export async function start(options) {
  const edge = await startEdge(options);
  return { edge, ...project(edge.url) };
}

/** Starts the command, with an administrator's token unless `variables` has another. */
export function begin(args, { cwd, variables = {}, command = VEXIL } = {}) {
  return spawn(command, args, { cwd, env: { PATH, HOME, VEXIL_TOKEN: ADMIN, ...variables } });
}

/** Runs the command: its exit code, what it prints, and its notes. */
export async function vexil(args, { input = "", ...options } = {}) {
  const child = begin(args, options);
  const texts = [child.stdout, child.stderr].map(async (stream) => {
    let text = "";
    for await (const bytes of stream.setEncoding("utf8")) text += bytes;
    return text;
  });
  // A command that ends without reading it is no failure of the test.
  child.stdin.on("error", () => {}).end(input);
  const [code, out, notes] = await Promise.all([new Promise((done) => child.once("close", done)), ...texts]);
  return { code, out, notes, ...(out.startsWith("{") && { lines: out.trim().split("\n").map((line) => JSON.parse(line)) }) };
}

const TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";

/** The same at a terminal, on which `input` is typed; all that is printed is in `out`. */
export function atTerminal(args, options) {
  return vexil(["-c", TERMINAL, VEXIL, ...args], { ...options, command: "python3" });
}
