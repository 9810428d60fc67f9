// How long the worker takes to start: in workerd, and in node on the same bytes.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";

import { median } from "./numbers.mjs";
import { ask, startConstant, startVexil, VEXIL } from "./workers.mjs";

const HEALTH = { method: "GET", path: "/healthz" };
const STUBS = { "cloudflare:workers": "export class DurableObject {}", "./worker.wasm": "export default globalThis.compiled" };
/** A process for each time: V8 keeps what it has compiled. */
const COMPILE = `
  const { readFileSync } = require("node:fs");
  const [wasm, script] = process.argv.slice(1);
  const bytes = readFileSync(wasm);
  globalThis.addEventListener = () => {};
  const start = performance.now();
  globalThis.compiled = new WebAssembly.Module(bytes);
  import(script).then(() => console.log(performance.now() - start));`;

/**
 * @param {(line: object) => void} report
 * @param {{ rounds: number }} options
 */
export async function startUp(report, { rounds }) {
  report({ name: "start-up in node", value: median(await inNode(rounds)), unit: "ms" });
  report({ name: "start-up in workerd", value: median(await inWorkerd(rounds)), unit: "ms" });
}

/** From the module's bytes to an instance that could answer. */
async function inNode(rounds) {
  const folder = await mkdtemp(path.join(tmpdir(), "vexil-load-"));
  const script = path.join(folder, "worker.mjs");
  const stubs = {
    name: "stubs",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^cloudflare:|\.wasm$/ }, ({ path }) => ({ path, namespace: "stub" }));
      onLoad({ filter: /./, namespace: "stub" }, ({ path }) => ({ contents: STUBS[path] }));
    },
  };
  await build({ entryPoints: [path.join(VEXIL, "worker.mjs")], outfile: script, bundle: true, format: "esm", plugins: [stubs], logLevel: "error" });
  try {
    const times = [];
    for (let round = 0; round < rounds; round++) {
      const { stdout } = await promisify(execFile)(process.execPath, ["-e", COMPILE, path.join(VEXIL, "worker.wasm"), script]);
      times.push(Number(stdout));
    }
    return times;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** From the start of the runtime to the first answer, less what a worker without WebAssembly takes that starts before or after. */
async function inWorkerd(rounds) {
  const { body } = await oneAnswer(startVexil);
  const constant = () => startConstant({ status: 200, type: "application/json", body });
  const more = [];
  for (let round = 0; round < rounds; round++) {
    const ours = () => oneAnswer(startVexil);
    const theirs = () => oneAnswer(constant);
    // Neither is always first.
    const [one, other] = round % 2 === 0 ? [await ours(), await theirs()] : [await theirs(), await ours()].reverse();
    more.push(one.ms - other.ms);
  }
  return more;
}

async function oneAnswer(start) {
  const { url, started, dispose } = await start();
  const { body } = await ask(url, HEALTH);
  const ms = performance.now() - started;
  await dispose();
  return { body, ms };
}
