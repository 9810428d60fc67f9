import flagsmith from "@flagsmith/flagsmith";

const { service, key: environmentID, context: { targetingKey: identifier, ...traits }, bootstrap: state } = visit;
const ready = flagsmith.init({ environmentID, api: `${service}/`, cacheFlags: true, evaluationContext: { identity: { identifier, traits } }, state, onChange: visit.look });
visit.take((key) => flagsmith.hasFeature(key));
await ready;
visit.look();
