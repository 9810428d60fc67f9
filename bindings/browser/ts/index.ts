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
  const address = attempt(() => new URL(url, (globalThis as { readonly location?: Location }).location?.href));
  if (!address?.protocol.startsWith("http")) throw refusal("url", "an http or https address");
  if (typeof key !== "string" || key === "") throw refusal("key", "a browser key");
  if (bootstrap && !bootstrap.flags) throw refusal("bootstrap", "a snapshot");
  const base = address.origin + address.pathname.replace(/\/+$/, "");
  const place = placeOf(options);
  // Only a page that needs the engine downloads it.
  const loadEngine = async (client: Client) => (await import("./local.js")).loadEngine(client, options);
  return new FlagClient(context, (client) => connect(client, base, options, place, loadEngine), maxAgeS, identifier(options, place)) as Client<any>;
}

function refusal(option: keyof ClientOptions, what: string): TypeError {
  return new TypeError(`createClient: \`${option}\` must be ${what}`);
}
