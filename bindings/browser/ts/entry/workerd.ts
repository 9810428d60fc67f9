import { createClient as create } from "../index.js";
import type { Client, ClientOptions } from "../types.js";
import wasm from "../engine.wasm";

/** {@link create}, with the engine as the runtime compiled it. */
export function createClient(options: ClientOptions): Client {
  return create({ wasm, ...options });
}
