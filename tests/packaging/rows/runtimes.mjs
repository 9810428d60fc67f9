// Programs without a page: in node, as a module and by `require`, and in workerd.

import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { execPath, version } from "node:process";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { run, version as versionOf } from "../stage.mjs";

async function nodeImports(stage) {
  const app = await stage.install("node", "node");
  const answers = JSON.parse(await run(execPath, ["app.mjs", await stage.edge()], app));
  assert.deepEqual(answers, {
    greeting: "Salut",
    german: { value: true, variant: "on", reason: "TARGETING_MATCH", rule: "dach", version: 1 },
    french: { value: false, variant: "off", reason: "DEFAULT", version: 1 },
    why: 'checkout: off (DEFAULT)\n  rule 0 "dach": no\n    country is "FR", not one of "DE", "AT", "CH"\n  default: off',
  });
  return `node ${version}: answers of the engine and of the edge, and an explanation`;
}

async function nodeRequires(stage) {
  const app = await stage.install("node-require", "node");
  assert.equal(await run(execPath, ["app.cjs", await stage.edge()], app), '[true,"Servus"]\n');
  return `node ${version}`;
}

/** The engine and the explainer are in it. */
async function oneFile(stage) {
  const app = await stage.install("node-one-file", "node");
  const outfile = join(app, "dist/app.mjs");
  await build({ entryPoints: [join(app, "slim.mjs")], outfile, bundle: true, format: "esm", platform: "node", target: "node20", loader: { ".wasm": "binary" }, logLevel: "error" });
  await rm(join(app, "node_modules"), { recursive: true });
  assert.equal(await run(execPath, [outfile, await stage.edge()], app), '[true,"TARGETING_MATCH"]\n');
  return `esbuild ${await versionOf("esbuild")}, node ${version}`;
}

async function workerd(stage) {
  const app = await stage.install("workerd", "workerd");
  await run("npm", ["run", "--silent", "build"], app);
  const runtime = new Miniflare({
    modules: true,
    rootPath: join(app, "dist"),
    scriptPath: "worker.js",
    modulesRules: [
      { type: "ESModule", include: ["**/*.js"] },
      { type: "CompiledWasm", include: ["**/*.wasm"] },
    ],
    bindings: { EDGE: await stage.edge() },
    compatibilityDate: "2026-07-01",
    cf: false,
    telemetry: { enabled: false },
  });
  try {
    const response = await runtime.dispatchFetch("http://shop.example/");
    const answers = await response.json();
    assert.deepEqual(answers, { german: true, french: false, greeting: "Servus" });
    return `miniflare ${await versionOf("miniflare")}: answers of the engine and of the edge`;
  } finally {
    await runtime.dispose();
  }
}

export const runtimes = [
  { name: "node import", check: nodeImports },
  { name: "node require", check: nodeRequires },
  { name: "one file for node", check: oneFile },
  { name: "workerd", check: workerd },
];
