import { readFileSync } from "node:fs";

/** The table of calls, from the source, so that a call added there is tested. */
const source = readFileSync(new URL("../src/router.rs", import.meta.url), "utf8");

const REPORT = "/v1/events";

/**
 * Every call as `{ method, pattern, scope, path, body, ok }`; `path` has a flag of the ruleset in it, and `ok` is the status
 * of its answer to `body`.
 */
export const CALLS = [...source.matchAll(/^\s+call\(\s*"(\w+)",\s*"([^"]+)",\s*Scope::(\w+)/gm)].map(
  ([, method, pattern, scope]) => ({
    method,
    pattern,
    scope,
    path: pattern.replace(/\{\w+\}/, "checkout"),
    ...(method !== "GET" && { body: pattern === REPORT ? '{"batch":"b","sent":0,"events":[]}' : "{}" }),
    ok: pattern === REPORT ? 202 : 200,
  }),
);

/** Those that pages make. */
export const PAGE_CALLS = CALLS.filter(({ scope }) => scope === "Evaluate");

/** Those of them that have a context in their body. */
export const CONTEXT_CALLS = PAGE_CALLS.filter(({ method, path }) => method === "POST" && path !== REPORT);
