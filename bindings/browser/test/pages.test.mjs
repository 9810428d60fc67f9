// The client in pages of Chromium, before a real edge.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { chromium } from "playwright-core";
import { edge, on, relay, setStage } from "./stage.mjs";
import { gate, until } from "./support.mjs";

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm" };
const dist = new URL("../dist/", import.meta.url);

setStage({
  flags: {
    dach: { ...on, rules: [{ name: "by country", when: { attr: "country", in: ["DE", "AT", "CH"] }, serve: "on" }], default: "off" },
    pay: { ...on, default: "on" },
  },
});

let browser;
let visitor;
before(async () => {
  browser = await chromium.launch({ executablePath: process.env.VEXIL_CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
});
after(() => browser.close());
afterEach(() => visitor?.close());

/** Makes the relay a web server too: of pages with `headers`, of the package, and of what `edge` answers instead of the edge. */
function serve({ headers = {}, edge = () => undefined } = {}) {
  relay.before = async (request, pass) => {
    const { path, body } = request;
    if (path === "/") return new Response("<!doctype html><title>page</title>", { headers: { "Content-Type": "text/html", ...headers } });
    if (path === "/favicon.ico") return new Response(null, { status: 204 });
    if (path.startsWith("/package/")) return new Response(await readFile(new URL(path.slice(9), dist)), { headers: { "Content-Type": TYPES[extname(path)] } });
    if (path === "/v1/events") return (await edge(request, pass)) ?? Response.json({ accepted: body.events.length }, { status: 202 });
    return edge(request, pass);
  };
}

/** A page with a client in `flags`. */
async function open(options = {}) {
  visitor ??= await browser.newContext();
  const page = await visitor.newPage();
  page.problems = [];
  page.on("console", (message) => message.type() === "error" && page.problems.push(message.text()));
  page.on("pageerror", (error) => page.problems.push(error.message));
  await page.goto(relay.url);
  await begin(page, options);
  return page;
}

async function begin(page, options = {}) {
  await page.evaluate(async ([url, key, options]) => {
    const { createClient } = await import("/package/entry/browser.js");
    window.flags = createClient({ url, key, context: { targetingKey: "user-1", country: "DE" }, ...options });
    window.heard = [];
    window.flags.subscribe(({ changed }) => window.heard.push(...changed));
    await window.flags.ready({ timeoutMs: 2_000 });
  }, [relay.url, edge.key, options]);
}

async function newVisitor() {
  visitor = await browser.newContext();
}

const read = (page, flag) => page.evaluate((flag) => window.flags.boolean(flag, false), flag);
const status = (page) => page.evaluate(() => window.flags.status);
const paths = () => relay.requests.map(({ path }) => path.replace(/\?.*/, ""));

/** As if the page were sent to the background, or brought back. */
async function show(page, isVisible) {
  await page.evaluate((state) => {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  }, isVisible ? "visible" : "hidden");
}

test("a page has its answers first, and the engine when it is idle", async () => {
  await newVisitor();
  serve();
  const page = await open();
  assert.equal(await read(page, "dach"), true);
  await until(async () => (await status(page)).source === "local", "the engine took over");
  const asked = paths();
  assert.ok(asked.indexOf("/v1/values") < asked.indexOf("/package/local.js") && asked.indexOf("/package/engine.wasm") < asked.indexOf("/v1/program"), asked.join(" "));
  const count = relay.requests.length;
  assert.equal(await page.evaluate(() => (window.flags.setContext({ country: "FR" }), window.flags.boolean("dach", true))), false);
  assert.deepEqual([relay.requests.length, page.problems], [count, []]);
});

test("where the page may not compile WebAssembly the edge evaluates, without an error to the user", async () => {
  await newVisitor();
  serve({ headers: { "Content-Security-Policy": "default-src 'self'" } });
  const page = await open();
  await until(async () => (await status(page)).engineProblem, "it was noticed");
  const { state, source, engineProblem } = await status(page);
  assert.deepEqual([state, source], ["ready", "values"]);
  assert.match(engineProblem, /the engine cannot be loaded: .*(wasm|WebAssembly|unsafe-eval)/i);
  await edge.kill("pay");
  await until(async () => !(await read(page, "pay")), "a kill was heard");
  await edge.restore("pay");
});

test("all tabs of a browser share one stream, and another takes over when its tab is closed", async () => {
  await newVisitor();
  serve();
  const tabs = [await open(), await open(), await open()];
  await until(() => relay.streams.size > 0, "somebody listens");
  for (const verb of ["kill", "restore", "kill"]) {
    await edge[verb]("pay");
    for (const tab of tabs) await until(async () => (await read(tab, "pay")) === (verb === "restore"), `every tab heard of the ${verb}`);
    assert.equal(relay.streams.size, 1);
    if (tabs.length > 1) {
      // The first has listened since before the others were there.
      await tabs.shift().close();
      await until(() => relay.streams.size === 1, "another tab listens");
    }
  }
  assert.equal(paths().filter((path) => path === "/v1/stream").length, 3);
  await edge.restore("pay");
});

test("a tab in the background does not listen, and asks when it is seen again", async () => {
  await newVisitor();
  serve();
  const [one, other] = [await open(), await open()];
  await until(() => relay.streams.size === 1, "one listens");
  await show(one, false);
  await edge.kill("pay");
  await until(async () => !(await read(other, "pay")), "the one that is seen listens");
  await show(other, false);
  await until(() => relay.streams.size === 0, "nobody listens");
  await edge.restore("pay");
  await show(one, true);
  await until(() => read(one, "pay"), "what was missed is made good");
  await until(() => relay.streams.size === 1, "it listens again");
  assert.deepEqual([...one.problems, ...other.problems], []);
});

test("a browser without a network goes on, and is back as soon as there is one", async () => {
  await newVisitor();
  serve();
  const page = await open({ engine: "eager" });
  await until(() => relay.streams.size === 1, "it listens");
  await visitor.setOffline(true);
  for (const stream of relay.streams) stream.destroy();
  await until(async () => (await status(page)).state === "stale", "the loss was noticed");
  assert.match((await status(page)).problem, /^the edge cannot be reached/);
  assert.equal(await page.evaluate(() => (window.flags.setContext({ country: "AT" }), window.flags.boolean("dach", false))), true);
  await edge.kill("pay");
  // By now a next attempt may be many seconds away.
  await page.waitForTimeout(3_000);
  await visitor.setOffline(false);
  const back = Date.now();
  await until(async () => (await status(page)).state === "ready" && !(await read(page, "pay")), "it is back");
  assert.ok(Date.now() - back < 2_000, `after ${Date.now() - back} ms`);
  await edge.restore("pay");
});

test("the next visit reads the answers of the last before the edge has answered", async () => {
  await newVisitor();
  serve();
  const page = await open();
  await until(async () => (await status(page)).source === "local", "the engine took over");
  serve({ edge: () => gate().opened });
  await page.goto(relay.url);
  await begin(page);
  assert.deepEqual([await status(page), await read(page, "dach")], [{ state: "ready", source: "storage" }, true]);
});

test("a visitor without a name keeps the one that was made up, through reloads and a login", async () => {
  await newVisitor();
  serve();
  const context = (page) => page.evaluate(() => window.flags.context);
  const page = await open({ context: { plan: "free" } });
  const first = await context(page);
  assert.match(first.anonymousId, /^[a-z0-9]{16,32}$/);
  assert.deepEqual(first, { plan: "free", anonymousId: first.anonymousId, targetingKey: first.anonymousId });
  await page.goto(relay.url);
  await begin(page, { context: {} });
  assert.equal((await context(page)).anonymousId, first.anonymousId);
  await page.evaluate(() => window.flags.setContext({ targetingKey: "user-9" }));
  assert.deepEqual(await context(page), { targetingKey: "user-9", anonymousId: first.anonymousId });
  await begin(page, { context: {}, anonymous: false });
  assert.deepEqual(await context(page), {});
  await begin(page, { context: {}, anonymous: "cookie" });
  const { anonymousId } = await context(page);
  const [cookie] = await visitor.cookies();
  assert.deepEqual([cookie.name, cookie.value, cookie.sameSite, cookie.expires > Date.now() / 1000 + 300 * 86_400], ["vexil.anonymousId", anonymousId, "Lax", true]);
});

test("what was read is told when the page goes to the background, and when it is left", async () => {
  await newVisitor();
  const batches = [];
  serve({ edge: async ({ path, body }) => void (path === "/v1/events" && batches.push(body)) });
  const page = await open();
  await read(page, "dach");
  await show(page, false);
  await until(() => batches.length === 1, "it was told");
  assert.deepEqual(batches[0].events.map(({ flag, variant }) => [flag, variant]), [["dach", "on"]]);
  await show(page, true);
  await page.evaluate(() => window.flags.track("left"));
  await page.close();
  await until(() => batches.length === 2, "the rest was told");
  assert.deepEqual(batches[1].events.map(({ metric }) => metric), ["left"]);
});

test("a batch that is under way when the page is left arrives, however often", async () => {
  await newVisitor();
  const held = gate();
  const batches = [];
  serve({ edge: ({ path, body }) => (path === "/v1/events" && batches.push(body) === 1 ? held.opened.then(() => undefined) : undefined) });
  const page = await open();
  await page.evaluate(() => (window.flags.track("slow"), void window.flags.flush()));
  await until(() => batches.length === 1, "it is under way");
  await page.close();
  await until(() => batches.length === 2, "it was sent again");
  assert.equal(batches[0].batch, batches[1].batch);
  held.open();
});
