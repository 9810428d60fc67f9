// The site: a page for each app, and the apps' files.

import { once } from "node:events";
import { createServer } from "node:http";

import { compressed, KEY } from "./services.mjs";

/** What every visit reads: on for all. */
const FLAG = "flag-0000";
// With these a page is isolated, and its clock ticks every 5 µs instead of every 100.
const ISOLATED = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

/** Starts it on an origin of its own. */
export async function startSite(files, services, context) {
  const pages = new Map();
  const server = createServer(({ url }, response) => {
    const file = files.get(url);
    if (file) return response.writeHead(200, { "content-type": file.type, "content-encoding": "br", "cache-control": "public, max-age=31536000, immutable" }).end(file.body);
    if (!url.startsWith("/?")) return response.writeHead(404).end();
    const asked = Object.fromEntries(new URL(url, "http://site").searchParams);
    if (!pages.has(url)) pages.set(url, compressed(page(asked, services, context)));
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-encoding": "br", ...(asked.isolated && ISOLATED) }).end(pages.get(url));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    /** The address of a page: `app`, `set`, and what else {@link page} knows. */
    address: (asked) => `${origin}/?${new URLSearchParams(Object.entries(asked).filter(([, value]) => value))}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** `from=bootstrap` has the answers in the page. */
function page({ app, set, from, engine }, services, context) {
  const service = ["vexil", "ofrep"].includes(app) ? "edge" : app;
  const known = {
    service: `${services.url}/${set}/${service}`,
    key: KEY,
    context,
    engine,
    bootstrap: from === "bootstrap" ? services.bootstrap(set, service) : undefined,
  };
  return `<!doctype html><html lang="en"><title>visit</title><link rel="icon" href="data:,">
<script>visit = ${JSON.stringify(known).replaceAll("<", "\\u003c")};
(${watch})(${JSON.stringify(FLAG)});</script>
<script type="module" src="/${app}/app.js"></script>`;
}

/** In the page: notes when the flag is right, and when an engine of the app's answers. */
function watch(flag) {
  const { visit } = globalThis;
  const told = {};
  let settle;
  visit.done = new Promise((resolve) => (settle = resolve));
  visit.look = () => {
    if (visit.read?.(flag) === true) told.answered ??= performance.now();
    if (visit.source?.() === "local") told.local ??= performance.now();
    if (told.answered && (told.local || !visit.source || visit.engine === "off")) settle(told);
    // To be told of changes would make an app hold more than it needs.
    else if (told.answered) setTimeout(visit.look, 2);
  };
  visit.take = (read, source) => {
    Object.assign(visit, { read, source });
    visit.look();
  };
}
