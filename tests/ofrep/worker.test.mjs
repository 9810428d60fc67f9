import assert from "node:assert/strict";
import { after, test } from "node:test";

import { expectations, readFixture } from "./suite.mjs";
import { KEYS, startWorker } from "./worker.mjs";

const worker = await startWorker();
after(worker.stop);

test("a server's key sees what a browser's does not, and gets no stream whose URL would hold it", async () => {
  const call = (key) => fetch(`${worker.url}/ofrep/v1/evaluate/flags`, { method: "POST", headers: { "x-api-key": key }, body: "{}" });
  const [server, browser] = await Promise.all([KEYS.server, KEYS.browser].map(async (key) => (await call(key)).json()));
  const keys = ({ flags }) => flags.map(({ key }) => key);
  assert.deepEqual(keys(server).filter((key) => !keys(browser).includes(key)), ["server-only"]);
  assert.equal(server.eventStreams, undefined);
});

// Last, since its last rule reaches the limit.
for (const { name, skip, run } of expectations(readFixture(), worker)) {
  test(name, { skip }, run);
}
