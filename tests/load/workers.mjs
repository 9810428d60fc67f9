// The workers that are compared, each on a workerd of its own with the same bindings.

import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "esbuild";

import { startLocal, testSecrets } from "../../bindings/edge/local.mjs";

export const KEY = testSecrets.VEXIL_BROWSER_KEY;
export const OPERATE = testSecrets.VEXIL_OPERATE_TOKEN;
/** The folder of the built worker. */
export const VEXIL = path.join(import.meta.dirname, "../../bindings/edge/dist");
/** A WebAssembly module without anything in it. */
const EMPTY_WASM = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/** Vexil, as built. `state` is the folder of its storage, in memory by default; `isInspected` opens V8's inspector. */
export const startVexil = (options) => start({ script: VEXIL, ...options });

/** A worker that has `answer` as a constant, and looks at nothing of a request. */
export function startConstant({ status, type, etag, body }, options) {
  const headers = JSON.stringify({ ...(type && { "content-type": type }), ...(etag && { etag }) });
  const constant =
    body.length === 0 ? "null" : /json|text/.test(type) ? JSON.stringify(body.toString()) : `Uint8Array.from(atob("${body.toString("base64")}"), (byte) => byte.charCodeAt(0))`;
  return startSource(`const body = ${constant}; const headers = ${headers}; export default { fetch: () => new Response(body, { status: ${status}, headers }) };`, options);
}

/** A worker built on a peer. `flags` is the file that says the flags in its language. */
export async function startPeer(name, flags) {
  const text = JSON.stringify(await readFile(flags, "utf8"));
  return startSource(`import { worker } from "./workers/${name}.mjs"; export default worker(${text});`);
}

async function startSource(source, options) {
  const script = await mkdtemp(path.join(tmpdir(), "vexil-load-"));
  // The runtime's configuration names Vexil's classes, so that all workers have the same.
  const classes = (await exported()).map((name) => `export class ${name} extends DurableObject {}`);
  await build({
    stdin: { contents: [source, 'import { DurableObject } from "cloudflare:workers";', ...classes].join("\n"), resolveDir: import.meta.dirname },
    outfile: path.join(script, "worker.mjs"),
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    define: { "process.env": "{}" },
    external: ["cloudflare:*"],
    logLevel: "error",
  });
  await writeFile(path.join(script, "worker.wasm"), EMPTY_WASM);
  const { dispose, ...started } = await start({ script, ...options });
  return { ...started, dispose: () => dispose().finally(() => rm(script, { recursive: true })) };
}

/** The classes of Durable Objects that Vexil's worker exports. */
async function exported() {
  const { metafile } = await build({ entryPoints: [path.join(VEXIL, "worker.mjs")], bundle: true, format: "esm", external: ["cloudflare:*", "*.wasm"], metafile: true, write: false });
  const [{ exports }] = Object.values(metafile.outputs);
  return exports.filter((name) => name !== "default");
}

/** Requests go straight to the worker: the router that Miniflare puts in front would cost all of them the same. */
async function start({ script, state, isInspected }) {
  const before = new Set(await children());
  const started = performance.now();
  const more = { ...(isInspected && { inspectorPort: 0 }), unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] };
  const { runtime, dispose } = await startLocal({ script, state, secrets: testSecrets, more });
  const pid = (await children()).find((child) => !before.has(child));
  return { url: (await runtime.unsafeGetDirectURL("vexil")).origin, inspector: isInspected && `${await runtime.getInspectorURL()}core:user:vexil`, pid, started, dispose };
}

/** The processes that this one has started, of which each runtime is one. */
async function children() {
  const tasks = await readdir("/proc/self/task");
  const lists = await Promise.all(tasks.map((task) => readFile(`/proc/self/task/${task}/children`, "utf8").catch(() => "")));
  return lists.flatMap((list) => list.trim().split(" ")).filter(Boolean).map(Number);
}

/** Asks once. Anything but the status wanted is an error. */
export async function ask(url, { method = "POST", path, headers, body, status = 200 }) {
  const response = await fetch(url + path, { method, headers, body });
  const bytes = Buffer.from(await response.arrayBuffer());
  if (response.status !== status) throw new Error(`${method} ${path} is answered with ${response.status}, not ${status}: ${bytes.toString().slice(0, 500)}`);
  return { status, type: response.headers.get("content-type"), etag: response.headers.get("etag"), body: bytes };
}

/** Publishes the first ruleset of an environment. */
export const publish = (url, ruleset) =>
  ask(url, { method: "PUT", path: "/admin/v1/ruleset", headers: { authorization: `Bearer ${testSecrets.VEXIL_ADMIN_TOKEN}`, "if-match": "*" }, body: JSON.stringify(ruleset) });
