import { InMemStorageProvider, Unleash } from "unleash-client";

export const unleash = {
  name: "unleash-client",
  language: "unleash.json",
  // Its start is a request as well, which no network answers: reading the flags cannot be told from it.
  load: null,
  context: ({ targetingKey, tier, beta, ...properties }) => ({ userId: targetingKey, properties: { ...properties, tier: String(tier), beta: String(beta) } }),
  async open(text) {
    const { features, segments } = JSON.parse(text);
    const client = new Unleash({
      appName: "bench",
      url: "http://127.0.0.1:9/",
      refreshInterval: 0,
      disableMetrics: true,
      skipInstanceCountWarning: true,
      storageProvider: new InMemStorageProvider(),
      bootstrap: { data: features, segments },
    });
    client.on("error", () => {});
    client.on("warn", () => {});
    await new Promise((resolve) => client.once("ready", resolve));
    const boolean = (key, context) => client.isEnabled(key, context);
    const string = (key, context) => client.getVariant(key, context).payload?.value;
    return {
      boolean,
      string,
      all(context, booleans, strings) {
        const values = {};
        for (const key of booleans) values[key] = boolean(key, context);
        for (const key of strings) values[key] = string(key, context);
        return values;
      },
      close: () => client.destroy(),
    };
  },
};
