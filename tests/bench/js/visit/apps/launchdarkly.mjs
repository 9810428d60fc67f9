import { initialize } from "launchdarkly-js-client-sdk";

const { service, key, context: { targetingKey, ...attributes }, bootstrap = "localStorage" } = visit;
const client = initialize(key, { kind: "user", key: targetingKey, ...attributes }, { bootstrap, baseUrl: service, eventsUrl: service, streamUrl: service });
const take = () => visit.take((key) => client.variation(key, false));
if (visit.bootstrap) take();
await client.waitForInitialization();
take();
