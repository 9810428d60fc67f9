// The tools for developers in a page of somebody's, before a real edge.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { startLocal } from "../../bindings/edge/local.mjs";
import { startApp } from "./app.mjs";
import { BROWSER_KEY, secrets, startBrowser, watch } from "./support.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const flag = { type: "boolean", variants: { on: true, off: false }, offVariant: "off", expose: "program", default: "off" };
const RULESET = {
  flags: {
    checkout: { ...flag, rules: [{ name: "dach", when: { attr: "country", in: ["DE", "AT", "CH"] }, serve: "on" }] },
    banner: { ...flag, type: "string", variants: { none: "", sale: "Sale" }, offVariant: "none", default: "sale" },
    prices: { ...flag, type: "object", variants: { euro: { currency: "EUR", steps: [1, 2] } }, offVariant: "euro", default: "euro" },
    quiet: { ...flag, expose: "values" },
  },
};
/** As strict as a page can be that evaluates by itself. */
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src *; require-trusted-types-for 'script'";

let app;
let browser;
let edge;
before(async () => {
  [edge, browser] = await Promise.all([startLocal({ secrets: { ...secrets, VEXIL_ALLOWED_ORIGINS: "*" } }), startBrowser()]);
  const published = await call("PUT", "ruleset", secrets.VEXIL_ADMIN_TOKEN, RULESET, { "If-Match": "*" });
  assert.equal(published.status, 200);
  const script = `
    import { createClient } from "/vexil/entry/browser.js";
    import { enableDevtools } from "/vexil/devtools.js";
    const engine = new URLSearchParams(location.search).get("engine") ?? "eager";
    const flags = (globalThis.flags = createClient({ url: "${edge.url}", key: "${BROWSER_KEY}", engine, context: { targetingKey: "user-1", country: "DE" } }));
    globalThis.remove = enableDevtools(flags);
    const show = () => (document.querySelector("output").textContent = flags.string("banner", "fallback"));
    flags.subscribe("banner", show);
    await flags.ready();
    show();
  `;
  app = await startApp({ script, body: '<p>Banner: <output></output></p><button id="own">A button of the page</button>', policy: POLICY });
});
after(async () => {
  await browser?.close();
  await app?.close();
  await edge?.dispose();
});

const call = (method, path, token, body, headers) => fetch(`${edge.url}/admin/v1/${path}`, { method, body: JSON.stringify(body), headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", ...headers } });

/** A page in a context of its own, with the tools closed. */
async function newPage({ query = "?vexil", ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const seen = watch(page);
  await page.goto(`${app.url}/${query}`);
  await page.locator("output", { hasText: "Sale" }).waitFor();
  const tools = {
    opener: page.locator("vexil-devtools .opener"),
    panel: page.locator("vexil-devtools dialog"),
    row: (key) => page.locator("vexil-devtools li").filter({ has: page.locator("summary span", { hasText: new RegExp(`^${key}$`) }) }),
    button: (key, name) => tools.row(key).getByRole("button", { name, exact: true }),
    tally: (text) => page.locator("vexil-devtools [role=status]", { hasText: text }).waitFor(),
    open: async (key) => {
      await page.locator("vexil-devtools").waitFor({ state: "attached" });
      if (await tools.opener.isVisible()) await tools.opener.click();
      if (!key) return;
      await tools.row(key).locator("summary").click();
      await tools.row(key).locator("dl").waitFor();
    },
  };
  return { page, seen, tools, close: () => context.close() };
}

const read = (page, key, fallback) => page.evaluate(([key, fallback]) => globalThis.flags.details(key, fallback), [key, fallback]);

/** What the opened row says of a flag. */
async function facts(row) {
  const [terms, descriptions] = [await row.locator("dt").allTextContents(), await row.locator("dd").allTextContents()];
  return Object.fromEntries(terms.map((term, index) => [term, descriptions[index]]));
}

test("nobody who did not ask sees or downloads them", async () => {
  const { page, seen, close } = await newPage({ query: "" });
  assert.equal(await page.locator("vexil-devtools").count(), 0);
  assert.deepEqual(seen.requests.filter((request) => /overlay|look|explain/.test(request)), []);
  await close();
});

test("a tab that asked has them until it says otherwise, and so has a browser", async () => {
  const { page, tools, close } = await newPage();
  await tools.opener.waitFor();
  await page.goto(app.url);
  await tools.opener.waitFor();
  await tools.open("banner");
  await tools.button("banner", "none").click();
  const isThere = async (query) => {
    await page.goto(`${app.url}/${query}`);
    await page.locator("output", { hasText: "Sale" }).waitFor();
    await page.waitForTimeout(100);
    return (await tools.opener.count()) === 1;
  };
  assert.equal(await isThere("?vexil=off"), false);
  assert.equal(await isThere(""), false);
  await page.evaluate(() => localStorage.setItem("vexil.devtools", "on"));
  assert.equal(await isThere(""), true, "and what was overridden is forgotten");
  await close();
});

test("each flag is there with all that is known of its answer", async () => {
  const { page, tools, seen, close } = await newPage();
  await tools.open("checkout");
  assert.deepEqual(await page.locator("vexil-devtools summary span").allTextContents(), Object.keys(RULESET.flags).sort());
  const version = await page.evaluate(() => String(globalThis.flags.version));
  assert.deepEqual(await facts(tools.row("checkout")), { value: "true", variant: "on", reason: "TARGETING_MATCH", rule: "dach", version, source: "local" });
  assert.equal(await page.locator("vexil-devtools header p").textContent(), `ready · local · version ${version}`);
  await page.locator("#own").click({ timeout: 5000 });
  assert.equal(await tools.panel.isVisible(), true, "the page is used beside them");
  assert.deepEqual(seen.problems, []);
  await close();
});

test("flags are found by their key and by their value", async () => {
  const { page, tools, close } = await newPage();
  await tools.open();
  const search = page.getByLabel("Search by key or value");
  const shown = async (text) => {
    await search.fill(text);
    return page.locator("vexil-devtools li:visible summary span").allTextContents();
  };
  assert.deepEqual(await shown("CHECK"), ["checkout"]);
  await tools.tally("1 of 4 flags");
  assert.deepEqual(await shown("eur"), ["prices"]);
  assert.deepEqual(await shown("nothing"), []);
  assert.equal((await shown("")).length, 4);
  await close();
});

test("a flag is overridden by one of its variants, for this tab, until that is cleared", async () => {
  const { page, tools, seen, close } = await newPage();
  const version = await page.evaluate(() => globalThis.flags.version);
  await tools.open("banner");
  await tools.button("banner", "none").click();
  await page.locator("output", { hasText: /^$/ }).waitFor({ state: "attached" });
  assert.deepEqual(await read(page, "banner", "x"), { value: "", variant: "none", reason: "OVERRIDE", version });
  assert.equal(await tools.row("banner").locator(".mark").isVisible(), true);
  assert.equal((await facts(tools.row("banner")))["without override"], '"Sale"');
  await tools.tally("4 flags, 1 overridden for this tab");
  assert.equal(await tools.button("banner", "none").getAttribute("aria-pressed"), "true");
  await page.reload();
  await page.locator("vexil-devtools").waitFor({ state: "attached" });
  await page.waitForFunction(() => globalThis.flags.details("banner", "x").reason === "OVERRIDE");
  assert.equal(await tools.opener.getAttribute("aria-label"), "Flags, 1 overridden");
  await tools.open("banner");
  await tools.button("banner", "Clear").click();
  await page.locator("output", { hasText: "Sale" }).waitFor();
  await tools.tally(/^4 flags$/);
  assert.equal(await tools.row("banner").locator(".mark").isVisible(), false);
  assert.deepEqual(seen.problems, []);
  await close();
});

test("or by any JSON, and all are cleared at once", async () => {
  const { page, tools, close } = await newPage();
  await tools.open("prices");
  const input = tools.row("prices").getByLabel("JSON for prices");
  await input.fill('{"currency":"CHF"');
  await tools.button("prices", "Override").click();
  assert.equal(await tools.row("prices").getByRole("alert").textContent(), "This is no JSON. A text needs quotation marks.");
  assert.equal((await read(page, "prices", {})).reason, "STATIC");
  await input.fill('{"currency":"CHF"}');
  await input.press("Enter");
  assert.deepEqual((await read(page, "prices", {})).value, { currency: "CHF" });
  await tools.open("checkout");
  await tools.button("checkout", "off").click();
  assert.equal((await read(page, "checkout", true)).value, false);
  await page.locator("vexil-devtools").getByRole("button", { name: "Clear all" }).click();
  await tools.tally(/^4 flags$/);
  assert.deepEqual([(await read(page, "prices", {})).value, (await read(page, "checkout", false)).value], [{ currency: "EUR", steps: [1, 2] }, true]);
  assert.equal(await page.evaluate(() => sessionStorage.getItem("vexil.overrides")), "{}");
  await close();
});

test("neither looking at flags nor reading overridden ones is told to the edge", async () => {
  const { page, tools, close } = await newPage();
  const told = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/v1/events")) told.push(...JSON.parse(request.postData()).events.map(({ flag }) => flag));
  });
  await tools.open("prices");
  await tools.open("quiet");
  await tools.button("prices", "Why?").click();
  await tools.row("prices").locator("pre").waitFor();
  await tools.open("checkout");
  await tools.button("checkout", "off").click();
  await page.evaluate(() => {
    globalThis.flags.boolean("checkout", true);
    globalThis.flags.boolean("quiet", true);
    return globalThis.flags.flush();
  });
  assert.deepEqual(told, ["banner", "quiet"]);
  await close();
});

test("why a flag is what it is can be asked, whatever is overridden", async () => {
  const { page, tools, seen, close } = await newPage();
  await tools.open("checkout");
  assert.deepEqual(seen.requests.filter((request) => request.includes("explain")), []);
  await tools.button("checkout", "off").click();
  await tools.button("checkout", "Why?").click();
  const text = tools.row("checkout").locator("pre");
  await text.filter({ hasText: 'country is "DE"' }).waitFor();
  assert.match(await text.textContent(), /^checkout: on \(TARGETING_MATCH, rule "dach"\)\n/);
  assert.equal(await text.evaluate((text) => text.getRootNode().activeElement === text), true);
  assert.deepEqual(seen.problems, []);
  await close();
});

test("where the edge evaluates, flags are overridden as well", async () => {
  const { page, tools, close } = await newPage({ query: "?vexil&engine=off" });
  await tools.open("checkout");
  assert.equal((await facts(tools.row("checkout"))).source, "values");
  assert.equal(await tools.button("checkout", "Why?").count(), 0);
  await tools.button("checkout", "false").click();
  assert.deepEqual((await read(page, "checkout", true)).reason, "OVERRIDE");
  await page.evaluate(() => globalThis.flags.setContext({ country: "FR" }));
  await page.waitForFunction(() => globalThis.flags.context.country === "FR");
  assert.equal((await read(page, "checkout", true)).value, false);
  await close();
});

test("a kill is shown when it comes, and what is being written stays", async () => {
  const { page, tools, close } = await newPage();
  await tools.open("checkout");
  const input = tools.row("checkout").getByLabel("JSON for checkout");
  await input.fill("tru");
  const operate = (what) => call("POST", `flags/checkout/${what}`, secrets.VEXIL_OPERATE_TOKEN, { reason: "test" });
  await operate("kill");
  await tools.row("checkout").locator("dd", { hasText: "DISABLED" }).waitFor();
  assert.equal(await input.inputValue(), "tru");
  assert.equal(await input.evaluate((input) => input.getRootNode().activeElement === input), true);
  await operate("restore");
  await tools.row("checkout").locator("dd", { hasText: "TARGETING_MATCH" }).waitFor();
  await close();
});

test("all of it is done by keyboard, and the page's own keys are not pressed meanwhile", async () => {
  const { page, tools, close } = await newPage();
  await page.evaluate(() => {
    globalThis.pressed = [];
    addEventListener("keydown", ({ key }) => globalThis.pressed.push(key));
  });
  const focused = () => page.evaluate(() => {
    const active = document.activeElement?.shadowRoot?.activeElement ?? document.activeElement;
    return active.ariaLabel || active.textContent;
  });
  await tools.opener.waitFor();
  await page.locator("#own").focus();
  await page.keyboard.press("Alt+Shift+V");
  assert.equal(await focused(), "Search by key or value");
  await page.evaluate(() => (globalThis.pressed.length = 0));
  await page.keyboard.type("banner");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await tools.row("banner").locator("dl").waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await focused(), "none");
  await page.keyboard.press("Enter");
  assert.equal((await read(page, "banner", "x")).reason, "OVERRIDE");
  assert.equal(await focused(), "none", "the focus is where it was");
  await page.keyboard.press("Escape");
  assert.equal(await tools.panel.isVisible(), false);
  assert.equal(await focused(), "A button of the page");
  assert.deepEqual(await page.evaluate(() => globalThis.pressed), []);
  await page.keyboard.press("Alt+Shift+V");
  await page.keyboard.press("Alt+Shift+V");
  assert.equal(await tools.panel.isVisible(), false);
  await tools.opener.click();
  await page.keyboard.press("Escape");
  assert.equal(await focused(), "Flags, 1 overridden");
  await close();
});

test("taken away they leave nothing behind", async () => {
  const { page, tools, close } = await newPage();
  await tools.open("banner");
  await tools.button("banner", "none").click();
  await page.evaluate(() => globalThis.remove());
  assert.equal(await page.locator("vexil-devtools").count(), 0);
  await page.locator("output", { hasText: "Sale" }).waitFor();
  await page.keyboard.press("Alt+Shift+V");
  assert.equal(await page.locator("vexil-devtools").count(), 0);
  await close();
});

for (const colorScheme of ["light", "dark"]) {
  for (const width of [320, 1280]) {
    test(`axe finds nothing and all fits, ${colorScheme}, ${width} px`, async () => {
      const { page, tools, seen, close } = await newPage({ colorScheme, reducedMotion: "reduce", viewport: { width, height: 740 } });
      const violations = async () => {
        await page.evaluate(AXE);
        const { violations } = await page.evaluate(() => globalThis.axe.run());
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
      };
      await tools.opener.waitFor();
      assert.deepEqual(await violations(), []);
      await tools.open("banner");
      await tools.button("banner", "sale").click();
      await tools.button("banner", "sale").hover();
      assert.deepEqual(await violations(), [], "with the pointer over what was chosen");
      await tools.open("checkout");
      await tools.button("checkout", "Why?").click();
      await tools.row("checkout").locator("pre").waitFor();
      await tools.open("prices");
      await tools.row("prices").getByLabel("JSON for prices").fill("x");
      await tools.button("prices", "Override").click();
      assert.deepEqual(await violations(), []);
      const over = await tools.panel.evaluate((panel) => [panel, panel.querySelector("ul"), document.documentElement].map((part) => part.scrollWidth - part.clientWidth));
      assert.deepEqual(over, [0, 0, 0]);
      const small = await page.locator("vexil-devtools button:visible, vexil-devtools summary:visible, vexil-devtools input:visible").evaluateAll((parts) => parts.filter((part) => part.getBoundingClientRect().height < 24).map((part) => part.textContent));
      assert.deepEqual(small, []);
      assert.deepEqual(seen.problems, []);
      if (process.env.VEXIL_SHOTS) await page.screenshot({ path: `${process.env.VEXIL_SHOTS}/${colorScheme}-${width}.png` });
      await close();
    });
  }
}
