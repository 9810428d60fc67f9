// Each app as a site would build and serve it: bundled, minified, compressed once with brotli at its best.

import path from "node:path";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";

/** Files by their address on the site, for the apps of those names. */
export async function bundles(names) {
  const files = new Map();
  for (const name of [...names, "../reading"]) {
    const { outputFiles } = await build({
      entryPoints: { app: path.join(import.meta.dirname, "apps", `${name}.mjs`) },
      outdir: `/${path.basename(name)}`,
      bundle: true,
      splitting: true,
      format: "esm",
      target: "es2022",
      minify: true,
      loader: { ".wasm": "file" },
      publicPath: `/${path.basename(name)}/`,
      define: { "process.env": "{}", "process.env.NODE_ENV": '"production"' },
      write: false,
      logLevel: "error",
    });
    for (const { path, contents } of outputFiles) files.set(path, { type: path.endsWith(".wasm") ? "application/wasm" : "text/javascript", body: brotliCompressSync(contents) });
  }
  return files;
}
