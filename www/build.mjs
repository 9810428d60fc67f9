// Builds the demo page into www/dist. Called by `cargo xtask build www`, after the npm package and the playground.

import { build } from "esbuild";
import { copyFile, mkdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const dist = here("dist");

/** Beside the bundle: where the code looks for them. */
const COPIES = [
  ["index.html", "index.html"],
  ["icon.svg", "icon.svg"],
  ["../bindings/browser/dist/engine.wasm", "engine.wasm"],
  ["../bindings/playground/dist/playground.wasm", "playground.wasm"],
];

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await build({
  absWorkingDir: here("."),
  entryPoints: { page: "src/page.ts", "page-styles": "styles/page.css" },
  entryNames: "[name]",
  chunkNames: "[name]-[hash]",
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["es2022", "chrome111", "firefox113", "safari16.4"],
  conditions: ["browser"],
  minify: true,
  legalComments: "none",
  logLevel: "warning",
});
await Promise.all(COPIES.map(([from, to]) => copyFile(here(from), `${dist}/${to}`)));
