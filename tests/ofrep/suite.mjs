#!/usr/bin/env node
/** Asks an OFREP server everything that OFREP 0.3 says, and says what it does not hold to. README.md says how. */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { argv, exit, stdout } from "node:process";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

import { answers } from "./rules/answers.mjs";
import { conditions } from "./rules/conditions.mjs";
import { http } from "./rules/http.mjs";
import { questions } from "./rules/questions.mjs";
import { streams } from "./rules/streams.mjs";
import { Server } from "./server.mjs";

const OWN_FIXTURE = new URL("fixture.json", import.meta.url);

/** A fixture from its file. */
export const readFixture = (file = OWN_FIXTURE) => JSON.parse(readFileSync(file, "utf8"));

/** What each option is called on the command line. */
const WORDS = { key: "--key", forbiddenKey: "--forbidden-key", origin: "--origin", change: "--change and --undo" };

/** All expectations of a server that `fixture` describes, and why some cannot be asked with `options`. */
export function expectations(fixture, options) {
  const rules = [answers, questions, conditions, http, streams].flatMap((rulesOf) => rulesOf(fixture));
  const suite = { server: new Server(options), fixture, options };
  const lacks = ({ needs = [] }) => needs.find((name) => options[name] === undefined);
  return rules
    .toSorted((left, right) => Number(left.isLast ?? false) - Number(right.isLast ?? false))
    .map((rule) => ({
      name: rule.name,
      level: rule.level ?? "must",
      skip: rule.skip || (lacks(rule) !== undefined && `needs ${WORDS[lacks(rule)]}`),
      run: () => rule.run(suite),
    }));
}

/** Asks one expectation after the other. */
export async function* results(fixture, options) {
  for (const { name, level, skip, run } of expectations(fixture, options)) {
    if (skip) {
      yield { name, level, outcome: "skipped", why: skip };
      continue;
    }
    try {
      await run();
      yield { name, level, outcome: "met" };
    } catch (error) {
      yield { name, level, outcome: "unmet", why: error.message };
    }
  }
}

/** A change is made by a shell command, or by a POST to a URL. */
function changer(text) {
  if (text === undefined) {
    return undefined;
  }
  return async () => {
    if (/^https?:/.test(text)) {
      const { ok, status } = await fetch(text, { method: "POST" });
      if (!ok) {
        throw new Error(`POST ${text}: status ${status}`);
      }
      return;
    }
    const { status, stderr } = spawnSync(text, { shell: true, encoding: "utf8" });
    if (status !== 0) {
      throw new Error(`\`${text}\` ended with ${status}: ${stderr}`);
    }
  };
}

async function main() {
  const text = { type: "string" };
  const { values } = parseArgs({
    options: { url: text, key: text, "forbidden-key": text, origin: text, change: text, undo: text, fixture: text, json: { type: "boolean" }, strict: { type: "boolean" } },
  });
  if (values.url === undefined || (values.change === undefined) !== (values.undo === undefined)) {
    stdout.write("usage: suite.mjs --url URL [--key KEY] [--forbidden-key KEY] [--origin ORIGIN] [--change HOOK --undo HOOK] [--fixture FILE] [--strict] [--json]\n");
    exit(2);
  }
  const fixture = readFixture(values.fixture && resolve(values.fixture));
  const { url, key, origin } = values;
  const options = { url, key, origin, forbiddenKey: values["forbidden-key"], change: changer(values.change), undo: changer(values.undo) };
  if (!values.json) {
    for (const { name, level, skip, run } of expectations(fixture, options)) {
      test(level === "must" ? name : `${name} (${level})`, { skip, todo: level === "should" && !values.strict }, run);
    }
    return;
  }
  let isMet = true;
  for await (const result of results(fixture, options)) {
    stdout.write(`${JSON.stringify(result)}\n`);
    isMet &&= result.outcome !== "unmet" || (result.level === "should" && !values.strict);
  }
  process.exitCode = isMet ? 0 : 1;
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(resolve(argv[1])).href) {
  await main();
}
