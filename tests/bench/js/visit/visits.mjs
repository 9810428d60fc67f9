// One visit to a page after the other, in a real browser.

import { chromium } from "playwright-core";

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
/** As from a phone in the country. Latency in ms, throughput in bytes a second. */
export const SLOW = { latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 };
/** By how much less a phone can do. */
const SLOWER = 4;
const PATIENCE_MS = 30_000;

export const startBrowser = () => chromium.launch({ executablePath: process.env.VEXIL_CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });

/** Somebody who was never here: nothing cached, nothing stored. */
export const visitor = (browser) => browser.newContext();

/**
 * Opens `address`, and waits until its app has answered.
 *
 * Returns what `then(page, session)` does before it leaves, which defaults to when the app had answered, in ms since the
 * navigation began.
 */
export async function visit(who, address, { isSlow = false, then = () => undefined } = {}) {
  const page = await who.newPage();
  try {
    const failed = new Promise((_, reject) => page.on("pageerror", reject));
    failed.catch(() => undefined);
    const session = await who.newCDPSession(page);
    if (isSlow) {
      await session.send("Network.enable");
      await session.send("Network.emulateNetworkConditions", { offline: false, ...SLOW });
      await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
    }
    await page.goto(address, { waitUntil: "domcontentloaded" });
    const late = new Promise((_, reject) => setTimeout(reject, PATIENCE_MS, new Error(`no answer: ${address}`)).unref());
    const told = await Promise.race([page.evaluate(() => globalThis.visit.done), failed, late]);
    const result = await then(page, session);
    // Apps keep what they know when a page is left.
    await page.goto("about:blank");
    return result ?? told;
  } finally {
    await page.close();
  }
}

/** The middle one. */
export function median(samples) {
  const sorted = samples.toSorted((one, other) => one - other);
  return sorted[sorted.length >> 1];
}
