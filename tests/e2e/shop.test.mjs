// The shop follows its visitor: every flag is evaluated in the page, and nothing is asked of the edge.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { answer, openPage, openWholePage, startBrowser, startEdge } from "./support.mjs";

let edge;
let browser;
before(async () => {
  [edge, browser] = await Promise.all([startEdge(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await edge?.dispose();
});

const choose = (page, name, value) => page.locator(`input[name=${name}][value="${value}"]`).check({ force: true });

test("a change of visitor changes banner, prices and checkout, and requests nothing", async () => {
  const { page, seen, close } = await openWholePage(browser, edge.url);
  await choose(page, "country", "DE");
  assert.deepEqual(await answer(page, "banner"), { variant: "dach", reason: "TARGETING_MATCH", rule: "dach, app 2" });
  const before = seen.requests.length;

  await choose(page, "country", "CH");
  assert.deepEqual(await answer(page, "price-list"), { variant: "franc", reason: "TARGETING_MATCH", rule: "switzerland" });
  assert.match(await page.locator(".good").first().textContent(), /CHF/);

  await choose(page, "country", "US");
  assert.match(await page.locator("#banner").textContent(), /across the water/);
  assert.match(await page.locator(".good").first().textContent(), /\$28.*\$26\.60/);

  await choose(page, "country", "FR");
  await choose(page, "plan", "fleet");
  assert.deepEqual(await answer(page, "banner"), { variant: "fleet", reason: "TARGETING_MATCH", rule: "fleet" });
  assert.deepEqual(await answer(page, "price-list"), { variant: "euro-members", reason: "TARGETING_MATCH", rule: "members" });
  assert.match(await page.locator(".plan.is-current").textContent(), /fleet/);

  await choose(page, "version", "1.9.2");
  assert.deepEqual(await answer(page, "banner"), { variant: "update", reason: "TARGETING_MATCH", rule: "app too old" });

  assert.match(await page.locator("#gauge-text").textContent(), /^to evaluate 5 flags, 0 requests$/);
  assert.match(await page.locator("#gauge-time").textContent(), /^[\d.]+ µs$/);
  assert.deepEqual(seen.requests.slice(before), []);
  assert.deepEqual(seen.problems, []);
  await close();
});

test("the user decides the checkout: by target, by segment, by split, and not at all", async () => {
  const { page, seen, close } = await openWholePage(browser, edge.url);
  const before = seen.requests.length;
  const become = (user) => page.locator("#user").fill(user);

  await become("user-13");
  assert.deepEqual(await answer(page, "one-page-checkout"), { variant: "off", reason: "TARGETING_MATCH", rule: "" });
  assert.deepEqual(await answer(page, "gift-wrap"), { variant: "off", reason: "PREREQUISITE_FAILED", rule: "" });
  assert.equal(await page.locator("#order fieldset:visible").count(), 1);

  await become("staff-ines");
  assert.deepEqual(await answer(page, "one-page-checkout"), { variant: "on", reason: "TARGETING_MATCH", rule: "employees" });
  assert.equal(await page.locator("#order fieldset:visible").count(), 3);
  assert.equal(await page.getByLabel("Wrap it in sailcloth").isVisible(), true);

  await become("");
  assert.deepEqual(await answer(page, "one-page-checkout"), { variant: "off", reason: "DEFAULT", rule: "no user to split by" });

  const variants = new Set();
  for (let user = 0; user < 40; user++) {
    await become(`guest-${user}`);
    const { variant, reason } = await answer(page, "one-page-checkout");
    assert.equal(reason, "SPLIT");
    variants.add(variant);
  }
  assert.deepEqual([...variants].sort(), ["off", "on"]);
  assert.deepEqual(seen.requests.slice(before), []);
  await close();
});

test("an order goes through in three steps, and what was typed survives the flag", async () => {
  const { page, seen, close } = await openPage(browser, edge.url);
  await page.locator("#user").fill("user-13");
  await page.getByRole("button", { name: "Add Zulu to the bag" }).click();
  assert.equal(await page.locator("#bag-count").textContent(), "3");
  assert.match(await page.locator("#summary").textContent(), /Zulu/);

  await page.getByLabel("Email").fill("ada@example.com");
  await page.getByRole("button", { name: "Next: delivery" }).click();
  assert.equal(await page.getByLabel("Street").isVisible(), true);
  assert.equal(await page.locator("#steps [aria-current=step]").textContent(), "Delivery");

  await page.locator("#user").fill("staff-ines");
  assert.equal(await page.getByLabel("Email").inputValue(), "ada@example.com");
  await page.getByLabel("Wrap it in sailcloth").check();
  assert.match(await page.locator("#summary").textContent(), /Sailcloth/);

  await page.locator("#user").fill("user-13");
  await page.getByRole("button", { name: "Next: payment" }).click();
  await page.getByRole("button", { name: "Place order" }).click();
  assert.match(await page.locator(".done").textContent(), /^Thank you/);
  assert.match(await page.locator("#summary").textContent(), /Your bag is empty/);
  assert.deepEqual(seen.problems, []);
  await close();
});
