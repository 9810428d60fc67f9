import { readFileSync } from "node:fs";

/** The table of calls, from the source, so that a call added there is tested. */
const source = readFileSync(new URL("../src/router.rs", import.meta.url), "utf8");

/** Every call as `{ method, pattern, scope, path }`; `path` has a flag of the ruleset in it. */
export const CALLS = [...source.matchAll(/^\s+call\(\s*"(\w+)",\s*"([^"]+)",\s*Scope::(\w+)/gm)].map(
  ([, method, pattern, scope]) => ({ method, pattern, scope, path: pattern.replace(/\{\w+\}/, "checkout") }),
);

/** Those that pages make. */
export const PAGE_CALLS = CALLS.filter(({ scope }) => scope === "Evaluate");
