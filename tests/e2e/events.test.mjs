// Events of a real page, of an origin that the edge lists nowhere: a preflight would be refused, and nothing counted.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { BROWSER_KEY, secrets, startBrowser, startEdge } from "./support.mjs";

let browser;
let edge;
let site;
before(async () => {
  site = createServer((_, response) => response.setHeader("Content-Type", "text/html").end("<!doctype html><title>shop</title>")).listen(0, "127.0.0.1");
  [browser, edge] = await Promise.all([startBrowser(), startEdge(), once(site, "listening")]);
});
after(async () => {
  await Promise.all([browser?.close(), edge?.dispose()]);
  site?.close();
});

/** How often `metric` was reported. */
async function counted(metric) {
  const response = await fetch(`${edge.url}/admin/v1/events`, { headers: { authorization: `Bearer ${secrets.VEXIL_ADMIN_TOKEN}` } });
  return (await response.json()).metrics.find((row) => row.metric === metric)?.count ?? 0;
}

async function waitFor(metric) {
  for (const deadline = Date.now() + 5_000; (await counted(metric)) === 0; ) {
    assert.ok(Date.now() < deadline, `${metric} never came`);
  }
}

async function open() {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${site.address().port}/`);
  const url = `${edge.url}/v1/events`;
  const body = (metric) => JSON.stringify({ key: BROWSER_KEY, batch: `e2e-${metric}`, sent: Date.now(), events: [{ metric, at: Date.now() }] });
  return { page, url, body };
}

test("a beacon that a page sends as it goes is counted", async () => {
  const { page, url, body } = await open();
  const isQueued = await page.evaluate(([url, body]) => {
    addEventListener("pagehide", () => navigator.sendBeacon(url, body));
    return navigator.sendBeacon(url, body);
  }, [url, body("beacon")]);
  assert.ok(isQueued);
  await waitFor("beacon");
  await page.evaluate(([url, body]) => addEventListener("pagehide", () => navigator.sendBeacon(url, body)), [url, body("goodbye")]);
  await page.close({ runBeforeUnload: false });
  await waitFor("goodbye");
  assert.equal(await counted("beacon"), 1);
});

test("so is a fetch that outlives its page, with cookies or without, though the page may not read the answer", async () => {
  const { page, url, body } = await open();
  for (const credentials of ["include", "omit"]) {
    const answer = await page.evaluate(
      ([url, body, credentials]) => fetch(url, { method: "POST", body, keepalive: true, credentials }).then(({ status }) => status, ({ name }) => name),
      [url, body(credentials), credentials],
    );
    assert.equal(answer, "TypeError");
    await waitFor(credentials);
    assert.equal(await counted(credentials), 1);
  }
});
