// When something is missing, the page says so in a sentence and goes on working with what it has.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPage, operatorLink, startBrowser, startEdge, switchOf, watch } from "./support.mjs";

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

test("an edge that goes away leaves the last answers, and killing says that it failed", async () => {
  const edge = await startEdge();
  const { page, close } = await openPage(browser, edge.url, { fragment: operatorLink });
  await edge.dispose();

  await page.locator("#link-state[data-state=stale]").waitFor();
  assert.match(await page.locator("#notice").textContent(), /cannot be reached/);
  await page.locator("input[value=GB]").check({ force: true });
  assert.equal(await page.locator('[id="flag-price-list"] .value').textContent(), "pound");

  await switchOf(page, "banner").click();
  await page.locator("#refusal:not([hidden])").waitFor();
  assert.match(await page.locator("#refusal").textContent(), /cannot be reached, so nothing was changed/);
  await close();
});

test("where the page may not run WebAssembly it says so and shows the shop's defaults", async () => {
  const edge = await startEdge();
  const context = await browser.newContext();
  const page = await context.newPage();
  watch(page);
  await page.route(`${edge.url}/`, async (route) => {
    const response = await route.fetch();
    const headers = response.headers();
    const policy = headers["content-security-policy"];
    assert.match(policy, /'wasm-unsafe-eval'/);
    await route.fulfill({ response, headers: { ...headers, "content-security-policy": policy.replace("'wasm-unsafe-eval'", "") } });
  });
  await page.goto(`${edge.url}/`);
  await page.locator("#notice:not([hidden])").waitFor();
  assert.match(await page.locator("#notice").textContent(), /does not allow WebAssembly/);
  assert.match(await page.locator(".good").first().textContent(), /Lima.*€24/);
  await context.close();
  await edge.dispose();
});

test("a key that the edge does not know is named as the problem", async () => {
  const edge = await startEdge();
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${edge.url}/#key=browser-nobody`);
  await page.locator("#notice:not([hidden])").waitFor();
  assert.match(await page.locator("#notice").textContent(), /No flags yet, so the shop shows its defaults/);
  await context.close();
  await edge.dispose();
});
