/** @param {typeof import("@configcat/sdk/node")} sdk the build for the runtime */
export const configcat = (sdk) => {
  let opened = 0;
  return {
    name: "@configcat/sdk",
    language: "configcat.json",
    context: ({ targetingKey, country, email, beta, ...custom }) => new sdk.User(targetingKey, email, country, { ...custom, beta: String(beta) }),
    async open(text) {
      // A client for each key is kept, so every load takes another.
      const key = `${String(opened++).padStart(22, "0")}/${"0".repeat(22)}`;
      const cached = `${Date.now()}\n"bench"\n${text}`;
      const cache = { get: () => cached, set() {} };
      const client = sdk.getClient(key, sdk.PollingMode.ManualPoll, { cache, offline: true, logger: sdk.createConsoleLogger(sdk.LogLevel.Off) });
      await client.waitForReady();
      const snapshot = client.snapshot();
      return {
        boolean: (key, user) => snapshot.getValue(key, false, user),
        string: (key, user) => snapshot.getValue(key, "", user),
        all(user, booleans, strings) {
          const values = {};
          for (const key of booleans) values[key] = snapshot.getValue(key, false, user);
          for (const key of strings) values[key] = snapshot.getValue(key, "", user);
          return values;
        },
        close: () => client.dispose(),
      };
    },
  };
};
