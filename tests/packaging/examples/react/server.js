// Renders the shop for each visitor, with what their flags came to.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { escapeSnapshot, fetchSnapshot, visitor } from "vexil/server";

const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm" };

/** `edge` is where flags come from: its address, and the browser key. `dist` is what Vite built. */
export async function shop(edge, dist = join(import.meta.dirname, "dist")) {
  const { render } = await import(join(dist, "server/render.js"));
  const template = await readFile(join(dist, "browser/index.html"), "utf8");
  return createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://localhost");
    if (pathname !== "/") return file(join(dist, "browser", pathname), response);
    const { anonymousId, setCookie } = visitor(request.headers.cookie);
    const context = { targetingKey: anonymousId, anonymousId, country: searchParams.get("country") ?? "DE" };
    // Without an edge the page has its fallbacks.
    const snapshot = await fetchSnapshot({ ...edge, context }).catch(() => ({ flags: {}, version: 0, context }));
    const data = `window.data = { url: ${JSON.stringify(edge.url)}, key: ${JSON.stringify(edge.key)}, snapshot: ${escapeSnapshot(snapshot)} }`;
    response.setHeader("set-cookie", setCookie).setHeader("content-type", "text/html");
    return response.end(template.replace("<!--rendered-->", () => render(snapshot)).replace("<!--data-->", () => data));
  });
}

async function file(path, response) {
  const bytes = await readFile(path).catch(() => undefined);
  return response.writeHead(bytes ? 200 : 404, { "content-type": TYPES[extname(path)] ?? "text/plain" }).end(bytes);
}
