import { FliptClient } from "@flipt-io/flipt-client-js";

export const flipt = {
  name: "@flipt-io/flipt-client-js",
  language: "flipt.json",
  context: ({ targetingKey, tier, beta, ...texts }) => ({ entityId: targetingKey, context: { ...texts, tier: String(tier), beta: String(beta) } }),
  async open(text) {
    const fetcher = async () => new Response(text, { headers: { ETag: '"bench"' } });
    const client = await FliptClient.init({ fetcher, updateInterval: 0 });
    return {
      boolean: (flagKey, context) => client.evaluateBoolean({ flagKey, ...context }).enabled,
      string: (flagKey, context) => client.evaluateVariant({ flagKey, ...context }).variantKey,
      all: (context, booleans, strings) => client.evaluateBatch([...booleans, ...strings].map((flagKey) => ({ flagKey, ...context }))),
      close: () => client.close(),
    };
  },
};
