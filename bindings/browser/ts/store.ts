import { page } from "./page.js";
import type { ClientOptions, EvaluationContext, Snapshot } from "./types.js";

/** Where a page may keep something. */
export type Place = NonNullable<ClientOptions["storage"]>;

/** Where a page may keep what outlives it, if anywhere: a page without an origin, or whose user wants nothing kept, may not. */
export function placeOf({ storage }: ClientOptions): Place | null | undefined {
  return storage === undefined ? attempt(() => (globalThis as { readonly localStorage?: Storage }).localStorage) : storage;
}

/** Hands over the answers that were kept, if they are for `context`. What cannot be read, or taken, is as good as nothing. */
export function load(place: Place | null | undefined, name: string, context: EvaluationContext, take: (snapshot: Snapshot) => void): void {
  attempt(() => {
    const [hash, snapshot] = JSON.parse(place?.getItem(name) as string) as [number, Snapshot];
    if (hash === hashOf(context)) take(snapshot);
  });
}

/** Keeps the last answers of an edge for a context, of which only a hash is kept. */
export function save(place: Place | null | undefined, name: string, { context = {}, ...snapshot }: Snapshot): void {
  attempt(() => place?.setItem(name, JSON.stringify([hashOf(context), snapshot])));
}

/** Under what the id of a browser is kept. */
const ID = "vexil.anonymousId";

/** Adds the id by which a browser without a `targetingKey` is known, and by which it stays known with one. */
export function identifier({ anonymous = "storage" }: ClientOptions, place: Place | null | undefined): (context: EvaluationContext) => EvaluationContext {
  const document = page();
  if (!anonymous || !document) return (context) => context;
  const isCookie = anonymous === "cookie";
  const id = attempt(() => (isCookie ? idIn(document.cookie) : place?.getItem(ID))) || randomId();
  attempt(() => (isCookie ? (document.cookie = cookieOf(id)) : place?.setItem(ID, id)));
  return (context) => ({ ...context, anonymousId: context["anonymousId"] ?? id, targetingKey: context.targetingKey ?? id });
}

/** The anonymous id among the cookies of a page or of a request. */
export function idIn(cookies: string): string | undefined {
  return cookies.match(/(?:^|; )vexil\.anonymousId=([^;]*)/)?.[1];
}

/** A cookie lasts as long as browsers let it: it is written again with each visit. */
export function cookieOf(id: string): string {
  return `${ID}=${id}; path=/; max-age=34560000; samesite=lax`;
}

/** 96 random bits. Browsers make UUIDs only for pages that came by TLS. */
export function randomId(): string {
  return crypto.getRandomValues(new Uint32Array(3)).join("");
}

/** What `what` returns; nothing where it fails. */
export function attempt<T>(what: () => T): T | undefined {
  try {
    return what();
  } catch {
    return undefined;
  }
}

/** The same for the same attributes, in whichever order. */
export function textOf(context: EvaluationContext): string {
  return JSON.stringify(Object.entries(context).sort());
}

/** 44 bits, a polynomial modulo a prime: who has them learns nothing but whether it is the same context. */
function hashOf(context: EvaluationContext): number {
  let hash = 0;
  // No product is too large to be exact.
  for (const char of textOf(context)) hash = (257 * hash + (char.codePointAt(0) as number)) % 0xfff_ffff_ffef;
  return hash;
}
