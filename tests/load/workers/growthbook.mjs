import { GrowthBookClient } from "@growthbook/growthbook";

import { bulk } from "./bulk.mjs";

/** @param {string} flags GrowthBook's payload */
export const worker = (flags) =>
  bulk(() => {
    const payload = JSON.parse(flags);
    const client = new GrowthBookClient().initSync({ payload });
    const keys = Object.keys(payload.features);
    return (attributes) =>
      keys.map((key) => {
        const { value, source } = client.evalFeature(key, { attributes });
        return { key, value, reason: source };
      });
  });
