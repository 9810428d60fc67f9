// What a worker needs to hold many flags.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { WebSocket } from "undici";

import { CALLS } from "./calls.mjs";
import { ask, publish, startConstant, startVexil } from "./workers.mjs";

/**
 * @param {object} set 1,000 flags, said as often as needed under other names
 * @param {(line: object) => void} report
 * @param {{ flags: number }} options
 */
export async function memory({ ruleset, contexts }, report, { flags }) {
  const state = await mkdtemp(path.join(tmpdir(), "vexil-load-"));
  try {
    await published(state, repeated(ruleset, flags));
    // A runtime that has not compiled the ruleset: that takes memory once, and WebAssembly gives none back.
    const { answer, ...full } = await held(await startVexil({ state, isInspected: true }), contexts);
    const constant = await held(await startConstant(answer, { isInspected: true }), contexts);
    report({ name: "memory, resident", value: (full.resident - constant.resident) / 1e6, unit: "MB", ratio: full.resident / constant.resident });
    report({ name: "memory, WebAssembly", value: full.wasm / 1e6, unit: "MB" });
  } finally {
    await rm(state, { recursive: true });
  }
}

async function published(state, ruleset) {
  const vexil = await startVexil({ state });
  await publish(vexil.url, ruleset);
  await vexil.dispose();
}

function repeated({ flags, ...rest }, count) {
  const entries = Object.entries(flags);
  const copy = (_, index) => {
    const [key, flag] = entries[index % entries.length];
    return [`${key}-${Math.floor(index / entries.length)}`, flag];
  };
  return { flags: Object.fromEntries(Array.from({ length: count }, copy)), ...rest };
}

/** What a worker holds that has answered for all contexts: the bytes of its process that lie in memory, and of them those of WebAssembly. */
async function held({ url, pid, inspector, dispose }, contexts) {
  let answer;
  for (const context of contexts) answer = await ask(url, CALLS["values hit"].request(context));
  const debug = await Inspector.open(inspector);
  // V8 collects garbage before it looks for objects, so this comes first.
  const wasm = await debug.memories();
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, "utf8"));
  debug.close();
  await dispose();
  return { answer, resident: Number(kilobytes) * 1024, wasm };
}

/** V8's inspector, as far as it is needed. */
class Inspector {
  #socket;
  #asked = new Map();
  #next = 1;
  #context;

  static async open(url) {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", () => reject(new Error(`no inspector at ${url}`)));
    });
    return new Inspector(socket);
  }

  constructor(socket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const { id, result, error, method, params } = JSON.parse(data);
      if (method === "Runtime.executionContextCreated") this.#context = params.context.id;
      const { resolve, reject } = this.#asked.get(id) ?? {};
      if (error) reject?.(new Error(error.message));
      else resolve?.(result);
    });
  }

  ask(method, params = {}) {
    return new Promise((resolve, reject) => {
      this.#asked.set(this.#next, { resolve, reject });
      this.#socket.send(JSON.stringify({ id: this.#next++, method, params }));
    });
  }

  async memories() {
    // Without this there is no context to evaluate in.
    await this.ask("Runtime.enable");
    const { result: prototype } = await this.ask("Runtime.evaluate", { expression: "WebAssembly.Memory.prototype", contextId: this.#context });
    const { objects } = await this.ask("Runtime.queryObjects", { prototypeObjectId: prototype.objectId });
    const sum = "function () { return this.reduce((sum, { buffer }) => sum + buffer.byteLength, 0) }";
    const { result } = await this.ask("Runtime.callFunctionOn", { objectId: objects.objectId, functionDeclaration: sum, returnByValue: true });
    return result.value;
  }

  close() {
    this.#socket.close();
  }
}
