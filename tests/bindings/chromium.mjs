// The vectors in Chromium: a page that loads the package the way a page does.

import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { chromium } from "playwright-core";

const types = { ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };
const folders = { "/package/": path.resolve(import.meta.dirname, "../../bindings/browser/dist"), "/tests/": import.meta.dirname };
const quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** One line for each case of each file. */
export function answers(files) {
  return inPage(files, async () => {
    const [{ createClient }, { answers }, response] = await Promise.all([import("/package/entry/browser.js"), import("/tests/client.mjs"), fetch("/files")]);
    return answers(createClient, await response.json());
  });
}

/** What `explained` of client.mjs makes of the files. */
export function explained(files) {
  return inPage(files, async () => {
    const modules = [import("/package/entry/browser.js"), import("/package/entry/explain-browser.js"), import("/tests/client.mjs"), fetch("/files")];
    const [{ createClient }, { explain }, { explained }, response] = await Promise.all(modules);
    return explained(createClient, explain, await response.json());
  });
}

async function inPage(files, run) {
  const server = createServer((request, response) => serve(request, response, files)).listen(0, "127.0.0.1");
  const browser = await chromium.launch({ executablePath: process.env.VEXIL_CHROMIUM ?? "/usr/bin/chromium", args: quiet });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    return await page.evaluate(run);
  } finally {
    await browser.close();
    server.close();
  }
}

function serve({ url }, response, files) {
  if (url === "/files") return response.setHeader("Content-Type", "application/json").end(JSON.stringify(files));
  const [prefix, folder] = Object.entries(folders).find(([prefix]) => url.startsWith(prefix)) ?? [];
  if (folder === undefined) return response.setHeader("Content-Type", "text/html").end("<!doctype html><title>vectors</title>");
  const file = path.join(folder, path.normalize(`/${url.slice(prefix.length)}`));
  response.setHeader("Content-Type", types[path.extname(file)] ?? "application/octet-stream");
  return createReadStream(file).on("error", () => response.writeHead(404).end()).pipe(response);
}
