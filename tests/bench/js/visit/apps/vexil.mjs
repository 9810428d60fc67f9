import { createClient } from "vexil/slim";
import wasm from "vexil/engine.wasm";

const { service: url, key, context, engine, bootstrap } = visit;
const flags = createClient({ url, key, context, engine, bootstrap, wasm });
visit.take((key) => flags.boolean(key, false), () => flags.status.source);
await flags.ready();
visit.look();
