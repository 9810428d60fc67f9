import { createClient as create } from "../index.js";
import type { AnyFlags, Client, ClientOptions } from "../types.js";

/** {@link create}, with the engine from beside this module. */
export function createClient<Flags extends object = AnyFlags>(options: ClientOptions): Client<Flags> {
  return create({ wasm: new URL("../engine.wasm", import.meta.url), ...options });
}
