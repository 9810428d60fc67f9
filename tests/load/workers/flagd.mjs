import { FlagdCore } from "@openfeature/flagd-core";

import { bulk } from "./bulk.mjs";

const silent = { error() {}, warn() {}, info() {}, debug() {} };

/**
 * Interpreted: workerd lets nobody compile code from strings.
 *
 * @param {string} flags a flagd flag definition
 */
export const worker = (flags) =>
  bulk(() => {
    const core = new FlagdCore(undefined, silent, { disableDynamicCodeGeneration: true });
    core.setConfigurations(flags);
    return (context) => core.resolveAll(context).map(({ flagKey, value, variant, reason }) => ({ key: flagKey, value, variant, reason }));
  });
