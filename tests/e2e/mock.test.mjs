// An app under test that runs with the flags its test chooses, without an edge: nothing listens at the address it asks.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { mockEdge } from "vexil/testing";
import { startApp } from "./app.mjs";
import { startBrowser, watch } from "./support.mjs";

const EDGE = "https://flags.example";
const SCRIPT = `
  import { createClient } from "/vexil/entry/browser.js";
  const engine = new URLSearchParams(location.search).get("engine") ?? "lazy";
  const flags = (globalThis.flags = createClient({ url: "${EDGE}", key: "browser-demo", engine, bootstrap: globalThis.bootstrap, context: { targetingKey: "user-1" } }));
  const show = () => (document.querySelector("output").textContent = flags.string("theme", "fallback"));
  flags.subscribe(show);
  await flags.ready();
  show();
`;

let app;
let browser;
before(async () => {
  [app, browser] = await Promise.all([startApp({ script: SCRIPT, body: "<output></output>" }), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await app?.close();
});

/** A page of its own, and what it shows. */
async function newPage() {
  const page = await browser.newPage();
  const seen = watch(page);
  return { page, seen, shows: (text) => page.locator("output", { hasText: text }).waitFor({ timeout: 10_000 }) };
}

for (const engine of ["off", "lazy", "eager"]) {
  test(`a page has the flags that were chosen, and their changes, with the engine ${engine}`, async () => {
    const { page, seen, shows } = await newPage();
    const edge = await mockEdge(page, { theme: "dark", "one-page-checkout": true });
    await page.goto(`${app.url}/?engine=${engine}`);
    await shows("dark");
    assert.deepEqual(await page.evaluate(() => [globalThis.flags.boolean("one-page-checkout", false), globalThis.flags.details("unknown", 1).errorCode]), [true, "FLAG_NOT_FOUND"]);
    if (engine !== "off") await page.waitForFunction(() => globalThis.flags.status.engineProblem !== undefined);
    for (const theme of ["light", "sepia", "contrast"]) {
      edge.set("theme", theme);
      await shows(theme);
    }
    edge.set("theme", undefined);
    await shows("fallback");
    const status = await page.evaluate(() => globalThis.flags.status);
    assert.deepEqual(status, { state: "ready", source: "values", ...(engine !== "off" && { engineProblem: "the edge sent no program" }) });
    assert.deepEqual(seen.problems, []);
    await page.close();
  });
}

test("reads and what happened can be looked at", async () => {
  const { page, shows } = await newPage();
  const edge = await mockEdge(page, { theme: "dark" });
  await page.goto(app.url);
  await shows("dark");
  edge.set("theme", "light");
  await shows("light");
  await page.evaluate(() => {
    globalThis.flags.track("checkout-error");
    globalThis.flags.time("checkout-ms", 812);
    return globalThis.flags.flush();
  });
  assert.deepEqual(edge.exposures, [{ flag: "theme", value: "dark" }, { flag: "theme", value: "light" }]);
  assert.deepEqual(edge.metrics, [{ metric: "checkout-error" }, { metric: "checkout-ms", value: 812 }]);
  await page.close();
});

test("every page of a browser context has them", async () => {
  const context = await browser.newContext();
  const edge = await mockEdge(context, { theme: "dark" });
  const pages = [await context.newPage(), await context.newPage()];
  for (const page of pages) await page.goto(app.url);
  edge.set("theme", "light");
  for (const page of pages) await page.locator("output", { hasText: "light" }).waitFor({ timeout: 10_000 });
  await context.close();
});

test("what is no client's, or another edge's, goes its way", async () => {
  const { page, shows } = await newPage();
  await page.route("**/v1/**", (route) => route.fulfill({ body: "from elsewhere" }));
  await mockEdge(page, { theme: "dark" }, { url: `${EDGE}/` });
  await mockEdge(page, { theme: "never" }, { url: "/base" });
  await page.goto(app.url);
  await shows("dark");
  const own = (body) => page.evaluate(async (body) => (await fetch("/v1/events", { method: "POST", body })).text(), body);
  assert.deepEqual([await own("{}"), await own("no JSON"), await own('{"key":"browser-demo"}')], Array(3).fill("from elsewhere"));
  await page.close();
});

test("a page that begins with answers of an edge goes on with those that were chosen", async () => {
  const { page, shows } = await newPage();
  await page.addInitScript(() => (globalThis.bootstrap = { flags: { theme: { value: "first", variant: "first", reason: "STATIC" } }, version: 7_000_000 }));
  await mockEdge(page, { theme: "dark" });
  await page.goto(app.url);
  await shows("dark");
  await page.close();
});
