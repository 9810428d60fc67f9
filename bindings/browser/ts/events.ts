import type { FlagClient, Flag, Source } from "./client.js";
import { page } from "./edge.js";
import type { Edge, Refusal } from "./edge.js";
import { randomId } from "./store.js";
import type { EvaluationContext } from "./types.js";

/** How long one may wait: usually, and where a release compares what happens. */
const WAIT_MS = 10_000;
const RELEASE_WAIT_MS = 1_000;
/** The longest wait after failures. */
const LONGEST_WAIT_MS = 300_000;
/** How many may wait, and how many are sent at once: browsers send no more than 64 KiB while a page leaves. */
const MOST = 1_000;
const BATCH = 250;

/** Of one unit, in the order in which they happened. Sent twice under its id it counts once. */
interface Batch {
  readonly id: string;
  readonly units: object;
  readonly events: object[];
}

/** Tells the edge which variants were read, and what happened then. */
export class Events {
  readonly #edge: Edge;
  readonly #client: FlagClient;
  /** What was told: once for a flag, variant and unit. */
  readonly #told = new Set<string>();
  readonly #batches: Batch[] = [];
  #count = 0;
  #dropped = 0;
  /** Somebody is in a comparison: what happens to them is wanted at once. */
  #isCompared = false;
  #failures = 0;
  #notBefore = 0;
  #due = Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending: Promise<void> | undefined;
  #context: EvaluationContext | undefined;
  #units: { targetingKey?: string | undefined; anonymousId?: unknown } = {};

  constructor(edge: Edge, client: FlagClient) {
    this.#edge = edge;
    this.#client = client;
  }

  exposed(flag: Flag, source: Source): void {
    const { variant, stage, arm } = source.answer(flag);
    this.#identify();
    const what = JSON.stringify([this.#units, flag.key, variant]);
    if (this.#told.has(what)) return;
    this.#told.add(what);
    this.#isCompared ||= arm !== undefined;
    this.#add({ flag: flag.key, variant, stage, arm, version: this.#client.version }, arm ? RELEASE_WAIT_MS : WAIT_MS);
  }

  tracked(metric: string, value: number | undefined): void {
    this.#identify();
    this.#add({ metric, value }, this.#isCompared ? 0 : WAIT_MS);
  }

  /** Sends all that waits, as long as the edge takes it. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#due = Infinity;
    return (this.#sending ??= this.#send().finally(() => (this.#sending = undefined)));
  }

  /** Sends all that waits before the page may be gone, what is under way too: it counts once. */
  leave(): void {
    const window = page()?.defaultView;
    if (!window) return void this.flush();
    while (this.#batches[0] && window.navigator.sendBeacon(`${this.#edge.base}/v1/events`, this.#body(this.#batches[0]))) this.#done();
  }

  /** Whom events are about, as of now. */
  #identify(): void {
    const { context } = this.#client;
    if (context === this.#context) return;
    this.#context = context;
    const { targetingKey, anonymousId } = context;
    if (targetingKey !== this.#units.targetingKey || anonymousId !== this.#units.anonymousId) this.#units = { targetingKey, anonymousId };
  }

  #add(event: object, waitMs: number): void {
    if (this.#edge.signal.aborted) return;
    if (this.#count >= MOST) {
      if (this.#dropped === 0) console.warn(`vexil: more than ${MOST} events wait, the next are dropped`);
      this.#dropped += 1;
      return;
    }
    let batch = this.#batches.at(-1);
    // The first may be under way.
    if (!batch || batch.units !== this.#units || batch.events.length >= BATCH || (this.#sending && this.#batches.length === 1)) {
      batch = { id: randomId(), units: this.#units, events: [] };
      this.#batches.push(batch);
    }
    batch.events.push({ ...event, at: Date.now() });
    this.#count += 1;
    this.#schedule(waitMs);
  }

  #schedule(waitMs: number): void {
    if (this.#edge.signal.aborted) return;
    const now = Date.now();
    const due = Math.max(now + waitMs, this.#notBefore);
    if (due >= this.#due) return;
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => void this.flush(), due - now);
  }

  async #send(): Promise<void> {
    for (let batch; (batch = this.#batches[0]); ) {
      try {
        await this.#edge.ask("events", { method: "POST", body: this.#body(batch), keepalive: true });
        this.#failures = 0;
      } catch (error) {
        const { isFinal, retryAfterMs = 0 } = error as Partial<Refusal>;
        if (!isFinal) {
          const waitMs = Math.max(Math.min(WAIT_MS * 2 ** this.#failures++, LONGEST_WAIT_MS), retryAfterMs);
          this.#notBefore = Date.now() + waitMs;
          return this.#schedule(waitMs);
        }
        this.#dropped += batch.events.length;
        console.warn(`vexil: ${batch.events.length} events are dropped: ${(error as Error).message}`);
      }
      // Unless the page left meanwhile and they went otherwise.
      if (batch === this.#batches[0]) this.#done();
    }
  }

  #done(): void {
    this.#count -= this.#batches.shift()?.events.length ?? 0;
    this.#dropped = 0;
  }

  #body({ id, units, events }: Batch): string {
    const { key } = this.#edge;
    return JSON.stringify({ key, batch: id, sent: Date.now(), units, events, ...(this.#dropped && { dropped: this.#dropped }) });
  }
}
