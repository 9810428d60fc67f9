// The playground compiles and evaluates in the page, and names every mistake where it is.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openWholePage, startBrowser, startEdge } from "./support.mjs";

let edge;
let browser;
before(async () => {
  [edge, browser] = await Promise.all([startEdge(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await edge?.dispose();
});

async function openPlayground() {
  const opened = await openWholePage(browser, edge.url);
  const { page } = opened;
  const replace = async (from, to) => {
    const text = await page.locator("#source").inputValue();
    assert.ok(text.includes(from), from);
    await page.locator("#source").fill(text.replace(from, to));
  };
  return { ...opened, replace };
}

test("answers follow the visitor and the text, and nothing is requested", async () => {
  const { page, seen, replace, close } = await openPlayground();
  const before = seen.requests.length;
  const greeting = page.locator("#results li", { hasText: "greeting" });
  assert.match(await greeting.textContent(), /north.*TARGETING_MATCH.*rule 0: "Moin"/);

  await page.locator("input[value=CH]").check({ force: true });
  assert.match(await greeting.textContent(), /south.*"Servus"/);
  await replace('"Servus"', '"Grüezi"');
  await page.locator("#results", { hasText: "Grüezi" }).waitFor();

  await page.locator("input[value=fleet]").check({ force: true });
  const sailing = page.locator("#results li", { hasText: "night-sailing" });
  assert.match(await sailing.textContent(), /on.*TARGETING_MATCH.*fleet, new app: true/);
  assert.deepEqual(seen.requests.slice(before), []);
  assert.deepEqual(seen.problems, []);
  await close();
});

test("every issue stands in the margin and leads to its place", async () => {
  const { page, replace, close } = await openPlayground();
  await replace('"serve": "on"', '"serve": "onn"');
  await replace('"serve": "south"', '"serve": "suoth"');
  await page.locator("#compiled", { hasText: /^2 issues$/ }).waitFor();
  const issues = page.locator("#issues li");
  assert.match(await issues.nth(0).textContent(), /line 17.*\/flags\/night-sailing\/rules\/0\/serve.*did you mean on/);
  assert.match(await issues.nth(1).textContent(), /\/flags\/greeting\/rules\/1\/serve.*did you mean south/);
  assert.equal(await page.locator("#gutter .has-issue").count(), 2);

  await issues.nth(1).getByRole("button").click();
  const selected = await page.evaluate(() => {
    const source = document.activeElement;
    return [source.value.slice(source.selectionStart, source.selectionEnd), source.value.slice(source.selectionEnd).split("\n", 1)[0]];
  });
  assert.deepEqual(selected, ['"serve"', ': "suoth" }']);

  await replace("onn", "on");
  await replace("suoth", "south");
  await page.locator("#compiled", { hasText: "compiled to" }).waitFor();
  assert.equal(await page.locator("#issues").isVisible(), false);
  await close();
});

test("a text that is no JSON is an issue too", async () => {
  const { page, close } = await openPlayground();
  await page.locator("#source").fill('{ "flags": { ');
  await page.locator("#compiled", { hasText: "1 issue" }).waitFor();
  assert.equal(await page.locator("#issues li").count(), 1);
  await close();
});
