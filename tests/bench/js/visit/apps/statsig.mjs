import { StatsigClient } from "@statsig/js-client";

const { service: api, key, context: { targetingKey: userID, country, email, ...custom }, bootstrap } = visit;
const client = new StatsigClient(key, { userID, country, email, custom }, { networkConfig: { api } });
if (bootstrap) {
  client.dataAdapter.setData(bootstrap);
  client.initializeSync();
}
const ready = bootstrap || client.initializeAsync();
visit.take((key) => client.checkGate(key));
await ready;
visit.look();
