import type { ClientOptions, EvaluationContext, Snapshot } from "./types.js";

/** Where a page may keep something. */
export type Place = NonNullable<ClientOptions["storage"]>;

/** Where a page may keep what outlives it, if anywhere. */
export function placeOf({ storage }: ClientOptions): Place | null {
  if (storage !== undefined) return storage;
  try {
    return (globalThis as { readonly localStorage?: Storage }).localStorage ?? null;
  } catch {
    // A page without an origin, or whose user wants nothing kept.
    return null;
  }
}

/** The last answers of an edge for a context. Of the context only a hash is kept. */
export class Store {
  readonly #place: Place | null;
  readonly #name: string;

  constructor(place: Place | null, name: string) {
    this.#place = place;
    this.#name = name;
  }

  /** Hands over what was kept, if it is for `context`. What cannot be read, or taken, is as good as nothing. */
  load(context: EvaluationContext, take: (snapshot: Snapshot) => void): void {
    attempt(() => {
      const [hash, snapshot] = JSON.parse(this.#place?.getItem(this.#name) ?? "[]") as [string?, Snapshot?];
      if (snapshot && hash === hashOf(context)) take(snapshot);
    });
  }

  save(snapshot: Snapshot): void {
    const { context = {}, ...rest } = snapshot;
    attempt(() => this.#place?.setItem(this.#name, JSON.stringify([hashOf(context), rest])));
  }
}

/** Adds the id by which a browser without a `targetingKey` is known, and by which it stays known with one. */
export function identifier({ anonymous = "storage" }: ClientOptions, place: Place | null): (context: EvaluationContext) => EvaluationContext {
  const page = (globalThis as { readonly document?: Document }).document;
  if (!anonymous || !page) return (context) => context;
  const name = "vexil.anonymousId";
  const kept = anonymous === "cookie" ? page.cookie.match(/(?:^|; )vexil\.anonymousId=([^;]*)/)?.[1] : attempt(() => place?.getItem(name));
  const id = kept || randomId();
  // As long as browsers let a page keep it: it is written again with each visit.
  if (anonymous === "cookie") page.cookie = `${name}=${id}; path=/; max-age=34560000; samesite=lax`;
  else attempt(() => place?.setItem(name, id));
  return (context) => ({ ...context, anonymousId: context["anonymousId"] ?? id, targetingKey: context.targetingKey ?? id });
}

/** 128 random bits. Browsers make UUIDs only for pages that came by TLS. */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) => word.toString(36)).join("");
}

/** What `keep` returns; nothing where a browser does not let it. */
function attempt<T>(keep: () => T): T | undefined {
  try {
    return keep();
  } catch {
    return undefined;
  }
}

/** 64 bits, by two FNV-1a: who has them learns nothing but whether it is the same context. */
function hashOf(context: EvaluationContext): string {
  let [one, other] = [0x811c9dc5, 0x1000193];
  for (const char of JSON.stringify(context)) {
    const code = char.codePointAt(0) as number;
    one = Math.imul(one ^ code, 0x1000193);
    other = Math.imul(other ^ code, 0x5bd1e995);
  }
  return `${one >>> 0}.${other >>> 0}`;
}
