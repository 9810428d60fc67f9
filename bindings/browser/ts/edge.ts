import { LONGEST_MS } from "./client.js";
import type { ClientOptions } from "./types.js";

/** What waiting before the next attempt begins with, and the most it grows to. */
export const FIRST_WAIT_MS = 1_000;
export const LONGEST_WAIT_MS = 30_000;

/** A refusal of the edge. */
export class Refusal extends Error {
  /** Asking again will not help. */
  declare readonly isFinal: boolean;
  declare readonly retryAfterMs: number;

  constructor({ status, headers }: Response) {
    super(`the edge answered ${status}${status === 401 || status === 403 ? ": is the key right?" : ""}`);
    this.isFinal = status >= 400 && status < 500 && status !== 408 && status !== 429;
    this.retryAfterMs = 1000 * (Number(headers.get("Retry-After")) || 0);
  }
}

/** Where questions go, and how long to wait between them. */
export class Edge {
  readonly base: string;
  readonly key: string;
  /** Ends with the client. */
  readonly signal: AbortSignal;
  readonly #fetch: typeof fetch;
  /** How often in a row it could not be asked, whatever for. */
  failures = 0;

  /** `base` is its address, without a slash at its end. */
  constructor(base: string, { key, fetch: custom }: ClientOptions, signal: AbortSignal) {
    this.base = base;
    this.key = key;
    this.signal = signal;
    this.#fetch = custom ?? ((input, init) => fetch(input, init));
  }

  /**
   * @throws {Refusal} if the edge answers with an error.
   * @throws {Error} if it cannot be reached.
   */
  async ask(path: string, init: RequestInit): Promise<Response> {
    const response = await this.#fetch(`${this.base}/v1/${path}`, init).catch(because("the edge cannot be reached"));
    if (!response.ok && response.status !== 304) throw new Refusal(response);
    return response;
  }

  /**
   * Full jitter: anything up to a bound that doubles, so that clients which lost the edge together come back apart. Ends
   * when the page is seen again, or the browser has a network again.
   */
  wait(atLeastMs = 0): Promise<void> {
    const bound = Math.min(FIRST_WAIT_MS * 2 ** this.failures, LONGEST_WAIT_MS);
    const { signal } = this;
    return new Promise((resolve) => {
      const waiting = new AbortController();
      const done = (): void => {
        clearTimeout(timer);
        waiting.abort();
        resolve();
      };
      const timer = setTimeout(done, Math.min(Math.max(Math.random() * bound, atLeastMs), LONGEST_MS));
      const options = { signal: waiting.signal };
      signal.addEventListener("abort", done, options);
      if (atLeastMs > 0) return;
      globalThis.addEventListener?.("online", done, options);
      page()?.addEventListener("visibilitychange", done, options);
    });
  }
}

export function because(what: string): (error: unknown) => never {
  return (error) => {
    throw new Error(`${what}: ${messageOf(error)}`);
  };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function page(): Document | undefined {
  return (globalThis as { readonly document?: Document }).document;
}

export function isHidden(): boolean {
  return page()?.visibilityState === "hidden";
}
