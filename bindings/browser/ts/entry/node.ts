import { readFile } from "node:fs/promises";
import { createClient as create } from "../index.js";
import type { AnyFlags, Client, ClientOptions } from "../types.js";

/** {@link create}, with the engine from the file beside this module. */
export function createClient<Flags extends object = AnyFlags>(options: ClientOptions): Client<Flags> {
  return create({ wasm: () => readFile(new URL("../engine.wasm", import.meta.url)), ...options });
}
