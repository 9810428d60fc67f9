// flagd's evaluator: a line of JSON with a question in, a line with the answers out.

import { createInterface } from "node:readline";
import { FlagdCore } from "@openfeature/flagd-core";

// When every question is asked, here as there.
Date.now = () => 1_826_000_000_000;

const silent = { error() {}, warn() {}, info() {}, debug() {} };

for await (const line of createInterface({ input: process.stdin })) {
  const { file, flags, contexts } = JSON.parse(line);
  const core = new FlagdCore(undefined, silent);
  core.setConfigurations(JSON.stringify(file));
  const answer = (key, context) => {
    const [value] = Object.values(file.flags[key].variants);
    const resolve = {
      boolean: core.resolveBooleanEvaluation,
      string: core.resolveStringEvaluation,
      number: core.resolveNumberEvaluation,
      object: core.resolveObjectEvaluation,
    }[typeof value];
    return resolve.call(core, key, null, context).value;
  };
  const answers = flags.map((key) => contexts.map((context) => answer(key, context)));
  process.stdout.write(`${JSON.stringify(answers)}\n`);
}
