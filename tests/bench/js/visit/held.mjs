// What flags cost once they are there: to fetch the app, to read them, to hold them.

import { median, visit, visitor } from "./visits.mjs";

/** Apps compile, store and send for a moment after they have answered. */
const SETTLED_MS = 500;

/** What a page fetches of the app's own files, in bytes as they travel. */
export async function download(browser, site, { name, app, engine }, report) {
  const fetched = await onePage(browser, site.address({ app, engine, set: "full" }), async (page) => {
    const { answered } = await page.evaluate(() => globalThis.visit.done);
    const files = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name, startTime, encodedBodySize }) => ({ name, startTime, bytes: encodedBodySize })));
    const own = files.filter(({ name }) => name.startsWith(new URL(page.url()).origin));
    const sum = (files) => files.reduce((sum, { bytes }) => sum + bytes, 0);
    return { before: sum(own.filter(({ startTime }) => startTime < answered)), all: sum(own) };
  });
  report({ workload: "download", name, bytes: fetched.before });
  if (fetched.all > fetched.before) report({ workload: "download", name: `${name}, with its engine`, bytes: fetched.all });
}

/** A read of one flag after the other, and of a Map in the same page. */
export async function read(browser, site, { name, app, engine }, flags, report, { rounds, isFastest }) {
  const measured = await onePage(browser, site.address({ app, engine, set: "full", isolated: "yes" }), async (page) => {
    if (!(await page.evaluate(() => crossOriginIsolated))) throw new Error("the page is not isolated: its clock is coarse");
    await page.addScriptTag({ url: "/reading/app.js", type: "module" });
    await page.waitForFunction(() => globalThis.visit.measure);
    return page.evaluate(([flags, rounds, isFastest]) => globalThis.visit.measure(flags, rounds, isFastest), [flags, rounds, isFastest]);
  });
  for (const { name: of, ns } of measured) report({ workload: of === "app" ? "read" : "read Map.get beside", name, ns });
}

/** The heap of a page with all flags, less that with one: none of them read, and each read once. The apps take turns. */
export async function heaps(browser, site, subjects, flags, report, { rounds }) {
  const none = () => ({ full: [], bare: [] });
  const cells = subjects.map((subject) => ({ subject, heap: none(), "heap read": none() }));
  for (let round = 0; round < rounds; round++) {
    for (const cell of cells) {
      const { app, engine } = cell.subject;
      for (const set of ["full", "bare"]) {
        await onePage(browser, site.address({ app, engine, set }), async (page, session) => {
          cell.heap[set].push(await heap(session));
          const keys = flags.slice(0, set === "full" ? undefined : 1).map(({ key }) => key);
          await page.evaluate((keys) => keys.forEach((key) => globalThis.visit.read(key)), keys);
          cell["heap read"][set].push(await heap(session));
        });
      }
    }
  }
  for (const workload of ["heap", "heap read"]) {
    for (const { subject: { name }, [workload]: { full, bare } } of cells) report({ workload, name, bytes: median(full) - median(bare) });
  }
}

/** What V8 holds, array buffers and the memories of WebAssembly included, in bytes. */
async function heap(session) {
  await session.send("HeapProfiler.enable");
  for (let times = 0; times < 3; times++) await session.send("HeapProfiler.collectGarbage");
  const { usedSize, backingStorageSize } = await session.send("Runtime.getHeapUsage");
  const { result: { objectId: prototypeObjectId } } = await session.send("Runtime.evaluate", { expression: "WebAssembly.Memory.prototype" });
  const { objects: { objectId } } = await session.send("Runtime.queryObjects", { prototypeObjectId });
  const functionDeclaration = "function () { return this.reduce((sum, { buffer }) => sum + buffer.byteLength, 0); }";
  const { result: { value: memories } } = await session.send("Runtime.callFunctionOn", { objectId, functionDeclaration, returnByValue: true });
  return usedSize + backingStorageSize + memories;
}

async function onePage(browser, address, what) {
  const who = await visitor(browser);
  try {
    return await visit(who, address, {
      then: async (page, session) => {
        await page.waitForTimeout(SETTLED_MS);
        return what(page, session);
      },
    });
  } finally {
    await who.close();
  }
}
