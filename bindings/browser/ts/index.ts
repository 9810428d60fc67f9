import { FlagClient } from "./client.js";
import { connect } from "./remote.js";
import { attempt, identifier, placeOf } from "./store.js";
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
  const loadEngine = async (client: Client) => (await import("./local.js")).loadEngine(client, options);
  return new FlagClient(context, (client) => connect(client, base, options, place, loadEngine), maxAgeS, identifier(options, place)) as Client<any>;
}

function address(url: string): string {
  const address = attempt(() => new URL(url, (globalThis as { readonly location?: Location }).location?.href));
  if (!address?.protocol.startsWith("http")) throw new TypeError(`createClient: \`url\` must be an http or https address, not ${JSON.stringify(url)}`);
  return address.origin + address.pathname.replace(/\/+$/, "");
}
