// How long from the click on "Kill" until the page shows it: `node tests/e2e/kill-latency.mjs [URL#token=…]`.
//
// Twenty kills, each restored, as the page itself measures them: from the click to the frame that shows the answer.
// Without an address it starts an edge of its own.

import { openPage, operatorLink, startBrowser, startEdge, switchOf } from "./support.mjs";

const RUNS = 20;
const FLAG = "one-page-checkout";

const given = process.argv[2] === undefined ? undefined : new URL(process.argv[2]);
const edge = given === undefined ? await startEdge() : { url: given.origin, dispose: async () => {} };
const browser = await startBrowser();
try {
  const { page } = await openPage(browser, edge.url, { fragment: given?.hash ?? operatorLink });
  const turn = async (word) => {
    await switchOf(page, FLAG).click();
    await page.locator("#kill-text", { hasText: word }).waitFor();
    return Number.parseInt(await page.locator("#kill-time").textContent(), 10);
  };
  const took = [];
  for (let run = 1; run <= RUNS; run++) {
    took.push(await turn("killed"));
    console.log(`kill ${String(run).padStart(2)}  ${String(took.at(-1)).padStart(5)} ms`);
    await turn("restored");
  }
  took.sort((one, other) => one - other);
  const median = (took[RUNS / 2 - 1] + took[RUNS / 2]) / 2;
  console.log(`median   ${String(median).padStart(5)} ms   max ${took.at(-1)} ms`);
} finally {
  await browser.close();
  await edge.dispose();
}
