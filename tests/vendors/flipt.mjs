// Flipt's evaluating client: a line of JSON with a question in, a line with the answers out.

import { createInterface } from "node:readline";
import { FliptClient } from "@flipt-io/flipt-client-js";

for await (const line of createInterface({ input: process.stdin })) {
  const { file, flags, contexts } = JSON.parse(line);
  const fetcher = async () => ({ ok: true, status: 200, headers: new Headers(), json: async () => file });
  const client = await FliptClient.init({ namespace: "default", fetcher, updateInterval: 0 });
  const kinds = new Map(file.flags.map(({ key, type }) => [key, type]));
  const ask = (key, { entityId, context }) => {
    const flagKey = key.replace(/\.attachment$/, "");
    const request = { flagKey, entityId, context };
    if (kinds.get(flagKey) === "BOOLEAN_FLAG_TYPE") {
      return client.evaluateBoolean(request).enabled;
    }
    const { variantKey, variantAttachment } = client.evaluateVariant(request);
    const found = key === flagKey ? JSON.stringify(variantKey) : variantAttachment;
    return variantKey && found ? JSON.parse(found) : null;
  };
  const answer = (key, context) => {
    try {
      return ask(key, context);
    } catch (error) {
      if (process.env.ERRORS) console.error(key, String(error));
      return null;
    }
  };
  const answers = flags.map((key) => contexts.map((context) => answer(key, context)));
  client.close?.();
  process.stdout.write(`${JSON.stringify(answers)}\n`);
}
