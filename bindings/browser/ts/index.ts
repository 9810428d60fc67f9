import { FlagClient } from "./client.js";
import { Remote } from "./remote.js";
import type { Client, ClientOptions } from "./types.js";

export type * from "./types.js";

/**
 * Starts a client: it loads the flags, follows their changes, and answers from memory.
 *
 * @throws {TypeError} if an option cannot be right, such as an address that is none.
 */
export function createClient(options: ClientOptions): Client {
  const { url, key, context, wasm } = options;
  if (typeof key !== "string" || key === "") throw new TypeError("createClient: `key` must be the browser key of an environment");
  if (wasm === undefined) throw new TypeError("createClient: `vexil/slim` needs `wasm`, the bytes or module of `vexil/engine.wasm`");
  const base = address(url);
  return new FlagClient(context ?? {}, (client) => new Remote(client, base, { ...options, wasm }));
}

function address(url: string): string {
  const page = (globalThis as { readonly location?: Location }).location?.href;
  let address: URL | undefined;
  try {
    address = new URL(url, page);
  } catch {
    // Said below, in a sentence.
  }
  if (!address?.protocol.startsWith("http")) throw new TypeError(`createClient: \`url\` must be an http or https address, not ${JSON.stringify(url)}`);
  return address.origin + address.pathname.replace(/\/+$/, "");
}
