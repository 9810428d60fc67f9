// The examples, built by their tools and opened in a real browser before a real edge.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { startEdge, until } from "../../../bindings/browser/test/support.mjs";
import { shop } from "./react/server.js";

const VITE = join(import.meta.dirname, "node_modules/.bin/vite");
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
const on = { variants: { on: true, off: false }, type: "boolean", offVariant: "off", expose: "program" };
const inGermany = { when: { attr: "country", is: "DE" } };
const ruleset = {
  flags: {
    "one-page-checkout": { ...on, rules: [{ ...inGermany, serve: "on" }], default: "off" },
    greeting: { ...on, type: "string", variants: { servus: "Servus </script>", salut: "Salut" }, offVariant: "salut", rules: [{ ...inGermany, serve: "servus" }], default: "salut" },
    half: { ...on, default: { split: [["on", 1], ["off", 1]] } },
  },
};
const GERMAN = "Servus </script> One page";
const FRENCH = "Salut Three pages";

let edge;
let browser;
const closing = [];

before(async () => {
  edge = await startEdge({ VEXIL_ALLOWED_ORIGINS: "*" });
  await edge.publish(ruleset);
  browser = await chromium.launch({ executablePath: process.env.VEXIL_CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
after(async () => {
  await browser?.close();
  await edge?.close();
});

for (const name of ["page", "vue"]) {
  test(`${name}: shows flags, follows a context at once and a kill by itself`, async () => {
    await build(name);
    const { page, problems } = await open(await listen(files(join(import.meta.dirname, name, "dist"))));
    await until(async () => (await shown(page)) === GERMAN, "the flags are shown");
    await until(() => hasEngine(page), "the engine is here");
    await edge.kill("one-page-checkout");
    await until(async () => (await shown(page)) === "Servus </script> Three pages", "the kill is shown");
    await edge.restore("one-page-checkout");
    await until(async () => (await shown(page)) === GERMAN, "it is over");
    assert.equal(await pressed(page), FRENCH);
    assert.deepEqual(problems, []);
  });
}

test("react: server and browser render the same, once, and then commit what changes", async () => {
  await build("react", "--outDir", "dist/browser");
  await build("react", "--outDir", "dist/server", "--ssr", "src/render.jsx");
  const url = await listen(await shop({ url: edge.url, key: edge.key }));
  assert.match(await (await fetch(url)).text(), /<h1>Servus &lt;\/script&gt;<\/h1><p>One page<\/p>/);
  assert.match(await (await fetch(`${url}?country=FR`)).text(), /<h1>Salut<\/h1><p>Three pages<\/p>/);

  const { page, problems, context } = await open(url, watchCommits);
  await until(() => hasEngine(page), "the engine is here");
  assert.deepEqual(await page.evaluate(() => window.seen), { commits: [GERMAN], texts: [GERMAN] }, "hydrated, and nothing else");
  const [cookie] = await context.cookies();
  const { targetingKey, anonymousId } = await page.evaluate(() => window.data.snapshot.context);
  assert.deepEqual([cookie.name, cookie.value, targetingKey], ["vexil.anonymousId", anonymousId, anonymousId]);

  await edge.kill("one-page-checkout");
  const killed = "Servus </script> Three pages";
  await until(async () => (await shown(page)) === killed, "the kill is shown");
  await edge.restore("one-page-checkout");
  await until(async () => (await shown(page)) === GERMAN, "it is over");
  assert.equal(await pressed(page), FRENCH);
  const { commits, texts } = await page.evaluate(() => window.seen);
  assert.deepEqual(texts, [GERMAN, killed, GERMAN, FRENCH], "nothing in between");
  // A version is part of what the SDK compares: a component that reads two flags commits once more when it is another one.
  assert.deepEqual(commits.filter((text, place) => text !== commits[place - 1]), texts);
  assert.ok(commits.length <= 7, `${commits.length} commits`);

  await page.reload();
  assert.equal(await page.evaluate(() => window.data.snapshot.context.anonymousId), anonymousId, "the same visitor");
  assert.deepEqual(problems, []);
});

test("react: without an edge the page has its fallbacks", async () => {
  const url = await listen(await shop({ url: "http://127.0.0.1:9", key: edge.key }));
  assert.match(await (await fetch(url)).text(), /<h1>…<\/h1><p>Three pages<\/p>/);
});

/** What Vite makes of an example, which finds the edge where a page's own settings say. */
async function build(name, ...options) {
  const env = { ...process.env, VITE_EDGE: edge.url, VITE_KEY: edge.key };
  await promisify(execFile)(VITE, ["build", "--logLevel", "error", ...options], { cwd: join(import.meta.dirname, name), env });
}

function files(folder) {
  return createServer(({ url }, response) => {
    const path = join(folder, url === "/" ? "index.html" : new URL(url, "http://localhost").pathname);
    response.setHeader("content-type", TYPES[extname(path)] ?? "text/plain");
    createReadStream(path).on("error", () => response.writeHead(404).end()).pipe(response);
  });
}

async function listen(server) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => (server.closeAllConnections(), new Promise((resolve) => server.close(resolve))));
  return `http://127.0.0.1:${server.address().port}/`;
}

/** A page of a new visitor, and what it complains of. */
async function open(url, script = () => undefined) {
  const context = await browser.newContext();
  closing.push(() => context.close());
  await context.addInitScript(script);
  const page = await context.newPage();
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && problems.push(message.text()));
  await page.goto(url);
  return { page, problems, context };
}

/** Runs in the page: notes what it shows after each commit of React, and whenever that becomes something else. */
function watchCommits() {
  const text = () => document.querySelector("main") && `${document.querySelector("h1").textContent} ${document.querySelector("p").textContent}`;
  window.seen = { commits: [], texts: [] };
  window.__REACT_DEVTOOLS_GLOBAL_HOOK__ = { supportsFiber: true, inject: () => 1, onCommitFiberRoot: () => window.seen.commits.push(text()), onCommitFiberUnmount: () => undefined };
  const note = () => {
    const now = text();
    if (now && now !== window.seen.texts.at(-1)) window.seen.texts.push(now);
  };
  new MutationObserver(note).observe(document, { childList: true, characterData: true, subtree: true });
}

async function shown(page) {
  return page.evaluate(() => document.querySelector("main:not([hidden])") && `${document.querySelector("h1").textContent} ${document.querySelector("p").textContent}`);
}

/** Whether the page has fetched the engine and had the time to use it. */
function hasEngine(page) {
  return page.evaluate(() => performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("/v1/program") && performance.now() > 0).length > 0);
}

/** What the page shows once the button was pressed, before the network could have said anything. */
function pressed(page) {
  return page.evaluate(async () => {
    document.querySelector("button").click();
    for (let turn = 0; turn < 20; turn += 1) await undefined;
    return `${document.querySelector("h1").textContent} ${document.querySelector("p").textContent}`;
  });
}
