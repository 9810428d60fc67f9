// node js/chromium.mjs SETS WASM ROUNDS [WORKLOAD…]: a line of JSON for each engine and workload, in Chromium.

import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { build } from "esbuild";
import { chromium } from "playwright-core";

const [sets, wasm, rounds, ...workloads] = process.argv.slice(2);
const quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
// With these a page is isolated, and its clock ticks every 5 µs instead of every 100.
const isolated = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

const { outputFiles: [page] } = await build({
  entryPoints: [path.join(import.meta.dirname, "page.mjs")],
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  // Bundlers of applications say so too.
  define: { "process.env": "{}" },
  write: false,
  logLevel: "error",
});
const server = createServer(serve).listen(0, "127.0.0.1");
const browser = await chromium.launch({ executablePath: process.env.VEXIL_CHROMIUM ?? "/usr/bin/chromium", args: quiet });
try {
  const tab = await browser.newPage();
  await tab.exposeFunction("report", (line) => console.log(JSON.stringify({ runtime: "chromium", ...line })));
  const failed = new Promise((_, reject) => tab.on("pageerror", reject));
  await tab.goto(`http://127.0.0.1:${server.address().port}/`);
  await tab.addScriptTag({ url: "/page.js", type: "module" });
  await Promise.race([tab.waitForFunction(() => "run" in globalThis), failed]);
  await tab.evaluate((options) => globalThis.run(globalThis.report, options), { workloads, rounds: Number(rounds), isFastest: "VEXIL_BENCH_FASTEST" in process.env });
} finally {
  await browser.close();
  server.close();
}

function serve({ url }, response) {
  const send = (type, body) => response.writeHead(200, { "Content-Type": type, ...isolated }).end(body);
  if (url === "/") return send("text/html", "<!doctype html><title>bench</title>");
  if (url === "/page.js") return send("text/javascript", page.contents);
  const file = url === "/engine.wasm" ? wasm : path.join(sets, path.normalize(url.replace(/^\/sets/, "")));
  response.writeHead(200, { "Content-Type": "application/octet-stream", ...isolated });
  return createReadStream(file).on("error", () => response.destroy()).pipe(response);
}
