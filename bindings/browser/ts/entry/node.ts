import { readFile } from "node:fs/promises";
import { createClient as create } from "../index.js";
import type { Client, ClientOptions } from "../types.js";

/** {@link create}, with the engine from the file beside this module. */
export function createClient(options: ClientOptions): Client {
  return create({ wasm: () => readFile(new URL("../engine.wasm", import.meta.url)), ...options });
}
