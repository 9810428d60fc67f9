import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature } from "@openfeature/web-sdk";

await OpenFeature.setContext(visit.context);
await OpenFeature.setProviderAndWait(new OFREPWebProvider({ baseUrl: visit.service, headers: [["X-API-Key", visit.key]] }));
const client = OpenFeature.getClient();
visit.take((key) => client.getBooleanValue(key, false));
