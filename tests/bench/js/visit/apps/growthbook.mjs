import { GrowthBook } from "@growthbook/growthbook";

const { service: apiHost, key: clientKey, context: attributes, bootstrap: payload } = visit;
const client = new GrowthBook({ apiHost, clientKey, attributes });
if (payload) client.initSync({ payload });
else await client.init();
visit.take((key) => client.isOn(key));
