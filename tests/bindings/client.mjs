// The vectors through the npm package as its users have it. Runs in node and, served to a page, in Chromium.

import { canonical } from "./canonical.mjs";

/**
 * One line for each case of each file, as the native program prints them.
 *
 * @param {typeof import("vexil").createClient} createClient
 * @param {readonly { compiled: string, written: string }[]} files see native.mjs
 */
export async function answers(createClient, files) {
  const lines = [];
  for (const file of files) lines.push(...(await answersOf(createClient, read(file), (client, flag) => client.details(flag))));
  return lines;
}

/**
 * The same lines, of the answers that explanations give; and the names of all members of explanations.
 *
 * @param {typeof import("vexil").createClient} createClient
 * @param {typeof import("vexil/explain").explain} explain
 * @param {readonly { compiled: string, written: string }[]} files see native.mjs
 */
export async function explained(createClient, explain, files) {
  const lines = [];
  const members = new Set();
  async function ask(client, flag) {
    const why = await explain(client, flag);
    if (why.problem !== undefined && why.problem !== "FLAG_NOT_FOUND") throw new Error(why.text);
    JSON.stringify(why, (key, value) => {
      if (!/^\d*$/.test(key)) members.add(key);
      return OPAQUE.has(key) ? undefined : value;
    });
    return why.problem === undefined ? why : { errorCode: why.problem, reason: "ERROR" };
  }
  for (const file of files) lines.push(...(await answersOf(createClient, read(file), ask)));
  return { lines, members: [...members].sort() };
}

/** What holds values of flags and contexts, whose members are not those of explanations. */
const OPAQUE = new Set(["value", "found"]);

async function answersOf(createClient, file, ask) {
  const lines = [];
  const clock = Date.now;
  for (const { program, live, now, first, cases } of byProgram(file.cases)) {
    const fetch = edgeOf(bytes(file.programs[program]), bytes(live));
    if (now !== null) Date.now = () => now;
    const client = createClient({ url: "http://vectors.invalid", key: "browser-vectors", fetch, context: first, engine: "eager", events: false, anonymous: false, storage: null, maxAgeS: Infinity });
    try {
      const status = await client.ready();
      if (status.state !== "ready") throw new Error(`${file.name}: ${status.state}, ${status.problem}`);
      for (const [number, { flag, context }] of cases) {
        client.setContext(context);
        lines.push([number, `${file.name}#${number} ${canonical(answer(flag, await ask(client, flag)))}`]);
      }
    } finally {
      client.close();
      Date.now = clock;
    }
  }
  return lines.sort(([one], [other]) => one - other).map(([, line]) => line);
}

/** A file with the contexts of its cases as they are written; positions have theirs from the native program. */
export function read({ compiled, written }) {
  const file = JSON.parse(compiled);
  const { cases, started = {} } = JSON.parse(written);
  return { ...file, started, cases: file.cases.map((item, number) => ({ ...item, context: cases[number]?.context ?? item.context })) };
}

/**
 * Cases of one program in one live state share a client: a new context is then only an evaluation. What is left of a
 * program was made for one context, so each of its cases, which say what time it is, has a client of its own.
 */
function byProgram(cases) {
  const groups = new Map();
  for (const [number, item] of cases.entries()) {
    const { program, live, now, context } = item;
    const key = now === null ? `${program} ${live}` : number;
    if (!groups.has(key)) groups.set(key, { program, live, now, first: context, cases: [] });
    groups.get(key).cases.push([number, item]);
  }
  return groups.values();
}

function answer(flag, { errorCode, value, variant, reason, rule, stage, arm, missingUnit }) {
  return errorCode === undefined ? { flag, value, variant, reason, rule, stage, arm, missingUnit } : { flag, errorCode, reason };
}

/** Hands out one program with one live state, and a stream in which nothing ever happens. */
function edgeOf(program, live) {
  const body = new Uint8Array(4 + program.length + live.length);
  new DataView(body.buffer).setUint32(0, program.length, true);
  body.set(program, 4);
  body.set(live, 4 + program.length);
  const headers = { "Content-Type": "application/octet-stream", ETag: '"vectors"', "Vexil-Version": "1" };
  return async (url, options) => {
    const { pathname } = new URL(typeof url === "object" && "url" in url ? url.url : url);
    if (pathname === "/v1/program") return new Response(body, { headers });
    return new Response(stream(options?.signal), { headers: { "Content-Type": "text/event-stream" } });
  };
}

function stream(signal) {
  return new ReadableStream({
    start(controller) {
      signal?.addEventListener("abort", () => controller.error(signal.reason));
    },
  });
}

function bytes(hex) {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
