import { FlagClient } from "../client.js";
import { cookieOf, idIn, randomId } from "../store.js";
import type { AnyFlags, Client, EvaluationContext, Snapshot } from "../types.js";
import { Values } from "../values.js";

/** What `fetchSnapshot` needs to know. */
export interface SnapshotOptions {
  /** The address of the edge, with its base path if it has one. */
  readonly url: string;
  /** The browser key: what a page is given everybody can read. */
  readonly key: string;
  readonly context?: EvaluationContext;
  /** The context that a server of yours signed, as a JWT. */
  readonly signed?: string;
  /** How long it may take, in ms: 2,000 unless said otherwise. */
  readonly timeoutMs?: number;
  /** Used instead of the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
}

/** There is no snapshot: the page has to do without. */
export class SnapshotError extends Error {
  override readonly name = "SnapshotError";
  /** What the edge answered with; absent where it did not. */
  declare readonly status?: number;

  constructor(message: string, { status, cause }: { readonly status?: number; readonly cause?: unknown } = {}) {
    super(message, { cause });
    if (status !== undefined) this.status = status;
  }
}

/**
 * Asks the edge once for the answers that a page begins with: `bootstrap` of its client.
 *
 * @throws {SnapshotError} if it does not answer, or with none.
 */
export async function fetchSnapshot(options: SnapshotOptions): Promise<Snapshot> {
  const { url, key, context = {}, signed, timeoutMs = 2_000, fetch: send = fetch } = options;
  const unreachable = (cause: unknown): never => {
    throw new SnapshotError(`the edge cannot be reached: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  };
  const init = { method: "POST", body: JSON.stringify({ key, context, signed }), signal: AbortSignal.timeout(timeoutMs) };
  const response = await send(`${url.replace(/\/+$/, "")}/v1/values`, init).catch(unreachable);
  const { status, headers } = response;
  if (!response.ok) throw new SnapshotError(`the edge answered ${status}`, { status });
  const version = Number(headers.get("Vexil-Version"));
  const isEdge = headers.has("Vexil-Version") && headers.get("Content-Type")?.startsWith("application/json");
  if (!isEdge) throw new SnapshotError("what answered is not an edge of Vexil", { status });
  const { flags, nextChange = null } = (await response.json().catch(unreachable)) as Snapshot;
  return { flags, version, nextChange, context, at: headers.has("Vexil-Stale") ? 0 : Date.now(), etag: headers.get("ETag") };
}

/** A client that has the answers of `snapshot` and asks nobody: what a server renders with. It needs no `close`. */
export function snapshotClient<Flags extends object = AnyFlags>(snapshot: Snapshot): Client<Flags> {
  const client = new FlagClient(snapshot.context ?? {}, () => ({ contextChanged: () => undefined, close: () => undefined }), Infinity);
  client.accept(new Values(snapshot.flags), snapshot.version, "bootstrap", snapshot.at ?? Date.now());
  return client as Client<any>;
}

/** As JSON that may stand in a `<script>` of a page, whatever is in it. */
export function escapeSnapshot(snapshot: Snapshot): string {
  return JSON.stringify(snapshot).replace(/[<\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/**
 * By which id a page knows its visitor, whose client has `anonymous: "cookie"`. `cookies` is the header of the request;
 * `setCookie` is one for the answer, so that a first visit keeps the id too.
 */
export function visitor(cookies: string | null | undefined): { readonly anonymousId: string; readonly setCookie: string } {
  const anonymousId = idIn(cookies ?? "") || randomId();
  return { anonymousId, setCookie: cookieOf(anonymousId) };
}
