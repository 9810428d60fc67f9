import { createClient as create } from "../index.js";
import type { AnyFlags, Client, ClientOptions } from "../types.js";
import wasm from "../engine.wasm";

/** {@link create}, with the engine as the runtime compiled it. */
export function createClient<Flags extends object = AnyFlags>(options: ClientOptions): Client<Flags> {
  return create({ wasm, ...options });
}
