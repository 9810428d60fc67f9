import type {
  Change,
  Client,
  Details,
  ErrorCode,
  EvaluationContext,
  JsonValue,
  Listener,
  Reason,
  Status,
  Subscribe,
} from "./types.js";
import { copy, freeze } from "./context.js";
import type { Flag } from "./tables.js";

/** Flags, and what they came to for one context. */
export interface Source {
  /**
   * {@link STRIDE} words a flag: variant (16 bits), reason (7), missing unit (1), arm (2); rule; the text that is the
   * name of the stage. They are others after the next evaluation.
   */
  readonly answers: Uint32Array;
  /** By key. One that was not read yet is missing, or has no value. */
  readonly flags: ReadonlyMap<string, Flag>;
  get(key: string): Flag | undefined;
  keys(): readonly string[];
  /** The text of that number. */
  text(number: number): string;
  /** Returns the instant, in ms since 1970, at which an answer may change by itself. */
  evaluate(context: EvaluationContext, now: number): number;
  /** Says that the source will not be read again. */
  free(): void;
}

/** What brings sources to a client. */
export interface Link {
  contextChanged(): void;
  close(): void;
}

const REASONS: readonly Reason[] = ["STATIC", "DEFAULT", "TARGETING_MATCH", "SPLIT", "DISABLED", "PREREQUISITE_FAILED"];
const ARMS = [undefined, "treated", "control"] as const;
/** How many words the answer of a flag has, and how many further the next one is: between them is when it changes. */
const WORDS = 3;
export const STRIDE = 6;
/** In the place of a rule or a stage: there is none. */
const NONE = 0xffff_ffff;
/** The longest that a timer can wait: one that is to wait longer does not wait at all. */
export const LONGEST_MS = 0x7fff_ffff;

/** Reads are look-ups in a source; whoever brings sources or live states says so, and listeners hear what changed. */
export class FlagClient implements Client {
  readonly #link: Link;
  readonly #subscriptions = new Set<{ readonly key: string | undefined; readonly listener: Listener }>();
  readonly #waiting = new Set<() => void>();
  readonly #details = new Map<string, { readonly words: Uint32Array; readonly details: Details<JsonValue> }>();
  #context: EvaluationContext;
  #source: Source | undefined;
  #flags: Source["flags"] = new Map<string, Flag>();
  #version = 0;
  #status: Status = Object.freeze({ state: "loading" });
  #isRefused = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @throws {TypeError} if `context` is not an object that JSON can carry.
   */
  constructor(context: EvaluationContext, connect: (client: FlagClient) => Link) {
    this.#context = copy(context);
    this.#link = connect(this);
  }

  // To compare with a type that is known costs less than to compare two: it is written out for each.
  boolean(key: string, fallback: boolean): boolean {
    const value = this.#flags.get(key)?.value ?? this.#source?.get(key)?.value;
    return typeof value === "boolean" ? value : fallback;
  }

  string(key: string, fallback: string): string {
    const value = this.#flags.get(key)?.value ?? this.#source?.get(key)?.value;
    return typeof value === "string" ? value : fallback;
  }

  number(key: string, fallback: number): number {
    const value = this.#flags.get(key)?.value ?? this.#source?.get(key)?.value;
    return typeof value === "number" ? value : fallback;
  }

  object<T extends object>(key: string, fallback: T): T {
    const value = this.#flags.get(key)?.value ?? this.#source?.get(key)?.value;
    return typeof value === "object" ? (value as T) : fallback;
  }

  details<T>(key: string, fallback?: T): Details<T> {
    const flag = this.#source?.get(key);
    if (flag === undefined) return this.#failed(fallback, this.#source ? "FLAG_NOT_FOUND" : "PROVIDER_NOT_READY");
    if (fallback !== undefined && typeof fallback !== typeof flag.value) return this.#failed(fallback, "TYPE_MISMATCH");
    return this.#explain(flag) as Details<T>;
  }

  flags(): readonly string[] {
    return this.#source?.keys() ?? [];
  }

  get context(): EvaluationContext {
    return freeze(this.#context);
  }

  setContext(context: EvaluationContext): void {
    const copied = copy(context);
    if (this.#status.state === "closed") return;
    this.#context = copied;
    this.#change(() => this.#evaluate());
    this.#link.contextChanged();
  }

  /** A property, so that it can be handed to `useSyncExternalStore` as it is. */
  readonly subscribe: Subscribe = (first: string | Listener, second?: Listener) => {
    const subscription = { key: second && (first as string), listener: second ?? (first as Listener) };
    this.#subscriptions.add(subscription);
    return () => void this.#subscriptions.delete(subscription);
  };

  get status(): Status {
    return this.#status;
  }

  get version(): number {
    return this.#version;
  }

  /** Where answers come from, once there are some. Not part of {@link Client}: `vexil/explain` reads it. */
  get source(): Source | undefined {
    return this.#source;
  }

  ready({ timeoutMs = 10_000 }: { readonly timeoutMs?: number } = {}): Promise<Status> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve(this.#status);
      };
      const timer = setTimeout(done, Math.min(timeoutMs, LONGEST_MS));
      if (this.#status.state !== "loading" || this.#isRefused) done();
      else this.#waiting.add(done);
    });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#link.close();
    this.#change(() => this.#reach("closed"));
  }

  /** Takes `source`, which may be the one it has with another live state, unless it is older than what there is. */
  accept(source: Source, version: number): void {
    if (version < this.#version || this.#status.state === "closed") return;
    const before = this.#source;
    this.#change(() => {
      if (source !== before) this.#details.clear();
      this.#source = source;
      this.#flags = source.flags;
      this.#version = version;
      this.#evaluate();
      this.#reach("ready");
    });
    if (source !== before) before?.free();
  }

  /** Notes that the edge cannot be reached, or, where it `isRefused`, that asking again will not help. */
  fail(problem: string, isRefused: boolean): void {
    this.#isRefused = isRefused;
    if (this.#status.state !== "closed") this.#change(() => this.#reach(this.#source ? "stale" : "loading", problem));
  }

  #failed<T>(value: T | undefined, errorCode: ErrorCode): Details<T> {
    return Object.freeze({ value: value as T, reason: "ERROR", version: this.#version, errorCode });
  }

  /** The same object as long as it would be an equal one. */
  #explain(flag: Flag): Details<JsonValue> {
    const words = wordsOf(flag, this.#source);
    const known = this.#details.get(flag.key);
    if (known && isSame(known.words, words) && known.details.version === this.#version) return known.details;
    const details = Object.freeze({ ...explanation(flag, words, this.#source), version: this.#version });
    this.#details.set(flag.key, { words: words.slice(), details });
    return details;
  }

  #evaluate(): void {
    clearTimeout(this.#timer);
    const now = Date.now();
    const next = this.#source?.evaluate(this.#context, now) ?? Infinity;
    if (next === Infinity) return;
    this.#timer = setTimeout(() => this.#change(() => this.#evaluate()), Math.min(next - now, LONGEST_MS));
  }

  #reach(state: Status["state"], problem?: string): void {
    const { state: old, problem: oldProblem } = this.#status;
    if (state !== old || problem !== oldProblem) {
      this.#status = Object.freeze(problem === undefined ? { state } : { state, problem });
    }
    if (state !== "loading" || this.#isRefused) for (const done of this.#waiting) done();
  }

  /** Does `what`, then tells listeners. */
  #change(what: () => void): void {
    if (this.#subscriptions.size === 0) return what();
    const { status, version } = this;
    const before = this.#source;
    const answers = before?.answers.slice();
    what();
    const isOther = status !== this.#status || version !== this.#version;
    const subscriptions = [...this.#subscriptions];
    const all = subscriptions.some(({ key }) => key === undefined) ? this.#changed(before, answers) : [];
    for (const subscription of subscriptions) {
      const { key, listener } = subscription;
      const changed =
        key === undefined ? all : this.#differs(key, before, answers) ? [key] : [];
      const isHeard = changed.length > 0 || (isOther && key === undefined);
      if (isHeard && this.#subscriptions.has(subscription)) tell(listener, { changed });
    }
  }

  #changed(before: Source | undefined, old: Uint32Array | undefined): readonly string[] {
    const now = this.#source;
    const keys = new Set([...(before?.keys() ?? []), ...(now?.keys() ?? [])]);
    return [...keys].filter((key) => this.#differs(key, before, old));
  }

  /** Whether a flag has another answer than it had in `before`. Numbers tell answers of one program apart; of two, only what they stand for does. */
  #differs(key: string, before: Source | undefined, old: Uint32Array | undefined): boolean {
    const now = this.#source;
    const [was, is] = [before?.get(key), now?.get(key)];
    if (was === undefined || is === undefined) return was !== is;
    const words = [wordsOf(was, before, old), wordsOf(is, now)] as const;
    if (was === is) return !isSame(...words);
    return JSON.stringify(explanation(was, words[0], before)) !== JSON.stringify(explanation(is, words[1], now));
  }
}

function wordsOf({ index }: Flag, source: Source | undefined, answers = source?.answers): Uint32Array {
  const at = STRIDE * index;
  return (answers ?? new Uint32Array()).subarray(at, at + WORDS);
}

function isSame(some: Uint32Array, others: Uint32Array): boolean {
  return some.every((word, place) => word === others[place]);
}

function explanation({ variants, rules }: Flag, words: Uint32Array, source: Source | undefined): Omit<Details<JsonValue>, "version"> {
  const [answer = 0, rule = NONE, stage = NONE] = words;
  const [variant, value] = variants[answer & 0xffff] ?? ["", null];
  const arm = ARMS[(answer >> 24) & 3];
  return {
    value,
    variant,
    reason: REASONS[(answer >> 16) & 0x7f] ?? "ERROR",
    ...(rule === NONE ? {} : { rule: rules[rule] ?? String(rule) }),
    ...(stage === NONE || source === undefined ? {} : { stage: source.text(stage) }),
    ...(arm === undefined ? {} : { arm }),
    ...((answer >> 23) & 1 ? { missingUnit: true } : {}),
  };
}

/** What a listener throws is its own affair, and reported as such. */
function tell(listener: Listener, change: Change): void {
  try {
    listener(change);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
