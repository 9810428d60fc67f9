// A process of its own that holds many streams, and looks at its clock whenever one of them names a newer version.

import { once } from "node:events";
import { connect } from "node:net";

import { answer } from "./child.mjs";
import { now } from "./numbers.mjs";
import { KEY } from "./workers.mjs";

/** How many connect at a time: a listening socket's queue is short. */
const BATCH = 50;
const TIMEOUT_MS = 10_000;

const streams = [];
/** By version: how many streams have been told of it or a newer one, and when the last of them was. */
const told = new Map();
let look = () => {};

answer(({ url, streams: count, version }) => (url ? open(url, count) : last(version)));

async function open(url, count) {
  while (streams.length < count) {
    const batch = Array.from({ length: Math.min(BATCH, count - streams.length) }, () => stream(new URL(url)));
    streams.push(...(await within(Promise.all(batch), () => `only ${streams.length} of ${count} streams opened: ulimit -n must allow twice as many`)));
  }
}

/** When the last stream was told of `version`. */
async function last(version) {
  const whole = new Promise((resolve, reject) => {
    look = (error) => {
      if (error) reject(error);
      const { count, at } = told.get(version) ?? {};
      if (count === streams.length) resolve(at);
    };
    look();
  });
  const at = await within(whole, () => `${told.get(version)?.count ?? 0} of ${streams.length} streams told of version ${version}`);
  told.clear();
  return { at };
}

/** A stream that is open. */
async function stream({ hostname, port, host }) {
  const socket = connect({ host: hostname, port, noDelay: true });
  await once(socket, "connect");
  socket.write(`GET /v1/stream?key=${KEY} HTTP/1.1\r\nhost: ${host}\r\naccept: text/event-stream\r\n\r\n`);
  let isOpen = false;
  let text = "";
  let newest;
  return new Promise((resolve, reject) => {
    const lost = (error) => {
      const loss = new Error(`a stream has ended: ${error?.message ?? "the worker closed it"}`);
      reject(loss);
      look(loss);
    };
    socket.on("error", lost).on("end", lost);
    socket.on("data", (chunk) => {
      text += chunk.latin1Slice();
      if (!isOpen && text.includes("\r\n\r\n")) {
        isOpen = true;
        if (!text.startsWith("HTTP/1.1 200 ")) reject(new Error(`a stream is answered with ${text}`));
        resolve(socket);
      }
      const whole = text.lastIndexOf("\n") + 1;
      for (const [, id] of text.slice(0, whole).matchAll(/^id: (\d+)/gm)) {
        const named = Number(id);
        // A version is told by those after it too. Before the first nobody is waited for.
        for (let version = newest === undefined ? named : newest + 1; version <= named; version++) tell(version);
        newest = Math.max(newest ?? 0, named);
      }
      if (isOpen) text = text.slice(whole);
    });
  });
}

function tell(version) {
  const { count } = told.get(version) ?? { count: 0 };
  told.set(version, { count: count + 1, at: now() });
  look();
}

async function within(promise, describe) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`after ${TIMEOUT_MS} ms ${describe()}`)), TIMEOUT_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
