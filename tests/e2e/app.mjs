// A page of somebody's who uses the npm package, as it is built, without a bundler.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

const DIST = new URL("../../bindings/browser/dist/", import.meta.url);
const TYPES = { js: "text/javascript", wasm: "application/wasm", html: "text/html" };

/** Serves the package under `/vexil/`, and at every other path a page that runs `script` and has `body`. */
export async function startApp({ script, body = "", policy }) {
  const html = `<!doctype html><html lang="en"><title>App</title><meta name="viewport" content="width=device-width"><main><h1>App</h1>${body}</main><script type="module" src="/app.js"></script></html>`;
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://app");
    const [content, type] = pathname.startsWith("/vexil/")
      ? [await readFile(new URL(pathname.slice("/vexil/".length), DIST)), TYPES[pathname.split(".").at(-1)]]
      : pathname === "/app.js"
        ? [script, TYPES.js]
        : [html, TYPES.html];
    response.writeHead(200, { "Content-Type": type, ...(policy && { "Content-Security-Policy": policy }) });
    response.end(content);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
