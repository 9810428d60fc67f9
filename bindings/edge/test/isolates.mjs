import { mkdtempSync, copyFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import { Miniflare } from "miniflare";

import { testSecrets, workerOptions } from "../local.mjs";
import { edgeAt } from "./support.mjs";

const entry = fileURLToPath(new URL("../entry", import.meta.url));

/**
 * The worker as it is, and in front of its objects doors that can be shut: "open", "fails" as an object does that
 * cannot be reached, "silent" as one does that does not answer, "dies" as one does that is evicted at work.
 */
const SOURCE = `
  import worker, { Counters as RealCounters, Environment as RealEnvironment, Hub as RealHub } from "./worker.mjs";
  const doors = { counters: "open", environment: "open", hub: "open", programs: "open" };
  let log = [];
  let gone = 0;
  /** In front of the store of programs: "late" keeps what is put until it is let go. */
  const guardedStore = (programs) => ({
    get: (...call) => programs.get(...call),
    getWithMetadata: (...call) => programs.getWithMetadata(...call),
    list: (...call) => programs.list(...call),
    delete: (...call) => programs.delete(...call),
    async put(key, ...value) {
      log.push({ object: "programs", path: key });
      const isLate = doors.programs === "late";
      for (const before = gone; isLate && gone === before; ) await new Promise((resolve) => setTimeout(resolve, 50));
      return programs.put(key, ...value);
    },
  });
  const guarded = (Real, name) => class extends Real {
    constructor(ctx, env) {
      super(ctx, { ...env, PROGRAMS: guardedStore(env.PROGRAMS) });
    }
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const entry = { object: name, path: pathname, bytes: Number(request.headers.get("content-length")) };
      log.push(entry);
      if (doors[name] === "fails") throw new Error("unreachable");
      if (doors[name] === "silent") await new Promise((resolve) => setTimeout(resolve, 20_000));
      if (doors[name] === "dies") {
        doors[name] = "open";
        this.ctx.abort("evicted");
      }
      const response = await super.fetch(request);
      if (response.webSocket === null) {
        const body = await response.arrayBuffer();
        entry.bytes += body.byteLength;
        return new Response(response.status === 204 ? null : body, response);
      }
      return response;
    }
  };
  export const Environment = guarded(RealEnvironment, "environment");
  export const Hub = guarded(RealHub, "hub");
  export const Counters = guarded(RealCounters, "counters");
  export default {
    async fetch(request, env, context) {
      if (new URL(request.url).pathname !== "/doors") return worker.fetch(request, env, context);
      const { letGo, ...states } = await request.json();
      Object.assign(doors, states);
      if (letGo) gone += 1;
      const answer = Response.json(log);
      log = [];
      return answer;
    },
  };`;

/**
 * Two isolates of one deployment: `one`, where the objects live, and `other`, which nobody has asked anything yet.
 *
 * @param {object} [settings] bindings beside the keys
 * @param {boolean} [cache] whether `other` has the cache of the data centre
 */
export async function startIsolates(t, settings = {}, { cache = true } = {}) {
  const script = mkdtempSync(join(tmpdir(), "vexil-isolates-"));
  t.after(() => rmSync(script, { recursive: true, force: true }));
  const outfile = join(script, "worker.mjs");
  const external = ["./worker.wasm", "cloudflare:*"];
  await build({ stdin: { contents: SOURCE, resolveDir: entry, loader: "js" }, bundle: true, format: "esm", external, outfile });
  copyFileSync(join(entry, "../dist/worker.wasm"), join(script, "worker.wasm"));
  const options = workerOptions({ secrets: { ...testSecrets, ...settings }, script });
  const there = (object) => ({ ...object, scriptName: "vexil" });
  const runtime = new Miniflare({
    host: "127.0.0.1",
    cf: false,
    telemetry: { enabled: false },
    workers: [
      options,
      {
        ...options,
        name: "other",
        cache,
        durableObjects: Object.fromEntries(Object.entries(options.durableObjects).map(([name, object]) => [name, there(object)])),
        unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
      },
    ],
  });
  t.after(() => runtime.dispose());
  const one = edgeAt((await runtime.ready).origin);
  const other = edgeAt((await runtime.unsafeGetDirectURL("other")).origin);
  return {
    one,
    other,
    programs: await runtime.getKVNamespace("PROGRAMS"),
    /** Sets doors, and with `letGo` lets go what was kept; resolves to what went through them since it was last called. */
    doors: async (doors = {}) => (await one.call("POST", "/doors", { body: doors })).json,
  };
}

export const heads = (log) => log.filter(({ path }) => path === "/head").length;

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
