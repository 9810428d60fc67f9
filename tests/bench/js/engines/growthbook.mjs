import { GrowthBookClient } from "@growthbook/growthbook";

export const growthbook = {
  name: "@growthbook/growthbook",
  language: "growthbook.json",
  context: (attributes) => ({ attributes }),
  open(text) {
    const client = new GrowthBookClient().initSync({ payload: JSON.parse(text) });
    return {
      boolean: (key, context) => client.isOn(key, context),
      string: (key, context) => client.getFeatureValue(key, "", context),
      all(context, booleans, strings) {
        const values = {};
        for (const key of booleans) values[key] = client.isOn(key, context);
        for (const key of strings) values[key] = client.getFeatureValue(key, "", context);
        return values;
      },
      close: () => client.destroy(),
    };
  },
};
