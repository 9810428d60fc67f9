import { createClient as create } from "../index.js";
import type { Client, ClientOptions } from "../types.js";

/** {@link create}, with the engine from beside this module. */
export function createClient(options: ClientOptions): Client {
  return create({ wasm: new URL("../engine.wasm", import.meta.url), ...options });
}
