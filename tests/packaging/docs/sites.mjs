// The programs of the pages as browsers and workers get them: bundled, and served beside the engine.

import { createReadStream } from "node:fs";
import { copyFile, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { build } from "esbuild";
import { compileScript, parse } from "vue/compiler-sfc";
import { FILES } from "./pages.mjs";

const PACKAGE = join(import.meta.dirname, "../../../bindings/browser/dist");
const SITE = join(FILES, "site");
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
const OPTIONS = { bundle: true, format: "esm", target: "es2022", logLevel: "error" };

/** A single file component, its template as part of its script. */
const component = {
  name: "vue",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.vue$/ }, async ({ path }) => {
      const { descriptor } = parse(await readFile(path, "utf8"));
      return { loader: "ts", contents: compileScript(descriptor, { id: path, inlineTemplate: true }).content };
    }),
};

/** Bundles files of pages, by the name that they have in `/assets`. */
export async function bundle(entries) {
  const entryPoints = Object.entries(entries).map(([out, file]) => ({ in: join(FILES, file), out }));
  const define = { "process.env.NODE_ENV": '"production"' };
  await build({ ...OPTIONS, splitting: true, jsx: "automatic", define, plugins: [component], entryPoints, outdir: join(SITE, "assets") });
  await copyFile(join(PACKAGE, "engine.wasm"), join(SITE, "engine.wasm"));
}

/** A file of a page for workerd or node, as one module. */
export async function bundled(file, options) {
  const { outputFiles } = await build({ ...OPTIONS, ...options, entryPoints: [join(FILES, file)], write: false });
  return outputFiles[0].text;
}

/** Serves what was bundled, and `/` by `home`: a text, or what makes a response of a request. Answers with the address. */
export async function serve(home, closing, headers = {}) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://127.0.0.1");
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (pathname === "/") {
      const answer = typeof home === "string" ? new Response(home, { headers: { "content-type": "text/html" } }) : await home(request);
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      return response.end(await answer.text());
    }
    const path = pathname.startsWith("/vexil/") ? join(PACKAGE, pathname.slice("/vexil".length)) : join(SITE, pathname);
    response.setHeader("content-type", TYPES[extname(path)] ?? "text/plain");
    return createReadStream(path).on("error", () => response.writeHead(404).end()).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => (server.closeAllConnections(), new Promise((resolve) => server.close(resolve))));
  return `http://127.0.0.1:${server.address().port}/`;
}
