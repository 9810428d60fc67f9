// Killing and restoring a flag at the edge: the page follows within a second and says how long it took.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { answer, openPage, operatorLink, secrets, startBrowser, startEdge, switchOf } from "./support.mjs";

let edge;
let browser;
before(async () => {
  [edge, browser] = await Promise.all([startEdge(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await edge?.dispose();
});

test("a kill reaches the page that asked and every other one, and so does its restoring", async () => {
  const operator = await openPage(browser, edge.url, { fragment: operatorLink });
  const visitor = await openPage(browser, edge.url);
  for (const { page } of [operator, visitor]) await page.locator("#user").fill("staff-ines");
  const shape = (page, shape) => page.locator(`#checkout[data-shape=${shape}]`).waitFor({ timeout: 1000 });
  await shape(visitor.page, "one-page");

  await switchOf(operator.page, "one-page-checkout").click();
  await Promise.all([shape(operator.page, "three-steps"), shape(visitor.page, "three-steps")]);
  assert.equal((await answer(operator.page, "one-page-checkout")).reason, "DISABLED");
  assert.equal((await answer(operator.page, "gift-wrap")).reason, "PREREQUISITE_FAILED");
  await operator.page.locator("#kill-gauge").waitFor();
  const took = /^(\d+) ms$/.exec(await operator.page.locator("#kill-time").textContent());
  assert.ok(Number(took?.[1]) < 1000, `the page followed after ${took?.[0]}`);
  assert.match(await operator.page.locator("#kill-text").textContent(), /^from click to page: one-page-checkout killed/);

  await switchOf(operator.page, "one-page-checkout").click();
  await Promise.all([shape(operator.page, "one-page"), shape(visitor.page, "one-page")]);
  await operator.page.locator("#kill-text", { hasText: "restored" }).waitFor();
  assert.equal(await switchOf(operator.page, "one-page-checkout").textContent(), "Kill");
  assert.deepEqual([...operator.seen.problems, ...visitor.seen.problems], []);
  await operator.close();
  await visitor.close();
});

test("the token leaves the address bar and is kept for this tab only", async () => {
  const { page, close } = await openPage(browser, edge.url, { fragment: operatorLink });
  assert.equal(await page.evaluate(() => location.href), `${edge.url}/`);
  assert.equal(await page.locator("#token-form").isVisible(), false);
  await page.reload();
  await page.locator("#token-kept").waitFor();
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, document.cookie]));
  assert.ok(!kept.includes(secrets.VEXIL_OPERATE_TOKEN), kept);
  await page.getByRole("button", { name: "Forget it" }).click();
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  await close();
});

test("without a token the page asks for one, and a typed one works", async () => {
  const { page, close } = await openPage(browser, edge.url);
  await switchOf(page, "banner").click();
  assert.match(await page.locator("#refusal").textContent(), /asks for an operate token/);
  assert.equal(await page.evaluate(() => document.activeElement?.id), "token");
  await page.keyboard.type(secrets.VEXIL_OPERATE_TOKEN);
  await page.keyboard.press("Enter");
  await switchOf(page, "banner").click();
  await page.locator('[id="flag-banner"].is-killed').waitFor({ timeout: 1000 });
  assert.equal(await page.locator("#banner").textContent(), "");
  await switchOf(page, "banner").click();
  await page.locator('[id="flag-banner"]:not(.is-killed)').waitFor({ timeout: 1000 });
  await close();
});

for (const [name, token, sentence] of [
  ["an unknown token", "not-a-token", /does not know this token/],
  ["a token without the scope", secrets.VEXIL_SERVER_KEY, /lacks the scope operate/],
]) {
  test(`${name} is refused in a sentence, and nothing changes`, async () => {
    const { page, close } = await openPage(browser, edge.url, { fragment: `#token=${token}` });
    await switchOf(page, "price-list").click();
    await page.locator("#refusal:not([hidden])").waitFor();
    assert.match(await page.locator("#refusal").textContent(), sentence);
    assert.notEqual((await answer(page, "price-list")).reason, "DISABLED");
    await close();
  });
}
