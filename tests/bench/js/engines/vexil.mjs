// Vexil, as the npm package has it. A client is bound to one context: reads come from memory.

import { createClient } from "vexil";
import { LocalProgram, loadExports } from "../../../../bindings/browser/dist/local.js";

/** @param {Uint8Array} wasm the bytes of `vexil/engine.wasm` */
export async function vexil(wasm) {
  const engine = await loadExports(wasm);
  return {
    name: "vexil",
    language: "vexil.program",
    isBound: true,
    open: (program) => open(engine, wasm, program),
    /** What a client does with the bytes that come: reads the program, and answers for its context. */
    load(program, context) {
      const loaded = new LocalProgram(engine, program);
      loaded.evaluate(context, 0, false);
      loaded.free();
      return loaded;
    },
    async loadClient(program) {
      (await open(engine, wasm, program)).close();
    },
  };
}

async function open(engine, wasm, program) {
  const client = createClient({ url: "http://bench.invalid", key: "browser-bench", wasm, fetch: edgeOf(program), engine: "eager", events: false });
  const { state, problem } = await client.ready();
  if (state !== "ready") throw new Error(`vexil is ${state}: ${problem}`);
  return {
    bind: (context) => client.setContext(context),
    boolean: (key) => client.boolean(key, false),
    string: (key) => client.string(key, ""),
    all(context, booleans, strings) {
      client.setContext(context);
      let on = 0;
      for (const key of booleans) if (client.boolean(key, false)) on++;
      for (const key of strings) if (client.string(key, "") === "compact") on++;
      return on;
    },
    close: () => client.close(),
    /** Where the time of a new context goes. */
    parts(contexts) {
      const local = new LocalProgram(engine, program);
      return {
        "setContext, nothing read": (turn) => client.setContext(contexts[turn & 63]),
        "encode, evaluate, take the answers": (turn) => local.evaluate(contexts[turn & 63], 0, false),
      };
    },
  };
}

/** Hands out one program without a live state, and a stream in which nothing ever happens. */
function edgeOf(program) {
  const live = new Uint8Array(24);
  live.set(new TextEncoder().encode("VXLV"));
  const body = new Uint8Array(4 + program.length + live.length);
  new DataView(body.buffer).setUint32(0, program.length, true);
  body.set(program, 4);
  body.set(live, 4 + program.length);
  const headers = { "Content-Type": "application/octet-stream", ETag: '"bench"', "Vexil-Version": "1" };
  return async (url, options) => {
    const { pathname } = new URL(typeof url === "object" && "url" in url ? url.url : url);
    if (pathname === "/v1/program") return new Response(body, { headers });
    const silence = new ReadableStream({
      start: (controller) => options?.signal?.addEventListener("abort", () => controller.error(options.signal.reason)),
    });
    return new Response(silence, { headers: { "Content-Type": "text/event-stream" } });
  };
}
