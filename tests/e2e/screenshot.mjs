// Pictures of the demo page: `node tests/e2e/screenshot.mjs URL FOLDER`.
//
// Writes desktop and phone, light and dark. The page is shown at work: a visitor chosen and a flag killed once.

import { mkdir, stat } from "node:fs/promises";
import path from "node:path";
import { openPage, startBrowser, switchOf } from "./support.mjs";

const WINDOWS = {
  desktop: { viewport: { width: 1280, height: 960 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true },
};

const [address, folder] = process.argv.slice(2);
if (address === undefined || folder === undefined) {
  console.error("usage: node tests/e2e/screenshot.mjs URL FOLDER");
  process.exit(2);
}
const { origin, hash } = new URL(address);
await mkdir(folder, { recursive: true });
const browser = await startBrowser();
try {
  for (const [name, window] of Object.entries(WINDOWS)) {
    for (const colorScheme of ["light", "dark"]) {
      const { page, close } = await openPage(browser, origin, { fragment: hash, colorScheme, reducedMotion: "reduce", ...window });
      for (const country of ["US", "FR", "GB", "DE", "CH", "AT"]) await page.locator(`input[value=${country}]`).check({ force: true });
      if (new URLSearchParams(hash.slice(1)).has("token")) {
        for (const word of ["killed", "restored"]) {
          await switchOf(page, "one-page-checkout").click();
          await page.locator("#kill-text", { hasText: word }).waitFor();
        }
      }
      await page.mouse.move(0, 0);
      await page.evaluate(() => {
        document.activeElement?.blur();
        scrollTo(0, 0);
      });
      const file = path.join(folder, `${name}-${colorScheme}.png`);
      await page.screenshot({ path: file });
      console.log(`${file}  ${(await stat(file)).size} bytes`);
      await close();
    }
  }
} finally {
  await browser.close();
}
