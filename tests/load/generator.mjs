// A process of its own that asks as fast as it is answered, over connections that are kept open.
//
// By hand: a client library works longer on an answer than a worker that only returns a constant, and would be measured.

import { connect } from "node:net";

import { CALLS } from "./calls.mjs";
import { answer } from "./child.mjs";
import { quantile } from "./numbers.mjs";

const CONNECTIONS = 16;
const TIMEOUT_MS = 10_000;
const HEAD_END = "\r\n\r\n";
const CHUNKS_END = "0\r\n\r\n";

/** Of a user's number, so that requests differ in nothing else, and need not be written anew. */
const DIGITS = 12;
const NOBODY = "0".repeat(DIGITS);

/** Never the same twice, whoever is asked. */
let user = 0;
/** What comes is only counted, so all connections read into this. */
const incoming = Buffer.alloc(1 << 18);

answer(({ url, name, contexts, etag, seconds }) => run(new URL(url), name, contexts, etag, seconds));

async function run({ hostname, port, host }, name, contexts, etag, seconds) {
  const call = CALLS[name];
  const { status = 200, ...same } = call.request(contexts[0], etag);
  const always = bytes(host, same);
  const templates = call.isFresh ? contexts.map((context) => bytes(host, call.request({ ...context, targetingKey: `user-${NOBODY}` }))) : [];
  const fresh = () => {
    const request = Buffer.from(templates[++user % templates.length]);
    request.write(String(user).padStart(DIGITS, "0"), request.lastIndexOf(NOBODY), "latin1");
    return request;
  };
  const next = call.isFresh ? fresh : () => always;
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => Connection.open(hostname, Number(port))));
  const latencies = [];
  const work = process.cpuUsage();
  const start = performance.now();
  const end = start + seconds * 1000;
  const asking = async (connection) => {
    do latencies.push(await connection.ask(next(), status));
    while (performance.now() < end);
  };
  await Promise.all(connections.map(asking));
  const took = performance.now() - start;
  const { user: inUser, system } = process.cpuUsage(work);
  for (const connection of connections) connection.close();
  return { count: latencies.length, rate: (latencies.length * 1000) / took, p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), asking: (inUser + system) / 1e6 / latencies.length };
}

function bytes(host, { method = "POST", path, headers, body = "" }) {
  const lines = Object.entries({ host, ...headers, "content-length": Buffer.byteLength(body) }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`);
}

/** One question at a time. */
class Connection {
  #socket;
  #wanted;
  #start;
  #resolve;
  #reject;
  /** What has come of an answer's head, while it is not whole. */
  #head;
  /** How many bytes of the body are still to come; `undefined` before the head is whole, infinite where it comes in chunks. */
  #rest;
  /** Of a body in chunks the last that came. */
  #tail = "";

  static open(hostname, port) {
    return new Promise((resolve, reject) => {
      const connection = new Connection(hostname, port, () => resolve(connection));
      connection.#reject = reject;
    });
  }

  constructor(host, port, opened) {
    const callback = (length) => {
      this.#take(incoming.subarray(0, length));
      return true;
    };
    const socket = connect({ host, port, noDelay: true, onread: { buffer: incoming, callback } }, opened);
    this.#socket = socket;
    const fail = (error) => this.#reject?.(error ?? new Error("the worker has closed the connection"));
    socket.on("error", fail).on("end", () => fail());
    socket.setTimeout(TIMEOUT_MS, () => fail(new Error(`no answer within ${TIMEOUT_MS} ms`)));
  }

  /** The ms until the last byte of the answer. Another status than `wanted` is an error. */
  ask(request, wanted) {
    this.#wanted = wanted;
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#start = performance.now();
      this.#socket.write(request);
    });
  }

  close() {
    this.#reject = undefined;
    this.#socket.destroy();
  }

  #take(chunk) {
    let body = chunk;
    if (this.#rest === undefined) {
      const begun = this.#head === undefined ? chunk : Buffer.concat([this.#head, chunk]);
      const end = begun.indexOf(HEAD_END);
      this.#head = end < 0 ? Buffer.from(begun) : undefined;
      if (end < 0) return;
      this.#begin(begun.latin1Slice(0, end));
      body = begun.subarray(end + HEAD_END.length);
    }
    this.#rest -= body.length;
    if (this.#rest === Infinity) this.#tail = (this.#tail + body.latin1Slice(-CHUNKS_END.length)).slice(-CHUNKS_END.length);
    if (this.#rest <= 0 || this.#tail === CHUNKS_END) {
      this.#rest = undefined;
      this.#tail = "";
      this.#resolve(performance.now() - this.#start);
    }
  }

  #begin(head) {
    const status = Number(head.slice(9, 12));
    if (status !== this.#wanted) this.#reject(new Error(`answered with ${status}, not ${this.#wanted}`));
    const length = /\r\ncontent-length: (\d+)/i.exec(head);
    this.#rest = length ? Number(length[1]) : status === 304 ? 0 : Infinity;
  }
}
