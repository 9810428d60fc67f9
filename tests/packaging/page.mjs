// Opens a built page as a visitor would, and tells answers of the engine in it from answers of the edge.

import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";

const READY_MS = 20_000;

/** What the page shows for Germany and for France. */
const GERMAN = { checkout: true, greeting: "Servus" };
const FRENCH = { checkout: false, greeting: "Salut" };

/** Opens the page at `site`: it has to show what the edge decided, and to evaluate a new context before anything could have answered. */
export async function visit(stage, site) {
  const { page, seen } = await open(stage, site);
  await engineAnswers(page);
  await shows(page, GERMAN);
  await page.click("button");
  await shows(page, FRENCH);
  const engines = seen.files.filter((file) => file.endsWith(".wasm"));
  assert.equal(engines.length, 1, `one engine is fetched, once: ${engines.join(", ") || "none was"}`);
  assert.deepEqual(seen.problems, []);
  return `${seen.files.length} files, an answer of the edge, and one of the engine in the page`;
}

/** Opens the page at `site`, which may compile no engine: the edge answers for each context instead, and only `flags.status` tells. */
export async function visitWithoutEngine(stage, site) {
  const { page, seen } = await open(stage, site);
  const { state, source, engineProblem } = await page.waitForFunction(engineFailed, undefined, { timeout: READY_MS }).then((status) => status.jsonValue());
  assert.deepEqual({ state, source }, { state: "ready", source: "values" });
  await page.click("button");
  await shows(page, FRENCH);
  // The browser itself tells a developer what the policy forbade.
  assert.deepEqual(seen.problems.filter((problem) => !/content security policy/i.test(problem)), []);
  return `answers of the edge, since ${JSON.stringify(engineProblem)}`;
}

/** Runs in the page: the status once it says what is wrong with the engine. */
function engineFailed() {
  const { status } = JSON.parse(document.querySelector("output").textContent);
  return status.engineProblem !== undefined && status;
}

/** Opens the page at `site` until it shows flags, and keeps what it complains of. */
export async function open(stage, site) {
  const page = await stage.page();
  const seen = { problems: [], files: [] };
  page.on("pageerror", (error) => seen.problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") seen.problems.push(message.text());
  });
  page.on("response", (response) => {
    const { origin, pathname } = new URL(response.url());
    if (origin === new URL(site).origin && response.ok()) seen.files.push(pathname);
    if (response.status() >= 400) seen.problems.push(`${response.status()} ${response.url()}`);
  });
  await page.goto(`${site}?edge=${encodeURIComponent(await stage.edge())}`);
  try {
    await shows(page, GERMAN);
  } catch (error) {
    throw new Error(`the page shows ${await page.textContent("output")} and says ${JSON.stringify(seen.problems)}`, { cause: error });
  }
  return { page, seen };
}

/** Waits until the page shows `answers`. */
export function shows(page, answers) {
  const isThere = (answers) => {
    const shown = JSON.parse(document.querySelector("output").textContent || "{}");
    return Object.entries(answers).every(([key, value]) => shown[key] === value);
  };
  return page.waitForFunction(isThere, answers, { timeout: READY_MS });
}

/** Waits until the engine has taken over: its answers need no request. */
async function engineAnswers(page) {
  const deadline = Date.now() + READY_MS;
  while (!(await page.evaluate(isEvaluatedHere))) {
    assert.ok(Date.now() < deadline, `the engine does not come: ${await page.textContent("output")}`);
    await setTimeout(50);
  }
}

/** Runs in the page: whether the answer follows the button at once, before a request could have been answered. */
async function isEvaluatedHere() {
  const press = async () => {
    document.querySelector("button").click();
    // Promises that are settled may run, such as those of a framework that renders; the network may not.
    for (let turn = 0; turn < 20; turn += 1) await undefined;
    return JSON.parse(document.querySelector("output").textContent).checkout;
  };
  // Twice in any case, so that the page is for Germany again.
  return (await press()) !== (await press());
}
