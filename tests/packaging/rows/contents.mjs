// What is in the tarball, and what those say who judge packages. These rows need neither a browser nor an edge.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { ROOT, run, tool, version } from "../stage.mjs";

/** What is built of the Rust crates. */
const MODULES = ["engine-bytes.js", "engine.wasm", "explainer.js", "explainer.wasm"];
/** Of these TypeScript knows nothing: what it is that one imports, its bundler decides. */
const WITHOUT_TYPES = ["engine.wasm", "explainer.wasm"];

/** What stands in a file and should not: a path of the machine that built it, or a source map that is not there. */
const FOREIGN = [
  [/sourceMappingURL/, "names a source map"],
  [/file:\/\/\//, "names a file of a machine"],
  [/\.cargo\/(?:registry|git)/, "names a folder of cargo"],
  ...[ROOT, homedir()].filter((path) => path.length > 1).map((path) => [new RegExp(`${escaped(path)}/`), "names a folder of this machine"]),
];

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

async function tarball({ packed, install }) {
  const sources = await readdir(join(ROOT, "bindings/browser/ts"), { recursive: true });
  const names = sources.filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts")).map((file) => file.slice(0, -".ts".length));
  const built = [...MODULES, ...names.flatMap((name) => [`${name}.js`, `${name}.d.ts`])].map((file) => `dist/${file}`);
  const files = packed.files.map(({ path }) => path);
  assert.deepEqual(files.toSorted(), ["LICENSE", "README.md", "package.json", ...built].toSorted(), "it has what is built, and nothing else");

  const folder = join(await install("tarball", "node"), "node_modules/vexil");
  for (const file of files) {
    const text = await readFile(join(folder, file), "latin1");
    for (const [pattern, problem] of FOREIGN) assert.doesNotMatch(text, pattern, `${file} ${problem}`);
  }
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const targets = Object.values(manifest.exports).flatMap((target) => (typeof target === "string" ? target : Object.values(target)));
  assert.deepEqual(targets.filter((target) => !files.includes(target.slice("./".length))), [], "every path of the exports map is there");
  const { dependencies, license, sideEffects, scripts } = manifest;
  assert.deepEqual({ dependencies, license, sideEffects, scripts }, { dependencies: undefined, license: "Apache-2.0", sideEffects: false, scripts: undefined });
  return `${files.length} files, ${packed.size.toLocaleString("en")} bytes packed, ${packed.unpackedSize.toLocaleString("en")} unpacked`;
}

async function publint({ tarball }) {
  await run(tool("publint"), ["run", "--strict", tarball]);
  return `publint ${await version("publint")} has nothing to say`;
}

async function attw({ tarball }) {
  await run(tool("attw"), [tarball, "--profile", "esm-only", "--no-definitely-typed", "--exclude-entrypoints", ...WITHOUT_TYPES]);
  return `attw ${await version("@arethetypeswrong/cli")} finds every entry's types, for importers`;
}

/** TypeScript, by a `moduleResolution`: as most have it, and the newest. */
function types(moduleResolution) {
  return {
    name: `types ${moduleResolution}`,
    async check({ install }) {
      const app = await install(`types-${moduleResolution}`, "types");
      for (const compiler of [join(ROOT, "node_modules/typescript/bin/tsc"), join(import.meta.dirname, "../node_modules/typescript-7/bin/tsc")]) {
        await run(compiler, ["--project", `tsconfig.${moduleResolution}.json`], app);
      }
      return `typescript ${await version("typescript", ROOT)} and ${await version("typescript-7")}`;
    },
  };
}

export const contents = [
  { name: "tarball", check: tarball },
  { name: "publint", check: publint },
  { name: "attw", check: attw },
  types("bundler"),
  types("node16"),
];
