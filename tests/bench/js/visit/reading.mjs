// Reads flags in the page of an app, as fast as it can, beside a Map.

import { times } from "../sample.mjs";
import { reading } from "../workloads.mjs";

/** @param {readonly { key: string, isBoolean: boolean, want?: boolean }[]} flags `want` where all engines agree */
visit.measure = (flags, rounds, isFastest) => {
  for (const { key, want } of flags) {
    if (want !== undefined && visit.read(key) !== want) throw new Error(`${key} is ${visit.read(key)}, not ${want}`);
  }
  const answers = new Map(flags.map(({ key, want }) => [key, want ?? true]));
  const of = (name, boolean) => reading({ engine: { name }, instance: { bind() {}, boolean }, contexts: [], flags });
  return times([of("app", visit.read), of("map", (key) => answers.get(key))], rounds, isFastest);
};
