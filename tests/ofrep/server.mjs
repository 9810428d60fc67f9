/** The server under test, as a client meets it. */

import { setTimeout as sleep } from "node:timers/promises";

import { fault } from "./schema.mjs";

/** An expectation that the server does not meet. */
export class Unmet extends Error {}

/** Says so where `holds` is false. */
export function expect(holds, sentence) {
  if (!holds) {
    throw new Unmet(sentence);
  }
}

const PATH = "/ofrep/v1/evaluate/flags";
/** How long any one answer or event may take, in ms. */
const PATIENCE_MS = 5_000;

export class Server {
  constructor({ url, key, scheme = "bearer" }) {
    this.url = url.replace(/\/$/, "");
    this.key = key;
    this.credential = key === undefined ? {} : scheme === "bearer" ? { authorization: `Bearer ${key}` } : { "x-api-key": key };
  }

  /** Sends one request; `body` goes as it is where it is text or bytes, and as JSON otherwise. */
  async send(method, path, { headers = {}, body, credential = this.credential } = {}) {
    const isRaw = body === undefined || typeof body === "string" || body instanceof Uint8Array;
    const started = `${method} ${path}`;
    let response;
    let text;
    try {
      response = await fetch(this.url + path, {
        method,
        redirect: "manual",
        signal: AbortSignal.timeout(PATIENCE_MS),
        headers: { ...(body !== undefined && { "content-type": "application/json" }), ...credential, ...headers },
        ...(body !== undefined && { body: isRaw ? body : JSON.stringify(body) }),
      });
      text = await response.text();
    } catch (error) {
      throw new Unmet(`${started}: no answer (${error.cause?.code ?? error.message})`);
    }
    const type = response.headers.get("content-type") ?? "";
    let json;
    if (/^application\/([^;]*\+)?json/i.test(type) && method !== "HEAD") {
      try {
        json = JSON.parse(text);
      } catch {
        throw new Unmet(`${started}: the body says it is JSON and is not: ${text.slice(0, 200)}`);
      }
    }
    return { asked: started, status: response.status, headers: response.headers, type, text, json };
  }

  single(key, body, options) {
    return this.send("POST", `${PATH}/${encodeURIComponent(key)}`, { body, ...options });
  }

  bulk(body, { query = "", ...options } = {}) {
    return this.send("POST", PATH + query, { body, ...options });
  }

  /** The answer to a bulk request that must succeed. */
  async all(context, options) {
    const answer = await this.bulk({ context }, options);
    expectAnswer(answer, [200], "bulkEvaluationSuccess");
    return answer;
  }
}

/** The status is one of `statuses`, and the body a `schema` of the OpenAPI document. */
export function expectAnswer(answer, statuses, schema) {
  const { asked, status, json, type, text } = answer;
  expect(statuses.includes(status), `${asked}: status ${status}, expected ${statuses.join(" or ")}; body ${text.slice(0, 200)}`);
  if (schema !== undefined) {
    expect(json !== undefined, `${asked}: content-type \`${type}\`, expected application/json`);
    const wrong = fault(schema, json);
    expect(wrong === undefined, `${asked}: status ${status}, ${wrong}; body ${text.slice(0, 200)}`);
  }
}

/** A server-sent event stream, read as it comes. */
export async function* events(url, headers = {}) {
  const controller = new AbortController();
  const response = await fetch(url, { headers: { accept: "text/event-stream", ...headers }, signal: controller.signal });
  try {
    expect(response.status === 200, `GET of the event stream: status ${response.status}, expected 200`);
    const type = response.headers.get("content-type") ?? "";
    expect(/^text\/event-stream/i.test(type), `event stream: content-type \`${type}\`, expected text/event-stream`);
    yield { isOpen: true };
    let rest = "";
    for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + text).replaceAll("\r\n", "\n").split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) {
        const event = { data: [] };
        for (const line of block.split("\n").filter((line) => line !== "" && !line.startsWith(":"))) {
          const [, field, value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line);
          event[field] = field === "data" ? [...event.data, value] : value;
        }
        if (event.data.length > 0) {
          yield { ...event, data: event.data.join("\n") };
        }
      }
    }
  } finally {
    controller.abort();
  }
}

/** The next of `stream`, or an unmet expectation once patience is at its end. */
export async function next(stream, what) {
  const late = new AbortController();
  try {
    const timeout = sleep(PATIENCE_MS, undefined, { signal: late.signal }).then(
      () => Promise.reject(new Unmet(`${what}: nothing came within ${PATIENCE_MS / 1000} s`)),
      () => {},
    );
    const { value, done } = await Promise.race([stream.next(), timeout]);
    expect(!done, `${what}: the stream ended`);
    return value;
  } finally {
    late.abort();
  }
}
