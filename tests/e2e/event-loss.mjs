// How many events are lost, and how many count twice: `node tests/e2e/event-loss.mjs [VIEWS]`, 10,000 page views unless
// said otherwise, about fifteen minutes.
//
// Every view reads a flag and reports up to three metrics, and ends when it happens to: its tab is closed, it is left for
// another page, it is loaded again, or it goes to the background first. A relay before a real worker notes each batch, the
// worker counts: what never arrived is lost, what the worker counts more often than it happened is double.

import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { startEdge, startRelay } from "../../bindings/browser/test/support.mjs";
import { testSecrets } from "../../bindings/edge/local.mjs";
import { startBrowser } from "./support.mjs";

const VIEWS = Number(process.argv[2] ?? 10_000);
/** How many pages are open at a time, and how many visitors have them open. */
const TABS = 16;
const VISITORS = 4;
const ENDS = ["close", "leave", "reload", "background"];
const RULESET = {
  flags: { checkout: { type: "boolean", variants: { on: true, off: false }, offVariant: "off", expose: "program", default: { split: [["on", 1], ["off", 1]] } } },
};

const { outputFiles } = await build({
  stdin: { contents: 'export { createClient } from "./bindings/browser/dist/entry/browser.js";', resolveDir: new URL("../../", import.meta.url).pathname },
  bundle: true, minify: true, splitting: true, format: "esm", target: "es2022", outdir: "/out", entryNames: "client", write: false, logLevel: "error",
});
const files = new Map(outputFiles.map(({ path, contents }) => [path.replace("/out", ""), { type: "text/javascript", contents }]));
files.set("/engine.wasm", { type: "application/wasm", contents: await readFile(new URL("../../bindings/browser/dist/engine.wasm", import.meta.url)) });
files.set("/", { type: "text/html", contents: "<!doctype html><title>view</title>" });
files.set("/favicon.ico", { type: "image/x-icon", contents: "" });

const edge = await startEdge();
await edge.publish(RULESET);
const relay = await startRelay(edge.url);
/** By the id of the batch, what it holds and how often it came. */
const batches = new Map();
relay.before = async ({ path, body }) => {
  relay.requests.length = 0;
  const file = files.get(path);
  if (file) return new Response(file.contents, { headers: { "Content-Type": file.type, "Cache-Control": "max-age=86400" } });
  if (path !== "/v1/events") return undefined;
  batches.set(body.batch, { events: body.events, times: (batches.get(body.batch)?.times ?? 0) + 1 });
  // Whoever sent it may be gone: it is passed on all the same.
  return fetch(`${edge.url}/v1/events`, { method: "POST", body: JSON.stringify(body) });
};

const happened = { reads: 0, metrics: 0 };
const ends = Object.fromEntries(ENDS.map((end) => [end, 0]));
let next = 0;

const browser = await startBrowser();
const visitors = await Promise.all(Array.from({ length: VISITORS }, () => browser.newContext()));
const started = Date.now();
await Promise.all(Array.from({ length: TABS }, (_, tab) => surf(tab)));
// The last were sent while their pages went away.
await sleep(3_000);

const told = [...batches.values()].flatMap(({ events }) => events);
const arrived = { reads: told.filter(({ flag }) => flag).length, metrics: told.filter(({ metric }) => metric).length };
const counted = await counts();
const row = (what, kind) => {
  const numbers = [happened, arrived, counted].map((counts) => String(counts[kind]).padStart(9)).join("");
  console.log(`${what.padEnd(10)} ${numbers}   ${share(happened[kind] - arrived[kind], happened[kind])}   ${share(counted[kind] - arrived[kind], happened[kind])}`);
};
console.log(`${VIEWS} page views in ${Math.round((Date.now() - started) / 1000)} s: ${ENDS.map((end) => `${ends[end]} × ${end}`).join(", ")}`);
console.log("            happened  arrived  counted   lost      double");
row("exposures", "reads");
row("metrics", "metrics");
console.log(`${batches.size} batches, ${[...batches.values()].filter(({ times }) => times > 1).length} of them sent more than once`);
await browser.close();
await relay.close();
await edge.close();

/** Opens one view after the other in a tab. */
async function surf(tab) {
  while (next < VIEWS) {
    const view = next++;
    const page = await visitors[tab % VISITORS].newPage();
    await look(page, view);
    const end = ENDS[view % ENDS.length];
    // Most pages are left soon; some stay until what they report is sent by its time.
    await sleep(Math.random() < 0.05 ? 9_500 + 1_500 * Math.random() : 800 * Math.random());
    if (end === "leave") await page.goto("about:blank");
    if (end === "reload") await page.reload();
    if (end === "background") {
      await page.evaluate(() => {
        Object.defineProperty(document, "visibilityState", { value: "hidden" });
        document.dispatchEvent(new Event("visibilitychange"));
      });
    }
    await page.close();
    ends[end] += 1;
  }
}

/** What is certain to have happened in the page when this resolves. */
async function look(page, view) {
  await page.goto(relay.url);
  await page.evaluate(async ([key, view]) => {
    const { createClient } = await import("/client.js");
    window.flags = createClient({ url: location.origin, key, context: { targetingKey: `user-${view}` } });
    await window.flags.ready();
  }, [edge.key, view]);
  const metrics = view % 4;
  await page.evaluate((metrics) => {
    window.flags.boolean("checkout", false);
    for (let count = 0; count < metrics; count++) window.flags.track("seen");
  }, metrics);
  happened.reads += 1;
  happened.metrics += metrics;
}

async function counts() {
  const response = await fetch(`${edge.url}/admin/v1/events`, { headers: { Authorization: `Bearer ${testSecrets.VEXIL_ADMIN_TOKEN}` } });
  const { exposures, metrics } = await response.json();
  const sum = (counts) => counts.reduce((sum, { count }) => sum + count, 0);
  return { reads: sum(exposures), metrics: sum(metrics) };
}

function share(count, of) {
  return `${String(count).padStart(4)} (${((100 * count) / of).toFixed(2)} %)`;
}
