// The two numbers under the visitor: how long every flag took to evaluate, and how many requests that made.

import type { Client } from "vexil";
import { byId, setText } from "./dom.js";

/** A browser's clock is too coarse for one evaluation, so a sample repeats it for this long and divides. */
const SAMPLE_MS = 1;
const SAMPLES = 7;

/** Shows what the last change of context cost. */
export class Gauge {
  readonly #flags: Client;
  readonly #requests: () => number;
  #requestsBefore = 0;

  /** `requests` counts what this page has sent for its flags so far. */
  constructor(flags: Client, requests: () => number) {
    this.#flags = flags;
    this.#requests = requests;
  }

  /** Call before the context changes. */
  start(): void {
    this.#requestsBefore = this.#requests();
  }

  /** Call after the page has been brought up to date. */
  show(): void {
    const count = this.#flags.flags().length;
    if (count === 0) return;
    const requests = this.#requests() - this.#requestsBefore;
    setText(byId("gauge-time", HTMLElement), duration(this.#evaluateAllMs()));
    setText(byId("gauge-text", HTMLElement), `to evaluate ${count} flags, ${requests} ${requests === 1 ? "request" : "requests"}`);
  }

  /** The time of one `setContext`, the whole call as a page makes it: the median of a few samples. */
  #evaluateAllMs(): number {
    const samples = Array.from({ length: SAMPLES }, () => this.#sample()).sort((one, other) => one - other);
    return samples[Math.floor(SAMPLES / 2)] ?? 0;
  }

  #sample(): number {
    const context = this.#flags.context;
    const started = performance.now();
    let rounds = 0;
    let now = started;
    while (now - started < SAMPLE_MS) {
      for (let round = 0; round < 16; round++) this.#flags.setContext(context);
      rounds += 16;
      now = performance.now();
    }
    return (now - started) / rounds;
  }
}

function duration(ms: number): string {
  const micros = ms * 1000;
  return micros < 10 ? `${micros.toFixed(1)} µs` : `${Math.round(micros)} µs`;
}
