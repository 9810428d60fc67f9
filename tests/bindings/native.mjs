// What the native engine says, and the very bytes it said it from.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");

/** The lines that every runtime must print. */
export function lines() {
  return vectors("print").trimEnd().split("\n");
}

/**
 * Each file of vectors: what the native program wrote about it, and the vector as it is written, both as text.
 *
 * Contexts are to be read from the latter: a Rust program cannot hold a lone surrogate, and `JSON.stringify` would
 * turn -0 into 0.
 */
export function files() {
  const folder = mkdtempSync(path.join(tmpdir(), "vexil-vectors-"));
  try {
    vectors("programs", folder);
    const names = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".json")).sort();
    return names.map((name) => ({
      compiled: readFileSync(path.join(folder, name), "utf8"),
      written: readFileSync(path.join(root, "tests/vectors", name), "utf8"),
    }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Broken rulesets, as text, and their issues. */
export function broken() {
  const folder = path.join(root, "tests/vectors/issues");
  const texts = readdirSync(folder).sort().map((name) => [name, JSON.parse(readFileSync(path.join(folder, name), "utf8"))]);
  return texts.flatMap(([name, { cases }]) =>
    cases.map(({ ruleset, issues }, number) => ({
      name: `${name}#${number}`,
      ruleset: typeof ruleset === "string" ? ruleset : JSON.stringify(ruleset),
      issues,
    })),
  );
}

function vectors(...args) {
  const command = ["run", "--quiet", "--package", "vexil-conformance", "--bin", "vectors", "--", ...args];
  return execFileSync("cargo", command, { cwd: root, encoding: "utf8", maxBuffer: 1 << 28 });
}
