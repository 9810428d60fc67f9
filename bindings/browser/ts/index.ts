import { FlagClient } from "./client.js";
import { Remote } from "./remote.js";
import { identifier, placeOf } from "./store.js";
import type { AnyFlags, Client, ClientOptions } from "./types.js";

export type * from "./types.js";

/**
 * Starts a client: it gets the answers, follows their changes, and reads from memory.
 *
 * @throws {TypeError} if an option cannot be right, such as an address that is none.
 */
export function createClient<Flags extends object = AnyFlags>(options: ClientOptions): Client<Flags> {
  const { url, key, bootstrap, context = bootstrap?.context ?? {}, maxAgeS } = options;
  if (typeof key !== "string" || key === "") throw new TypeError("createClient: `key` must be the browser key of an environment");
  if (bootstrap && !bootstrap.flags) throw new TypeError("createClient: `bootstrap` must be a snapshot of a client");
  const base = address(url);
  const place = placeOf(options);
  // Only a page that needs the engine downloads it.
  const loadEngine = async () => (await import("./local.js")).loadEngine(options);
  const connect = (client: FlagClient): Remote => new Remote(client, base, options, place, loadEngine);
  return new FlagClient(context, connect, maxAgeS, identifier(options, place)) as Client<any>;
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
