import { init } from "@launchdarkly/node-server-sdk";
import { TestData } from "@launchdarkly/node-server-sdk/integrations";

const silent = { error() {}, warn() {}, info() {}, debug() {} };

/** Its evaluations are asynchronous. */
export const launchdarkly = {
  name: "@launchdarkly/node-server-sdk",
  language: "launchdarkly.json",
  isAsync: true,
  context: ({ targetingKey, ...attributes }) => ({ kind: "user", key: targetingKey, ...attributes }),
  async open(text) {
    const { flags, segments } = JSON.parse(text);
    const data = new TestData();
    for (const flag of Object.values(flags)) data.usePreconfiguredFlag(flag);
    for (const segment of Object.values(segments)) data.usePreconfiguredSegment(segment);
    const client = init("sdk-bench", { updateProcessor: data.getFactory(), sendEvents: false, diagnosticOptOut: true, logger: silent });
    await client.waitForInitialization({ timeout: 10 });
    return {
      boolean: (key, context) => client.boolVariation(key, context, false),
      string: (key, context) => client.stringVariation(key, context, ""),
      all: (context) => client.allFlagsState(context),
      close: () => client.close(),
    };
  },
};
