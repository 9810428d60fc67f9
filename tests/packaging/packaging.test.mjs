// The npm package as its users get it: packed, installed into an empty folder, loaded, bundled and type-checked.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { startLocal, testSecrets } from "../../bindings/edge/local.mjs";

const ROOT = new URL("../../", import.meta.url);
const RULESET = {
  flags: {
    checkout: {
      type: "boolean",
      variants: { on: true, off: false },
      offVariant: "off",
      expose: "program",
      rules: [{ name: "dach", when: { attr: "country", in: ["DE", "AT", "CH"] }, serve: "on" }],
      default: "off",
    },
  },
};

let folder;
let packed;
let edge;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "vexil-packaging-"));
  await cp(fileURLToPath(new URL("app/", import.meta.url)), folder, { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "somebody-elses", private: true }));
  const printed = await run("npm", ["pack", "--json", "--pack-destination", folder], fileURLToPath(new URL("bindings/browser/", ROOT)));
  [packed] = JSON.parse(printed);
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", `./${packed.filename}`], folder);
  edge = await startLocal({ secrets: testSecrets });
  const published = await fetch(`${edge.url}/admin/v1/ruleset`, {
    method: "PUT",
    headers: { authorization: `Bearer ${testSecrets.VEXIL_ADMIN_TOKEN}`, "if-match": '"0"' },
    body: JSON.stringify(RULESET),
  });
  assert.equal(published.status, 200, await published.text());
});

after(async () => {
  await edge?.dispose();
  if (folder) await rm(folder, { recursive: true, force: true });
});

test("the tarball has what is built, and nothing else", () => {
  const files = packed.files.map(({ path }) => path);
  const modules = ["client", "context", "edge", "events", "explain", "explanation", "index", "local", "remote", "signature", "slots", "store", "stream", "tables", "types", "values"];
  const forDevelopers = ["chosen", "devtools", "look", "mock", "overlay", "overrides", "testing"];
  const built = [...modules, "entry/browser", "entry/node", "entry/slim", "entry/workerd", "entry/explain-browser", "entry/explain-node", "entry/explain-workerd"];
  const expected = [
    "LICENSE",
    "README.md",
    "package.json",
    ...["engine-bytes.js", "engine.js", "engine.wasm", "explainer.js", "explainer.wasm"].map((name) => `dist/${name}`),
    ...built.flatMap((name) => [`dist/${name}.js`, `dist/${name}.d.ts`]),
  ];
  assert.deepEqual(files.sort(), expected.sort());
});

test("every path of the exports map is in the tarball", async () => {
  const { exports, dependencies } = JSON.parse(await readFile(join(folder, "node_modules/vexil/package.json"), "utf8"));
  const targets = Object.values(exports).flatMap((target) => (typeof target === "string" ? target : Object.values(target)));
  const files = new Set(packed.files.map(({ path }) => `./${path}`));
  assert.deepEqual(targets.filter((target) => !files.has(target)), []);
  assert.equal(dependencies, undefined);
});

test("node imports it and evaluates", async () => {
  const answers = JSON.parse(await run(execPath, ["app.mjs", edge.url], folder));
  assert.deepEqual(answers, {
    status: "answered",
    german: { value: true, variant: "on", reason: "TARGETING_MATCH", rule: "dach", version: 1 },
    french: { value: false, variant: "off", reason: "DEFAULT", version: 1 },
    why: 'checkout: off (DEFAULT)\n  rule 0 "dach": no\n    country is "FR", not one of "DE", "AT", "CH"\n  default: off',
  });
});

test("node requires it", async () => {
  assert.equal(await run(execPath, ["app.cjs", edge.url], folder), "true\n");
});

test("esbuild makes one file of it, engine included", async () => {
  const outfile = join(folder, "bundled/app.mjs");
  await build({ entryPoints: [join(folder, "slim.mjs")], outfile, bundle: true, format: "esm", platform: "node", target: "node20", loader: { ".wasm": "binary" }, logLevel: "error" });
  assert.equal(await run(execPath, [outfile, edge.url], tmpdir()), '[true,"TARGETING_MATCH"]\n');
});

test("a page that may explain downloads nothing of that until it does", async () => {
  const contents = `import { createClient } from "vexil";
    const flags = createClient({ url: "https://flags.example", key: "browser-demo" });
    document.onclick = async () => (await import("vexil/explain")).explain(flags, "checkout");`;
  const { metafile } = await build({ stdin: { contents, resolveDir: folder }, outdir: join(folder, "split"), bundle: true, splitting: true, format: "esm", metafile: true, write: false, logLevel: "error" });
  const page = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint === "<stdin>");
  assert.deepEqual(page.imports.map(({ kind }) => kind), ["dynamic-import", "dynamic-import"], "one file, and two that it may load: one evaluates, one explains");
  assert.deepEqual(Object.keys(page.inputs).filter((input) => /explain/.test(input)), []);
});

test("a page that may show the tools downloads nothing of them until it does", async () => {
  const contents = `import { createClient } from "vexil";
    import { enableDevtools } from "vexil/devtools";
    enableDevtools(createClient({ url: "https://flags.example", key: "browser-demo" }));`;
  const { metafile } = await build({ stdin: { contents, resolveDir: folder }, outdir: join(folder, "tools"), bundle: true, splitting: true, format: "esm", metafile: true, write: false, logLevel: "error" });
  const page = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint === "<stdin>");
  assert.deepEqual(page.imports.filter(({ kind }) => kind !== "dynamic-import"), []);
  assert.deepEqual(Object.keys(page.inputs).filter((input) => /overlay|look|explain/.test(input)), []);
});

for (const [module, moduleResolution] of [["NodeNext", "NodeNext"], ["ESNext", "Bundler"]]) {
  test(`tsc knows its types by ${moduleResolution}`, async () => {
    const options = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--target", "ES2022", "--lib", "ES2022,DOM,DOM.Iterable", "--skipLibCheck", "false"];
    await run(fileURLToPath(new URL("node_modules/.bin/tsc", ROOT)), [...options, "--module", module, "--moduleResolution", moduleResolution, "types.mts"], folder);
  });
}

/** What a command that ends well prints. */
async function run(command, options, cwd) {
  try {
    return (await promisify(execFile)(command, options, { cwd })).stdout;
  } catch (error) {
    const said = (error.stderr || error.stdout || error.message).slice(-2000);
    throw new Error(`${command} ${options.join(" ")}: ${said}`, { cause: error.code });
  }
}
