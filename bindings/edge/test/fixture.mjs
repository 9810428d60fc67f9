import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import { Miniflare } from "miniflare";

/** Runs `source`, which may import from the entry's folder, as a worker of its own until the test ends. */
export async function runWorker(t, source, wasm = {}) {
  const folder = mkdtempSync(join(tmpdir(), "vexil-worker-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const outfile = join(folder, "worker.mjs");
  const resolveDir = fileURLToPath(new URL("../entry", import.meta.url));
  const external = Object.keys(wasm).map((name) => `./${name}`);
  await build({ stdin: { contents: source, resolveDir, loader: "js" }, bundle: true, format: "esm", external, outfile });
  const modules = Object.entries(wasm).map(([name, contents]) => ({ type: "CompiledWasm", path: join(folder, name), contents }));
  const runtime = new Miniflare({
    modulesRoot: folder,
    modules: [{ type: "ESModule", path: outfile }, ...modules],
    compatibilityDate: "2026-07-01",
    cf: false,
  });
  t.after(() => runtime.dispose());
  return runtime.ready;
}
