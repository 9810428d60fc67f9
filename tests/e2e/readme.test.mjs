// What the README of the npm package shows of tests, tools and types, word for word.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { inspect, promisify } from "node:util";
import * as testing from "vexil/testing";
import { startApp } from "./app.mjs";
import { startBrowser } from "./support.mjs";

const PACKAGE = fileURLToPath(new URL("../../bindings/browser/", import.meta.url));
const TSC = fileURLToPath(new URL("../../node_modules/.bin/tsc", import.meta.url));
const AsyncFunction = (async () => undefined).constructor;

let app;
let browser;
before(async () => {
  const [tools] = await blocks("Tools in the page");
  assert.ok(tools.includes('import { enableDevtools } from "vexil/devtools";'));
  const script = `
    import { createClient } from "/vexil/entry/browser.js";
    import { enableDevtools } from "/vexil/devtools.js";
    const flags = createClient({ url: "https://flags.example", key: "browser-demo" });
    ${tools.replace(/^import .*$/m, "")}
    flags.subscribe(() => (document.querySelector("output").textContent = flags.string("theme", "fallback")));
  `;
  [app, browser] = await Promise.all([startApp({ script, body: "<output></output>" }), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await app?.close();
});

/** The code under a heading. */
async function blocks(heading) {
  const text = await readFile(join(PACKAGE, "README.md"), "utf8");
  const [, section] = text.split(new RegExp(`^## ${heading}$`, "m"));
  const found = [...section.split(/^## /m)[0].matchAll(/```[jt]s\n([^]*?)```/g)].map(([, code]) => code);
  assert.ok(found.length > 0, `the README shows code under ${heading}`);
  return found;
}

/** Runs `code`, which imports from `vexil/testing`. */
function run(code, known) {
  const names = { ...testing, ...known };
  return new AsyncFunction(...Object.keys(names), code.replace(/^import .* from "vexil\/testing";$/m, ""))(...Object.values(names));
}

test("the client in memory does what is shown", async () => {
  const [code] = await blocks("Tests");
  const printed = [];
  await run(code, { console: { log: (value) => printed.push(typeof value === "string" ? value : inspect(value)) } });
  assert.deepEqual(printed, [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, said]) => said));
  assert.equal(printed.length, 4);
});

test("an app in Playwright has the flags that are shown, and the tools where they are asked for", async () => {
  const [, code] = await blocks("Tests");
  const context = await browser.newContext({ baseURL: app.url });
  const page = await context.newPage();
  await run(code, { page });
  assert.equal(await page.locator("output").textContent(), "light");
  assert.equal(await page.locator("vexil-devtools").count(), 0);
  await page.goto("/?vexil");
  await page.locator("vexil-devtools .opener").waitFor();
  await context.close();
});

test("the types that are shown are right, and the mistakes do not compile", async (t) => {
  const [code] = await blocks("Flags with types");
  const folder = await mkdtemp(join(tmpdir(), "vexil-readme-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "node_modules"));
  await symlink(PACKAGE, join(folder, "node_modules/vexil"));
  await writeFile(join(folder, "shown.mts"), `declare const url: string, key: string;\n${code}export { theme };\n`);
  const options = ["--noEmit", "--strict", "--target", "ES2022", "--module", "NodeNext", "--skipLibCheck", "shown.mts"];
  await promisify(execFile)(TSC, options, { cwd: folder }).catch(({ stdout }) => assert.fail(stdout));
});
