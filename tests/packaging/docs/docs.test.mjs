// What the pages of bindings/browser/docs show: compiled, and run before a real edge where it can be.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { access, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { GrowthBook } from "@growthbook/growthbook";
import { Miniflare } from "miniflare";
import { chromium } from "playwright-core";
import { fetchSnapshot } from "vexil/server";
import { startEdge, until } from "../../../bindings/browser/test/support.mjs";
import { FILES, PAGES, writePages } from "./pages.mjs";
import { FILE, reference } from "./reference.mjs";
import { bundle, bundled, serve } from "./sites.mjs";

const CHROMIUM = process.env.VEXIL_CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const VENDORS = ["launchdarkly", "unleash", "growthbook", "statsig"];
const STRICT = { strict: true, noUncheckedIndexedAccess: true, noEmit: true, skipLibCheck: true, allowJs: true, checkJs: true, target: "ES2022", lib: ["ES2022", "DOM", "DOM.Iterable"], module: "ESNext", moduleResolution: "bundler", moduleDetection: "force", jsx: "react-jsx", types: ["node"] };
const ruleset = {
  flags: {
    "one-page-checkout": {
      type: "boolean",
      variants: { on: true, off: false },
      offVariant: "off",
      expose: "program",
      rules: [{ when: { attr: "country", is: "DE" }, serve: "on" }],
      default: "off",
    },
  },
};

let edge;
let browser;
/** The text of each file, by its path. */
let files;
const closing = [];

before(async () => {
  [edge, browser] = await Promise.all([startEdge({ VEXIL_ALLOWED_ORIGINS: "*" }), chromium.launch({ executablePath: CHROMIUM, args: FLAGS })]);
  files = await writePages(FILES, { "https://flags.example.com": edge.url, "browser-key": edge.key });
  const entries = { react: "react/main.tsx", vue: "vue/main.ts", page: "edge-rendering/page.ts", csp: "csp/page.ts", offline: "offline/page.ts" };
  await bundle({ ...entries, ...Object.fromEntries(VENDORS.map((vendor) => [vendor, `from-${vendor}/both.ts`])) });
});
after(async () => {
  for (const close of closing.reverse()) await close();
  await browser?.close();
  await edge?.close();
});

describe("without an edge", { concurrency: true }, () => {
  test("the reference is what the types say", async () => {
    assert.equal(await readFile(FILE, "utf8"), await reference(), "run `cargo xtask reference`, and look at what changed");
  });

  test("links lead somewhere", async () => {
    for (const name of await readdir(PAGES)) {
      for (const [, path, anchor] of (await readFile(join(PAGES, name), "utf8")).matchAll(/\]\(([^)#\s]*)(?:#([^)\s]*))?\)/g)) {
        const target = path === "" ? join(PAGES, name) : join(PAGES, path);
        await access(target);
        if (anchor === undefined) continue;
        const headings = [...(await readFile(target, "utf8")).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading.toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-"));
        assert.ok(headings.includes(anchor.replace(/-\d+$/, "")) || headings.includes(anchor), `${name} leads to ${path}#${anchor}`);
      }
    }
  });

  test("all code compiles, with the types of the packages that it names", async () => {
    // What a program imports, such as a component of Vue, is compiled with it.
    const compiled = [...files.keys()].filter((name) => /\.(tsx?|js)$/.test(name));
    await writeFile(join(FILES, "tsconfig.json"), JSON.stringify({ compilerOptions: STRICT, files: compiled }));
    const { stdout } = await ran("vue-tsc", ["--pretty", "false", "--project", FILES]).catch((error) => error);
    assert.equal(stdout, "", "the lines are those of the page");
  });

  test("testing: both tests pass", async () => {
    const baseURL = await serve(files.get("page/index.html"), closing);
    const settings = { testMatch: "checkout.spec.ts", reporter: "line", use: { baseURL, launchOptions: { executablePath: CHROMIUM, args: FLAGS } } };
    await writeFile(join(FILES, "testing/playwright.config.js"), `export default ${JSON.stringify(settings)};\n`);
    await writeFile(join(FILES, "testing/memory.js"), await bundled("testing/checkout.test.ts", { platform: "node", packages: "external" }));
    const memory = promisify(execFile)(process.execPath, [join(FILES, "testing/memory.js")], { env: outside() });
    const inBrowser = ran("playwright", ["test", "--config", join(FILES, "testing/playwright.config.js")]);
    assert.match((await memory).stdout, /pass 1\n/);
    assert.match((await inBrowser).stdout, /1 passed/);
  });
});

for (const vendor of VENDORS) {
  test(`from ${vendor}: the flag is published, and whoever is in no rule is split`, async () => {
    await edge.publish(JSON.parse(files.get(`from-${vendor}/ruleset`)));
    const answer = async (context) => (await fetchSnapshot({ url: edge.url, key: edge.key, context })).flags["one-page-checkout"];
    const { value, reason } = await answer({ targetingKey: "user-1", country: "DE" });
    assert.deepEqual([value, reason], [true, "TARGETING_MATCH"]);
    assert.equal((await answer({ targetingKey: "user-1", country: "FR" })).reason, "SPLIT");
  });
}

test("from growthbook: whoever its SDK puts into a rollout is in", async () => {
  await edge.publish(JSON.parse(files.get("from-growthbook/ruleset")));
  const features = { "one-page-checkout": { defaultValue: false, rules: [{ force: true, coverage: 0.25, hashAttribute: "id" }] } };
  const users = Array.from({ length: 100 }, (_, number) => `user-${number}`);
  const old = users.filter((id) => new GrowthBook({ attributes: { id } }).initSync({ payload: { features } }).isOn("one-page-checkout"));
  const ours = await Promise.all(users.map((targetingKey) => fetchSnapshot({ url: edge.url, key: edge.key, context: { targetingKey } })));
  assert.deepEqual(users.filter((_, number) => ours[number].flags["one-page-checkout"].value), old);
  assert.ok(old.length > 10 && old.length < 40, `${old.length} of 100`);
});

test("from all: the old answer is given, and the console tells where ours differs", async () => {
  await edge.publish(ruleset);
  const url = await serve("<!doctype html>", closing);
  await Promise.all(
    VENDORS.map(async (vendor) => {
      const { page, said } = await open(url);
      const answer = await page.evaluate(async (vendor) => (await import(`/assets/${vendor}.js`)).boolean("one-page-checkout", false), vendor);
      assert.equal(answer, false, vendor);
      assert.ok(said.includes("one-page-checkout is false, and in Vexil true (TARGETING_MATCH)"), `${vendor}: ${said}`);
    }),
  );
});

test("page: shows its flag, and follows a kill", async () => {
  const { page } = await open(await serve(files.get("page/index.html"), closing));
  await follows(page);
});

for (const name of ["react", "vue"]) {
  test(`${name}: shows its flag, and follows a kill and a context`, async () => {
    const { page } = await open(await serve(`<!doctype html><body><script type="module" src="/assets/${name}.js"></script></body>`, closing));
    await follows(page);
    await page.click("text=Move to France");
    await shows(page, "Three pages");
  });
}

test("edge-rendering: the first render is right, and the page follows a kill", async () => {
  const script = await bundled("edge-rendering/worker.ts", { conditions: ["workerd", "worker", "browser"], loader: { ".wasm": "empty" } });
  const worker = new Miniflare({ modules: true, script, compatibilityDate: "2026-07-01", bindings: { VEXIL_URL: edge.url, VEXIL_KEY: edge.key } });
  closing.push(() => worker.dispose());
  const url = await serve(({ headers }) => worker.dispatchFetch("http://localhost/", { headers: { cookie: headers.cookie ?? "" } }), closing);
  const first = await fetch(url);
  assert.match(await first.text(), /<p>One page<\/p>/);
  assert.match(first.headers.get("set-cookie"), /^vexil\.anonymousId=\d+;/);
  const { page, context } = await open(url);
  const [{ value }] = await context.cookies();
  assert.equal(await page.evaluate(() => window.snapshot.context.anonymousId), value);
  await follows(page);
});

for (const [policy, source] of [["with-engine", /^true local$/], ["without-engine", /^true values .+/]]) {
  test(`csp ${policy}: answers come as the page says`, async () => {
    const [, value] = files.get(`csp/${policy}`).trim().split("Content-Security-Policy: ");
    const home = '<!doctype html><title></title><script type="module" src="/assets/csp.js"></script>';
    const { page } = await open(await serve(home, closing, { "content-security-policy": value }));
    await until(async () => source.test(await page.evaluate(() => document.title)), `the title is ${source}`);
  });
}

test("offline: the next visit has the answers of the last", async () => {
  const home = '<!doctype html><title></title><script type="module" src="/assets/offline.js"></script>';
  const { page } = await open(await serve(home, closing));
  const titled = (title) => until(async () => (await page.title()) === title, `the title is ${title}`);
  await titled("One page (ready)");
  await page.route(`${edge.url}/**`, (route) => route.abort());
  await page.reload();
  await titled("One page (stale)");
  await page.unroute(`${edge.url}/**`);
  await titled("One page (ready)");
});

/** Runs a program that an npm package brings. */
function ran(name, options) {
  return promisify(execFile)(join(import.meta.dirname, "node_modules/.bin", name), options, { env: outside() });
}

/** As if no test were running. */
function outside() {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return { ...env, NO_COLOR: "1", CI: "1" };
}

/** A page of a new visitor, which reaches nobody outside this machine, and what its console says. */
async function open(url) {
  const context = await browser.newContext();
  closing.push(() => context.close());
  await context.route((asked) => asked.hostname !== "127.0.0.1", (route) => route.abort());
  const page = await context.newPage();
  const said = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  await page.goto(url);
  return { page, said, context };
}

async function follows(page) {
  await edge.publish(ruleset);
  await shows(page, "One page");
  await edge.kill("one-page-checkout");
  await shows(page, "Three pages");
  await edge.restore("one-page-checkout");
  await shows(page, "One page");
}

function shows(page, text) {
  return until(() => page.evaluate((text) => !document.body.hidden && document.querySelector("p")?.textContent === text, text), `the page shows ${text}`);
}
