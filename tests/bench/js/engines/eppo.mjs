import { applicationLogger, EppoClient, MemoryOnlyConfigurationStore } from "@eppo/js-client-sdk-common";

// Otherwise it writes a line for each disabled flag it is asked for.
applicationLogger.level = "silent";

export const eppo = {
  name: "@eppo/js-client-sdk-common",
  language: "eppo.json",
  context: ({ targetingKey, ...attributes }) => ({ subject: targetingKey, attributes }),
  open(text) {
    const { flags, format, environment } = JSON.parse(text);
    const store = new MemoryOnlyConfigurationStore();
    store.setFormat(format);
    store.setEnvironment(environment);
    store.setEntries(flags);
    const client = new EppoClient({ flagConfigurationStore: store });
    client.setIsGracefulFailureMode(false);
    const boolean = (key, { subject, attributes }) => client.getBooleanAssignment(key, subject, attributes, false);
    const string = (key, { subject, attributes }) => client.getStringAssignment(key, subject, attributes, "");
    return {
      boolean,
      string,
      all(context, booleans, strings) {
        const values = {};
        for (const key of booleans) values[key] = boolean(key, context);
        for (const key of strings) values[key] = string(key, context);
        return values;
      },
    };
  },
};
