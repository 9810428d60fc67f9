// How long until so many clients that lost their streams at once all hear of a kill again:
// `node bindings/edge/test/reconnect.mjs [CLIENTS]`, 5000 by default.
//
// All listen at one worker with four hubs. Every stream ends at the same moment; each client comes back after a wait of
// full jitter, as the npm client does, while the flag is killed. Ends with an error where one of them misses it.

import { connect } from "node:net";
import { argv, exit } from "node:process";
import { fileURLToPath } from "node:url";

import { startLocal, testSecrets } from "../local.mjs";
import { edgeAt, RULESET } from "./support.mjs";

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/** A client that listens until it is cut off, and comes back. It is a bare socket, so that thousands fit. */
class Client {
  heard = 0;
  refused = 0;
  #url;
  #socket;
  #attempt = 0;

  constructor(url) {
    this.#url = new URL(url);
  }

  listen() {
    const socket = connect(this.#url.port, this.#url.hostname);
    this.#socket = socket;
    const last = this.heard > 0 ? `last-event-id: ${this.heard}\r\n` : "";
    socket.write(`GET /v1/stream?key=${testSecrets.VEXIL_BROWSER_KEY} HTTP/1.1\r\nhost: edge\r\n${last}\r\n`);
    socket.on("error", () => {});
    socket.on("close", () => this.#comeBack());
    socket.on("data", (bytes) => {
      const text = bytes.toString("latin1");
      if (/^HTTP\/1\.1 [45]/.test(text)) {
        this.refused += 1;
        socket.destroy();
      }
      for (const [, id] of text.matchAll(/^id: (\d+)$/gm)) {
        this.heard = Math.max(this.heard, Number(id));
        this.#attempt = 0;
      }
    });
  }

  cut() {
    this.#socket.destroy();
  }

  end() {
    this.#socket.removeAllListeners("close").destroy();
    this.listen = () => {};
  }

  #comeBack() {
    const bound = Math.min(FIRST_WAIT_MS * 2 ** this.#attempt, LONGEST_WAIT_MS);
    this.#attempt += 1;
    setTimeout(() => this.listen(), Math.random() * bound);
  }
}

/** @returns {Promise<{ openMs: number, ms: number, refused: number }>} */
export async function reconnect(count, timeoutMs) {
  const local = await startLocal({ secrets: { ...testSecrets, VEXIL_HUB_SHARDS: "4" } });
  const clients = Array.from({ length: count }, () => new Client(local.url));
  try {
    const edge = edgeAt(local.url);
    const first = (await edge.publish(RULESET)).json.version;
    const all = async (version) => {
      const started = performance.now();
      while (clients.some(({ heard }) => heard < version)) {
        if (performance.now() - started > timeoutMs) {
          const missing = clients.filter(({ heard }) => heard < version).length;
          throw new Error(`${missing} of ${count} clients have not heard of version ${version}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return performance.now() - started;
    };
    for (const client of clients) client.listen();
    const openMs = await all(first);
    for (const client of clients) client.cut();
    const { version } = (await edge.kill("checkout")).json;
    const ms = await all(version);
    return { openMs, ms, refused: clients.reduce((sum, { refused }) => sum + refused, 0) };
  } finally {
    for (const client of clients) client.end();
    await local.dispose();
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const count = Number(argv[2] ?? 5_000);
  const { openMs, ms, refused } = await reconnect(count, 300_000);
  console.log(`${count} clients listen after ${openMs.toFixed(0)} ms`);
  console.log(`cut off at once, all heard of the kill after ${ms.toFixed(0)} ms; ${refused} attempts were refused`);
  exit(0);
}
