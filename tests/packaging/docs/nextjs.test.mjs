// The app that the page about Next.js shows, run by Next.js as a developer would. A file apart: it takes as long as all the rest.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { chromium } from "playwright-core";
import { startEdge, until } from "../../../bindings/browser/test/support.mjs";
import { writePages } from "./pages.mjs";

const PAGES = join(import.meta.dirname, "dist/next");
const APP = join(PAGES, "nextjs");
const on = { type: "boolean", variants: { on: true, off: false }, offVariant: "off", expose: "program" };
const ruleset = { flags: { "one-page-checkout": { ...on, rules: [{ when: { attr: "country", is: "DE" }, serve: "on" }], default: "off" } } };
const closing = [];

after(async () => {
  for (const close of closing.reverse()) await close();
});

test("the server renders, and the page follows a kill", async () => {
  const edge = await startEdge({ VEXIL_ALLOWED_ORIGINS: "*" });
  closing.push(() => edge.close());
  await edge.publish(ruleset);
  await writePages(PAGES, { "https://flags.example.com": edge.url, "browser-key": edge.key });
  const url = await startNext();
  assert.match(await (await fetch(url)).text(), /<p>One page<\/p>/);

  const browser = await chromium.launch({ executablePath: process.env.VEXIL_CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
  closing.push(() => browser.close());
  const context = await browser.newContext();
  const page = await context.newPage();
  const said = [];
  page.on("console", (message) => said.push(message.text()));
  await page.goto(url);
  const shows = (text) => until(() => page.evaluate((text) => document.querySelector("p")?.textContent === text, text), `the page shows ${text}`);
  await shows("One page");
  await edge.kill("one-page-checkout");
  await shows("Three pages");
  assert.deepEqual(said.filter((text) => /hydrat/i.test(text)), []);

  const id = async () => (await context.cookies()).find(({ name }) => name === "vexil.anonymousId").value;
  const first = await id();
  await page.reload();
  assert.equal(await id(), first, "the same visitor");
});

/** The page has no layout of its own: any will do. */
async function startNext() {
  await writeFile(join(APP, "package.json"), '{ "private": true, "type": "module" }\n');
  await writeFile(join(APP, "app/layout.jsx"), 'export default ({ children }) => <html lang="en"><body>{children}</body></html>;\n');
  const options = ["dev", "--hostname", "127.0.0.1", "--port", "0"];
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NO_COLOR: "1" };
  // A group of its own: it starts others, which have to end with it.
  const child = spawn(join(import.meta.dirname, "node_modules/.bin/next"), options, { cwd: APP, env, detached: true, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  closing.push(() => (process.kill(-child.pid), ended));
  for await (const line of createInterface(child.stdout)) {
    const [address] = line.match(/http:\/\/127\.0\.0\.1:\d+/) ?? [];
    if (address) return child.stdout.resume(), `${address}/`;
  }
  throw new Error("Next.js ended before it had an address");
}
