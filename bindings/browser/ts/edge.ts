import type { ClientOptions } from "./types.js";

/** What waiting before the next attempt begins with, and the most it grows to. */
export const FIRST_WAIT_MS = 1_000;
export const LONGEST_WAIT_MS = 30_000;

/** Where questions go. */
export interface Edge {
  /** Its address, without a slash at its end. */
  readonly base: string;
  readonly key: string;
  /** Ends with the client. */
  readonly signal: AbortSignal;
  /**
   * @throws {Refusal} if the edge answers with an error.
   * @throws {Error} if it cannot be reached.
   */
  ask(path: string, init: RequestInit): Promise<Response>;
}

/** An error of the edge. */
export interface Refusal extends Error {
  /** Asking again will not help. */
  readonly isFinal: boolean;
  readonly retryAfterMs: number;
}

export function edgeAt(base: string, { key, fetch: ask = (input, init) => fetch(input, init) }: ClientOptions, signal: AbortSignal): Edge {
  return {
    base,
    key,
    signal,
    async ask(path, init) {
      const response = await ask(`${base}/v1/${path}`, init).catch((error: unknown) => {
        throw new Error(`the edge cannot be reached: ${messageOf(error)}`);
      });
      const { ok, status, headers } = response;
      if (ok || status === 304) return response;
      throw Object.assign(refusal(status, status === 401 || status === 403 ? ": is the key right?" : ""), {
        isFinal: status < 500 && status !== 408 && status !== 429,
        retryAfterMs: 1000 * (Number(headers.get("Retry-After")) || 0),
      });
    },
  };
}

/**
 * How many ms to wait after so many failures. Full jitter: anything up to a bound that doubles, so that clients which lost
 * the edge together come back apart.
 */
export function backoff(failures: number): number {
  return Math.random() * Math.min(FIRST_WAIT_MS * 2 ** failures, LONGEST_WAIT_MS);
}

/** An answer that is of no use, and what may be the reason. */
export function refusal(status: number, question: string): Error {
  return new Error(`the edge answered ${status}${question}`);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
