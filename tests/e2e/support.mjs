// A real edge with the shop's ruleset, and a real browser in front of it.

import { readFile } from "node:fs/promises";
import { chromium } from "playwright-core";
import { startLocal, testSecrets } from "../../bindings/edge/local.mjs";

const ROOT = new URL("../../", import.meta.url);
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** What the page calls itself: a public id. */
export const BROWSER_KEY = "browser-demo";
export const secrets = { ...testSecrets, VEXIL_BROWSER_KEY: BROWSER_KEY };

/** Where the built page is. */
export const assets = new URL("www/dist/", ROOT);

/** What must never reach a browser. The last is planted in the ruleset: a part of a server flag, its values and a private literal. */
export const canaries = [secrets.VEXIL_ADMIN_TOKEN, secrets.VEXIL_OPERATE_TOKEN, secrets.VEXIL_SERVER_KEY, "kestrel"];

/** Starts an edge that serves the built page, with www/ruleset.json published. */
export async function startEdge() {
  const edge = await startLocal({ secrets, assets: assets.pathname });
  const published = await fetch(`${edge.url}/admin/v1/ruleset`, {
    method: "PUT",
    headers: { authorization: `Bearer ${secrets.VEXIL_ADMIN_TOKEN}`, "content-type": "application/json", "if-match": '"0"' },
    body: await readFile(new URL("www/ruleset.json", ROOT)),
  });
  if (!published.ok) {
    const problem = await published.text();
    await edge.dispose();
    throw new Error(`publishing answered ${published.status}: ${problem}`);
  }
  return { ...edge, url: edge.url.replace(/\/$/, "") };
}

/** Starts the system's Chromium. */
export function startBrowser() {
  return chromium.launch({ executablePath: process.env.VEXIL_CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
}

/**
 * Opens the page in a context of its own and waits until its flags are there.
 *
 * `seen` collects what the page asked for and complained about.
 */
export async function openPage(browser, url, { fragment = "", ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const seen = watch(page);
  await page.goto(`${url}/${fragment}`);
  await page.locator("#link-state[data-state=ready]").waitFor();
  await page.locator("#gauge-text", { hasText: "to evaluate" }).waitFor();
  return { page, seen, close: () => context.close() };
}

/** As {@link openPage}, with the playground near, so that everything the page fetches by itself is fetched. */
export async function openWholePage(browser, url) {
  const opened = await openPage(browser, url);
  await opened.page.locator("#playground").scrollIntoViewIfNeeded();
  await opened.page.locator("#compiled", { hasText: /^compiled to [\d,]+ bytes in [\d.]+ ms$/ }).waitFor();
  return opened;
}

/** Records requests, console errors and uncaught errors of a page. */
export function watch(page) {
  const seen = { requests: [], problems: [] };
  page.on("request", (request) => seen.requests.push(`${request.method()} ${request.url()}`));
  page.on("pageerror", (error) => seen.problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") seen.problems.push(message.text());
  });
  return seen;
}

/** What the panel says about a flag. */
export async function answer(page, key) {
  const row = page.locator(`[id="flag-${key}"]`);
  const text = (selector) => row.locator(selector).textContent();
  return { variant: await text(".value"), reason: await text(".reason"), rule: await text(".rule") };
}

/** The button that kills or restores a flag. */
export const switchOf = (page, key) => page.locator(`[id="flag-${key}"] .kill`);

/** The fragment of a link that carries an operate token. */
export const operatorLink = `#token=${encodeURIComponent(secrets.VEXIL_OPERATE_TOKEN)}`;
