import type { FlagClient, Flag, Source } from "./client.js";
import { backoff } from "./edge.js";
import type { Edge, Refusal } from "./edge.js";
import { page } from "./page.js";
import { randomId } from "./store.js";
import { timer } from "./timer.js";

/** How long one may wait: usually, and where a release compares what happens. */
const WAIT_MS = 10_000;
const RELEASE_WAIT_MS = 1_000;
/** How many may wait, and how many are sent at once: browsers send no more than 64 KiB while a page leaves. */
const MOST = 1_000;
const BATCH = 100;

/** Of one unit, in the order in which they happened. Sent twice under its id it counts once. */
interface Batch {
  readonly batch: string;
  readonly units: object;
  readonly events: object[];
}

/** Tells the edge which variants were read, and what happened then. */
export interface Events {
  exposed(flag: Flag, source: Source): void;
  tracked(metric: string, value: number | undefined): void;
  /** Sends all that waits, as long as the edge takes it. */
  flush(): Promise<void>;
  /** Sends all that waits before the page may be gone, what is under way too: it counts once. */
  leave(): void;
}

export function eventsTo({ base, key, signal, ask }: Edge, client: FlagClient): Events {
  /** What was told: once for a flag, variant, unit, and stage and arm of a release. */
  const told = new Set<string>();
  const batches: Batch[] = [];
  /** Those that the edge may have counted: what is sent again under its name must be what it was. */
  const sent = new WeakSet<Batch>();
  let count = 0;
  let dropped = 0;
  /** Somebody is in a comparison: what happens to them is wanted at once. */
  let isCompared = false;
  let failures = 0;
  let notBefore = 0;
  let due = Infinity;
  let sending: Promise<void> | undefined;
  let units: { readonly targetingKey?: string | undefined; readonly anonymousId?: unknown } = {};

  /** Whom events are about, as of now: the same object as long as it is the same unit. */
  const identify = (): void => {
    const { targetingKey, anonymousId } = client.context;
    if (targetingKey !== units.targetingKey || anonymousId !== units.anonymousId) units = { targetingKey, anonymousId };
  };

  const add = (event: object, waitMs: number): void => {
    if (signal.aborted) return;
    if (count >= MOST) return void (dropped++ || warn(`more than ${MOST} wait`));
    let batch = batches.at(-1);
    if (!batch || batch.units !== units || batch.events.length >= BATCH || sent.has(batch)) {
      batches.push((batch = { batch: randomId(), units, events: [] }));
    }
    batch.events.push({ ...event, at: Date.now() });
    count++;
    schedule(waitMs);
  };

  const schedule = (waitMs: number): void => {
    const at = Math.max(Date.now() + waitMs, notBefore);
    if (at < due && !signal.aborted) set((due = at));
  };

  const flush = (): Promise<void> => {
    set((due = Infinity));
    return (sending ??= send().finally(() => (sending = undefined)));
  };
  const set = timer(flush);

  const send = async (): Promise<void> => {
    for (let batch; (batch = batches[0]); ) {
      try {
        await ask("events", { method: "POST", body: body(batch), keepalive: true });
        failures = 0;
      } catch (error) {
        const { isFinal, retryAfterMs = 0, message } = error as Refusal;
        if (!isFinal) {
          notBefore = Date.now() + Math.max(WAIT_MS + backoff(failures++), retryAfterMs);
          return schedule(0);
        }
        warn(message);
      }
      // Unless the page left meanwhile and they went otherwise.
      if (batch === batches[0]) done();
    }
  };

  const warn = (why: string): void => console.warn(`vexil: events are dropped: ${why}`);

  const done = (): void => {
    count -= (batches.shift() as Batch).events.length;
    dropped = 0;
  };

  const body = (batch: Batch): string => {
    sent.add(batch);
    return JSON.stringify({ key, sent: Date.now(), ...batch, dropped: dropped || undefined });
  };

  return {
    exposed(flag, source) {
      const { variant, stage, arm } = source.answer(flag);
      identify();
      const what = JSON.stringify([units, flag.key, variant, stage, arm]);
      // What a failsafe serves is no variant.
      if (!variant || told.has(what)) return;
      told.add(what);
      isCompared ||= !!arm;
      add({ flag: flag.key, variant, stage, arm, version: client.version }, arm ? RELEASE_WAIT_MS : WAIT_MS);
    },
    tracked(metric, value) {
      identify();
      add({ metric, value }, isCompared ? 0 : WAIT_MS);
    },
    flush,
    leave() {
      if (!page()) void flush();
      else while (batches[0] && (navigator as Partial<Navigator>).sendBeacon?.(`${base}/v1/events`, body(batches[0]))) done();
    },
  };
}
