// Pages: each bundler builds one, Chromium opens it, and it answers from the edge and from the engine.

import assert from "node:assert/strict";
import { join } from "node:path";
import { build } from "esbuild";
import { visit, visitWithoutEngine } from "../page.mjs";
import { run, version } from "../stage.mjs";

/** Builds a page by the script of its `package.json`. */
async function built(stage, name, ...apps) {
  const app = await stage.install(name, ...apps);
  await run("npm", ["run", "--silent", "build"], app);
  return join(app, "dist");
}

/** A page whose files are served as they were built. */
function bundler(name, tools) {
  return {
    name,
    async check(stage) {
      const site = await stage.serve(await built(stage, name, "page", name));
      return `${await versions(tools)}: ${await visit(stage, site)}`;
    },
  };
}

/** A page under a strict content security policy, `sources` being what else it may run. */
async function guarded(stage, name, sources) {
  const connections = `'self' ${new URL(await stage.edge()).origin}`;
  const policy = `default-src 'none'; script-src 'self'${sources}; connect-src ${connections}; img-src data:; require-trusted-types-for 'script'`;
  return stage.serve(await built(stage, name, "page", "rollup"), { "content-security-policy": policy });
}

/** What explains is six times as large as all else: a page has nothing of it before it asks. */
async function explainer(stage) {
  const resolveDir = await stage.install("explain", "page");
  const contents = `import { createClient } from "vexil";
    const flags = createClient({ url: "https://flags.example", key: "browser-demo" });
    document.onclick = async () => (await import("vexil/explain")).explain(flags, "checkout");`;
  const { metafile } = await build({ stdin: { contents, resolveDir }, outdir: join(resolveDir, "dist"), bundle: true, splitting: true, format: "esm", metafile: true, write: false, logLevel: "error" });
  const inputs = inputsAtOnce(metafile, Object.keys(metafile.outputs).find((name) => metafile.outputs[name].entryPoint === "<stdin>"));
  assert.ok(inputs.some((input) => input.endsWith("/client.js")), inputs.join());
  assert.deepEqual(inputs.filter((input) => /vexil\/dist\/.*expla/.test(input)), []);
  return `esbuild ${await version("esbuild")}: in files of its own, fetched when asked for`;
}

/** What a page runs of `output` and of what it imports, without what it may load later. */
function inputsAtOnce(metafile, output) {
  const { inputs, imports } = metafile.outputs[output];
  const further = imports.filter(({ kind }) => kind === "import-statement").flatMap(({ path }) => inputsAtOnce(metafile, path));
  return [...Object.keys(inputs), ...further];
}

async function versions(tools) {
  return (await Promise.all(tools.map(async (tool) => `${tool} ${await version(tool)}`))).join(", ");
}

export const bundlers = [
  {
    name: "no bundler",
    async check(stage) {
      const site = await stage.serve(await stage.install("bare", "page", "bare"));
      return visit(stage, site);
    },
  },
  bundler("esbuild", ["esbuild"]),
  bundler("rollup", ["rollup"]),
  bundler("webpack", ["webpack"]),
  bundler("vite", ["vite"]),
  {
    name: "vite dev",
    async check(stage) {
      const app = await stage.install("vite-dev", "page", "vite");
      const site = await stage.start("vite", ["--host", "127.0.0.1", "--port", "0"], app);
      return `${await versions(["vite"])}: ${await visit(stage, site)}`;
    },
  },
  { name: "explain apart", check: explainer },
  { name: "csp with wasm", check: async (stage) => visit(stage, await guarded(stage, "csp-with-wasm", " 'wasm-unsafe-eval'")) },
  { name: "csp without wasm", check: async (stage) => visitWithoutEngine(stage, await guarded(stage, "csp-without-wasm", "")) },
];
