/** The smallest OFREP server that meets every expectation, and each way in which it can be made to meet one less. */

import { createHash } from "node:crypto";
import { createServer } from "node:http";

const PATH = "/ofrep/v1/evaluate/flags";
const LIMIT = 1 << 17;
const KEY = "right-key";
const FORBIDDEN = "forbidden-key";
const ORIGIN = "https://page.example";

export const FIXTURE = {
  cases: [
    { key: "new-page", context: { targetingKey: "u", country: "DE" }, value: true, variant: "on", reason: "TARGETING_MATCH" },
    { key: "new-page", context: { targetingKey: "u", country: "FR" }, value: false, variant: "off", reason: "DEFAULT" },
    { key: "colour", context: { targetingKey: "u" }, value: "blue", variant: "blue", reason: "STATIC" },
  ],
  failures: [{ key: "needs-user", context: {}, errorCode: "TARGETING_KEY_MISSING" }],
  hidden: ["secret-flag"],
  hasEventStreams: true,
  rateLimit: { requests: 2000 },
  changed: { key: "new-page", context: { targetingKey: "u", country: "DE" }, value: false, variant: "off", reason: "DISABLED" },
};

/** What each fault is, and an expectation that finds it. */
export const FAULTS = {
  "value as text": "single: new-page",
  "no reason": "bulk: colour",
  "metadata nested": "bulk: new-page",
  "not found is 200": "single: no-such-flag-here",
  "not found is GENERAL": "single: no-such-flag-here",
  "key not decoded": "keys in the path are percent-decoded",
  "failures are GENERAL": "single: needs-user",
  "hidden flag in bulk": "bulk: flags that this key may not see",
  "a flag twice": "bulk: every flag is there once",
  "last context counts": "answers follow from their own context",
  "parse errors are 500": "400 for malformed JSON",
  "no errorCode": "400 for malformed JSON",
  "list contexts pass": "400 for a context that is a list",
  "invalid UTF-8 passes": "400 for bytes that are not UTF-8",
  "large is 500": "an answer or a refusal for a body of 256 KiB",
  "weak tag": "ETag is there",
  "new tag each time": "ETag is stable",
  "one tag for all": "ETag tells answers apart",
  "lists not read": "If-None-Match: a list with the tag",
  "weak not compared": "If-None-Match: the tag, weak",
  "star not read": "If-None-Match: *",
  "no 304": "If-None-Match: the tag is 304",
  "304 without tag": "a 304 repeats the tag",
  "no key needed": "401 without a key",
  "prefix of a key does": "401 or 403 with half a key",
  "no X-API-Key": "the key is taken as X-API-Key",
  "everybody may": "403 with a key",
  "GET answers": "GET is refused",
  "no preflight": "OPTIONS lets a listed page",
  "tag not exposed": "a listed page may read answers",
  "no Retry-After": "429 past the limit",
  "text/plain": "bulk: new-page",
  "no stream": "an event stream is named",
  "stream of both forms": "an event stream is named",
  "named events": "a change is an event",
  "events without type": "a change is an event",
  "fetch for an event is old": "a change is an event",
  "no ids": "events have an id",
  "no replay": "events have an id",
};

/** Starts it, with the fault of that name or none: the options of the suite, and `stop`. */
export async function startReference(fault) {
  const is = (name) => fault === name;
  let version = 1;
  let isKilled = false;
  let requests = 0;
  let last = {};
  const listeners = new Set();

  const event = () => {
    const data = JSON.stringify({ ...(!is("events without type") && { type: "refetchEvaluation" }), etag: String(version), lastModified: 1_771_622_898 });
    return `${is("no ids") ? "" : `id: ${version}\n`}${is("named events") ? "event: refetch\n" : ""}data: ${data}\n\n`;
  };
  const change = async (killed) => {
    if (isKilled !== killed) {
      isKilled = killed;
      version += 1;
      listeners.forEach((listener) => listener.write(event()));
    }
  };

  const evaluate = (context, killed = isKilled) => {
    const { country } = is("last context counts") ? last : context;
    last = context;
    const on = country === "DE" && !killed;
    const page = { value: on, variant: on ? "on" : "off", reason: killed ? "DISABLED" : on ? "TARGETING_MATCH" : "DEFAULT" };
    const missing = is("failures are GENERAL") ? "GENERAL" : "TARGETING_KEY_MISSING";
    return [
      { key: "new-page", ...page, ...(is("value as text") && { value: String(page.value) }), ...(is("metadata nested") && { metadata: { a: {} } }) },
      { key: "colour", value: "blue", variant: "blue", ...(!is("no reason") && { reason: "STATIC" }) },
      context.targetingKey === undefined ? { key: "needs-user", errorCode: missing } : { key: "needs-user", value: 1, variant: "one", reason: "SPLIT" },
      ...(is("hidden flag in bulk") ? [{ key: "secret-flag", value: 1, variant: "one", reason: "STATIC" }] : []),
      ...(is("a flag twice") ? [{ key: "colour", value: "blue", variant: "blue", reason: "STATIC" }] : []),
    ];
  };

  const question = (bytes) => {
    if (bytes.length === 0) {
      return {};
    }
    const body = JSON.parse(new TextDecoder("utf-8", { fatal: !is("invalid UTF-8 passes") }).decode(bytes));
    const isObject = (json) => typeof json === "object" && json !== null && (!Array.isArray(json) || is("list contexts pass"));
    if (!isObject(body) || !isObject(body.context ?? {})) {
      throw new TypeError("not an object");
    }
    return body.context ?? {};
  };

  const isCurrent = (condition = "", etag) =>
    !is("no 304") &&
    ((condition === "*" && !is("star not read")) ||
      (is("lists not read") ? [condition] : condition.split(",")).some((one) => (is("weak not compared") ? one : one.trim().replace(/^W\//, "")).trim() === etag));

  const answer = (request, bytes, send) => {
    const { pathname, searchParams } = new URL(request.url, "http://host");
    if (request.method === "OPTIONS") {
      return send(204, undefined, is("no preflight") ? {} : { "access-control-allow-methods": "POST", "access-control-allow-headers": "Authorization, Content-Type, If-None-Match, X-API-Key" });
    }
    if (pathname === "/stream") {
      return undefined;
    }
    if (request.method !== "POST") {
      return send(is("GET answers") ? 200 : 405);
    }
    const bearer = /^bearer (.*)$/i.exec(request.headers.authorization ?? "")?.[1];
    const key = bearer ?? (is("no X-API-Key") ? undefined : request.headers["x-api-key"]);
    if (key === FORBIDDEN && !is("everybody may")) {
      return send(403);
    }
    if (![KEY, FORBIDDEN].includes(key) && !is("no key needed") && !(is("prefix of a key does") && key && KEY.startsWith(key))) {
      return send(401);
    }
    requests += 1;
    if (requests > FIXTURE.rateLimit.requests) {
      return send(429, undefined, is("no Retry-After") ? {} : { "retry-after": "1" });
    }
    const encoded = pathname.startsWith(`${PATH}/`) ? pathname.slice(PATH.length + 1) : undefined;
    const flag = encoded === undefined || is("key not decoded") ? encoded : decodeURIComponent(encoded);
    const named = flag !== undefined && { key: flag };
    if (bytes.length > LIMIT) {
      return send(is("large is 500") ? 500 : 413, { ...named, errorCode: "INVALID_CONTEXT" });
    }
    let context;
    try {
      context = question(bytes);
    } catch {
      return send(is("parse errors are 500") ? 500 : 400, { ...named, ...(!is("no errorCode") && { errorCode: "PARSE_ERROR" }) });
    }
    if (flag !== undefined) {
      const found = evaluate(context).find((one) => one.key === flag && flag !== "secret-flag");
      const code = is("not found is GENERAL") ? "GENERAL" : "FLAG_NOT_FOUND";
      return found === undefined ? send(is("not found is 200") ? 200 : 404, { key: flag, errorCode: code }) : send(found.errorCode ? 400 : 200, found);
    }
    const isOld = is("fetch for an event is old") && searchParams.has("flagConfigEtag");
    const stream = { type: "sse", endpoint: { requestUri: "/stream" }, inactivityDelaySec: 60, ...(is("stream of both forms") && { url: "http://host/" }) };
    const body = { flags: evaluate(context, isOld ? false : isKilled), ...(!is("no stream") && { eventStreams: [stream] }) };
    const hash = createHash("sha256").update(JSON.stringify(body)).digest("hex").slice(0, 16);
    const strong = `"${is("new tag each time") ? requests : is("one tag for all") ? 1 : hash}"`;
    const etag = is("weak tag") ? `W/${strong}` : strong;
    return isCurrent(request.headers["if-none-match"], etag) ? send(304, undefined, is("304 without tag") ? {} : { etag }) : send(200, body, { etag });
  };

  const server = createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const exposed = is("tag not exposed") ? "Retry-After" : "ETag, Retry-After";
      const cors = request.headers.origin === ORIGIN && { "access-control-allow-origin": ORIGIN, "access-control-expose-headers": exposed };
      const send = (status, body, headers = {}) => {
        const type = is("text/plain") ? "text/plain" : "application/json";
        response.writeHead(status, { ...cors, ...headers, ...(body !== undefined && { "content-type": type }) });
        response.end(body === undefined ? undefined : JSON.stringify(body));
        return true;
      };
      if (answer(request, Buffer.concat(chunks), send) === undefined) {
        response.writeHead(200, { ...cors, "content-type": "text/event-stream" });
        const seen = Number(request.headers["last-event-id"] ?? version);
        response.write(seen < version && !is("no replay") ? event() : ": open\n\n");
        listeners.add(response);
        response.on("close", () => listeners.delete(response));
      }
    });
  });
  await new Promise((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    key: KEY,
    forbiddenKey: FORBIDDEN,
    origin: ORIGIN,
    change: () => change(true),
    undo: () => change(false),
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
