// What a visitor may rely on, whatever the window: accessible, no sideways scrolling, usable by keyboard.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { openPage, operatorLink, startBrowser, startEdge, switchOf } from "./support.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let edge;
let browser;
before(async () => {
  [edge, browser] = await Promise.all([startEdge(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await edge?.dispose();
});

/** Rules that axe finds broken, with the elements. The page stays under its own content security policy. */
async function violations(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
}

for (const colorScheme of ["light", "dark"]) {
  for (const width of [390, 1280]) {
    test(`axe finds nothing, ${colorScheme}, ${width} px`, async () => {
      const { page, seen, close } = await openPage(browser, edge.url, { colorScheme, viewport: { width, height: 900 }, reducedMotion: "reduce", fragment: operatorLink });
      assert.deepEqual(await violations(page), []);
      await switchOf(page, "banner").click();
      await page.locator("#kill-text", { hasText: "killed" }).waitFor();
      await page.locator("#source").fill("{}}");
      await page.locator("#issues:not([hidden])").waitFor();
      assert.deepEqual(await violations(page), []);
      await switchOf(page, "banner").click();
      await page.locator("#kill-text", { hasText: "restored" }).waitFor();
      assert.deepEqual(seen.problems, []);
      await close();
    });
  }
}

for (const width of [360, 768, 1280]) {
  test(`nothing scrolls sideways at ${width} px`, async () => {
    const { page, close } = await openPage(browser, edge.url, { viewport: { width, height: 800 } });
    const fits = async (what) => {
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(over <= 0, `${over} px too wide with ${what}`);
    };
    for (const country of ["CH", "US"]) {
      await page.locator(`input[value=${country}]`).check({ force: true });
      await fits(country);
    }
    // As after many changes, and in a wider font.
    await page.locator("#link-text").evaluate((text) => (text.textContent = "Live, version 123,456"));
    await fits("a long version");
    await close();
  });
}

test("everything is reached by keyboard, in sight, with its focus to be seen", async () => {
  const { page, close } = await openPage(browser, edge.url);
  const reached = new Set();
  for (let press = 0; press < 90; press++) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const focused = document.activeElement;
      if (focused === null || focused === document.body) return undefined;
      const painted = focused.matches(".choices input") ? focused.nextElementSibling : focused;
      const style = getComputedStyle(painted);
      return { name: focused.id || focused.getAttribute("aria-label") || focused.getAttribute("name") || focused.textContent, outline: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 };
    });
    if (stop === undefined) break;
    assert.equal(stop.outline, true, `${stop.name} shows no focus`);
    reached.add(stop.name);
  }
  for (const name of ["Germany", "plan", "user", "version", "Add Lima to the bag", "Kill banner at the edge", "token", "source"]) {
    assert.ok(reached.has(name), `the keyboard never reached ${name}: ${[...reached].join(", ")}`);
  }
  await page.locator("input[value=DE]").focus();
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.locator("input[name=country]:checked").inputValue(), "AT");
  await close();
});
