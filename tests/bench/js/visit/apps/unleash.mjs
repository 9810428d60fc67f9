import { UnleashClient } from "unleash-proxy-client";

const { service, key: clientKey, context: { targetingKey, ...attributes }, bootstrap } = visit;
const properties = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, String(value)]));
const client = new UnleashClient({ url: `${service}/frontend`, clientKey, appName: "bench", context: { userId: targetingKey, properties }, bootstrap });
visit.take((key) => client.isEnabled(key));
for (const event of ["initialized", "ready", "update"]) client.on(event, visit.look);
client.start();
