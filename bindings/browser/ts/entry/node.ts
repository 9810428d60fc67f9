import { createClient as create } from "../index.js";
import type { AnyFlags, Client, ClientOptions } from "../types.js";

/** {@link create}, with the engine from a module beside this one: a bundler of servers keeps it. */
export function createClient<Flags extends object = AnyFlags>(options: ClientOptions): Client<Flags> {
  return create({ wasm: async () => (await import("../engine-bytes.js")).default, ...options });
}
