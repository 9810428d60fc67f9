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

/** A stream that is open and has said which version is newest. */
async function stream({ hostname, port, host }) {
  const socket = connect({ host: hostname, port, noDelay: true });
  await once(socket, "connect");
  socket.write(`GET /v1/stream?key=${KEY} HTTP/1.1\r\nhost: ${host}\r\naccept: text/event-stream\r\n\r\n`);
  const lost = (error) => look(new Error(`a stream has ended: ${error?.message ?? "the worker closed it"}`));
  socket.on("error", lost).on("end", lost);
  let text = "";
  let newest = 0;
  return new Promise((resolve, reject) => {
    socket.on("data", (chunk) => {
      text += chunk.latin1Slice();
      if (text.length > 12 && text.slice(9, 12) !== "200" && newest === 0) return reject(new Error(`a stream is answered with ${text}`));
      for (const [, id] of text.slice(0, text.lastIndexOf("\n")).matchAll(/^id: (\d+)/gm)) {
        if (newest === 0) resolve(socket);
        else for (let version = newest + 1; version <= Number(id); version++) tell(version);
        newest = Math.max(newest, Number(id));
      }
      if (newest > 0) text = text.slice(text.lastIndexOf("\n") + 1);
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
