import { FlagdCore } from "@openfeature/flagd-core";

const silent = { error() {}, warn() {}, info() {}, debug() {} };

export const flagd = {
  name: "@openfeature/flagd-core",
  language: "flagd.json",
  open(text) {
    const core = new FlagdCore(undefined, silent);
    core.setConfigurations(text);
    return {
      boolean: (key, context) => core.resolveBooleanEvaluation(key, false, context).value,
      string: (key, context) => core.resolveStringEvaluation(key, "", context).value,
      all: (context) => core.resolveAll(context),
    };
  },
};
