import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";

import { runWorker } from "./fixture.mjs";

/** A worker whose only stream has a socket that `script` speaks into as `server`. */
const worker = (script, limits) => `
  import { eventStream } from "./events.mjs";
  let closed = false;
  export default {
    async fetch(request) {
      if (request.url.endsWith("/closed")) {
        return new Response(String(closed));
      }
      const [webSocket, server] = Object.values(new WebSocketPair());
      server.accept();
      server.addEventListener("close", () => { closed = true; });
      ${script}
      return eventStream({ webSocket, headers: new Headers({ "content-type": "text/event-stream" }) }, ${JSON.stringify(limits)});
    },
  };`;

test("a stream copies what arrives, and says that it is alive while nothing does", async (t) => {
  const url = await runWorker(t, worker('server.send("data: é\\n\\n");', { beatMs: 20, lifeMs: 60_000 }));
  const controller = new AbortController();
  const response = await fetch(url, { signal: controller.signal });
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  let text = "";
  for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes(":\n\n:\n\n")) {
      break;
    }
  }
  controller.abort();
  assert.match(text, /^data: é\n\n(:\n\n)+$/);
});

test("a stream ends by itself after its time", async (t) => {
  const url = await runWorker(t, worker('server.send("data: 1\\n\\n");', { beatMs: 60_000, lifeMs: 100 }));
  assert.equal(await (await fetch(url)).text(), "data: 1\n\n");
});

test("a stream ends when its socket does", async (t) => {
  const script = 'server.send("data: 1\\n\\n"); server.close(1000, "over");';
  const url = await runWorker(t, worker(script, { beatMs: 60_000, lifeMs: 60_000 }));
  assert.equal(await (await fetch(url)).text(), "data: 1\n\n");
});

test("a listener that leaves closes the socket", async (t) => {
  const url = await runWorker(t, worker('server.send("data: 1\\n\\n");', { beatMs: 20, lifeMs: 60_000 }));
  const controller = new AbortController();
  const response = await fetch(url, { signal: controller.signal });
  await response.body.getReader().read();
  controller.abort();
  const deadline = Date.now() + 5000;
  while ((await (await fetch(new URL("/closed", url))).text()) !== "true") {
    assert.ok(Date.now() < deadline, "the socket is still open");
  }
});

test("a reader that does not read is cut off, and costs no more than a few events", async (t) => {
  const script = `
    let sent = 0;
    const flood = setInterval(() => {
      if (closed) return clearInterval(flood);
      server.send("data: " + "x".repeat(1 << 20) + "\\n\\n");
      sent += 1;
      if (sent > 500) clearInterval(flood);
    }, 2);`;
  const url = await runWorker(t, worker(script, { beatMs: 60_000, lifeMs: 60_000 }));
  const stalled = connect(url.port, url.hostname);
  t.after(() => stalled.destroy());
  stalled.pause();
  stalled.write("GET / HTTP/1.1\r\nHost: edge\r\n\r\n");
  const deadline = Date.now() + 10_000;
  while ((await (await fetch(new URL("/closed", url))).text()) !== "true") {
    assert.ok(Date.now() < deadline, "the socket is still open");
  }
});
