import { copy, freeze } from "./context.js";
import { timer } from "./timer.js";
import type { Answer, Client, Details, EvaluationContext, JsonValue, Listener, Snapshot, Status, Subscribe } from "./types.js";

/** A flag and what it came to last: a read is this and nothing more. */
export interface Flag {
  readonly key: string;
  value: JsonValue | undefined;
  /** Nobody has read it since it was evaluated. */
  isUnread: boolean;
}

/** Flags, and what they came to for one context. */
export interface Source {
  /** By key. One that was not read yet may be something else, that is not even `isUnread`. */
  readonly flags: ReadonlyMap<string, Flag>;
  get(key: string): Flag | undefined;
  keys(): Iterable<string>;
  /** With `isExpired` a flag that has a failsafe serves it. Returns the instant, in ms since 1970, at which an answer may change by itself. */
  evaluate(context: EvaluationContext, now: number, isExpired: boolean): number;
  /** What the flag came to last, or had come to at `mark`. */
  answer(flag: Flag, mark?: unknown): Answer;
  /** What the flag came to, for a {@link Snapshot}. */
  told(flag: Flag): Snapshot["flags"][string];
  /** Remembers the answers of now, until the source is freed. */
  mark(): unknown;
  /** Whether the flag came to the same that it had come to at `mark`. */
  isSame(flag: Flag, mark: unknown): boolean;
  /** Says that the source will not be read again. */
  free(): void;
}

/** What brings sources to a client, and tells others of it. */
export interface Link {
  /** Returns whether the edge has to decide for it; `undefined` where it was asked already. */
  contextChanged(): boolean | undefined;
  /** Somebody read the flag, for the first time since it was evaluated. */
  exposed?(flag: Flag, source: Source): void;
  tracked?(metric: string, value: number | undefined): void;
  flush?(): Promise<void>;
  close(): void;
}

/** What is new of a status: a member that is `undefined` is no more. */
type News = { readonly [Name in keyof Status]?: Status[Name] | undefined };

/** Reads are look-ups in a source; whoever brings sources says so, and listeners hear what changed. */
export class FlagClient implements Client {
  readonly #link: Link;
  readonly #maxAgeMs: number;
  readonly #identify: (context: EvaluationContext) => EvaluationContext;
  readonly #subscriptions = new Set<readonly [Listener, key: string | undefined]>();
  readonly #waiting = new Set<() => void>();
  readonly #details = new Map<string, readonly [Details<JsonValue>, change: number]>();
  /** Counts changes: details that were looked at since the last are right. */
  #changes = 0;
  #context: EvaluationContext;
  /** The context that the edge has answered for last. */
  #answered: EvaluationContext = {};
  /** What was read while the edge had not: nobody has been given it for sure. */
  readonly #early = new Set<string>();
  /** What was accepted, and what is read: the same but where something was put before it. */
  #accepted: Source | undefined;
  /** Not part of {@link Client}: `vexil/explain` reads it. */
  source: Source | undefined;
  #wrap: (source: Source) => Source = (source) => source;
  #flags: Source["flags"] = new Map<string, Flag>();
  version = 0;
  status: Status = Object.freeze({ state: "loading" });
  /** What was said for the status, where it does not follow from the rest. */
  #news: News = {};
  #confirmedAt = 0;
  #isExpired = false;
  /** The instant at which an answer may change by itself, as the edge says of its own. */
  #nextChange = Infinity;
  /** The instant at which an answer may change by itself, whoever decided it. */
  #until = Infinity;
  readonly #set = timer(() => this.#change(() => this.#evaluate()));

  /**
   * `identify` adds to a context what the client knows of its user.
   *
   * @throws {TypeError} if `context` is not an object that JSON can carry.
   */
  constructor(
    context: EvaluationContext,
    connect: (client: FlagClient) => Link,
    maxAgeS = 300,
    identify = (context: EvaluationContext): EvaluationContext => context,
  ) {
    this.#identify = identify;
    this.#maxAgeMs = 1000 * maxAgeS;
    this.#context = identify(copy(context));
    this.#link = connect(this);
  }

  // To compare with a type that is known costs less than to compare two: it is written out for each.
  boolean(key: string, fallback: boolean): boolean {
    const value = this.#read(key);
    return typeof value === "boolean" ? value : fallback;
  }

  string(key: string, fallback: string): string {
    const value = this.#read(key);
    return typeof value === "string" ? value : fallback;
  }

  number(key: string, fallback: number): number {
    const value = this.#read(key);
    return typeof value === "number" ? value : fallback;
  }

  object<T extends object>(key: string, fallback: T): T {
    const value = this.#read(key);
    return typeof value === "object" && value !== null ? (value as T) : fallback;
  }

  details<T>(key: string, fallback?: T): Details<T> {
    const value = this.#read(key);
    const source = this.source;
    const flag = source?.get(key);
    if (source && flag && (fallback === undefined || typeof fallback === typeof value)) return this.#explain(flag, source) as Details<T>;
    const errorCode = flag ? "TYPE_MISMATCH" : source ? "FLAG_NOT_FOUND" : "PROVIDER_NOT_READY";
    // No key begins with a space: it is beside what the flag came to.
    return this.#keep(` ${key}`, { value: fallback as JsonValue, reason: "ERROR", version: this.version, errorCode }) as Details<T>;
  }

  flags(): readonly string[] {
    return [...(this.source?.keys() ?? [])];
  }

  snapshot(): Snapshot | undefined {
    const source = this.#accepted;
    const flags = source && Object.fromEntries(Array.from(source.keys(), (key) => [key, source.told(source.get(key) as Flag)]));
    // What cannot be a number in JSON is `null` there: no change.
    const context = freeze(this.status.pending ? this.#answered : this.#context);
    return flags && { flags, version: this.version, nextChange: this.#until, context, at: this.#confirmedAt };
  }

  get context(): EvaluationContext {
    return freeze(this.#context);
  }

  setContext(context: EvaluationContext): void {
    const copied = this.#identify(copy(context));
    if (this.status.state === "closed") return;
    this.#context = copied;
    this.#change(() => {
      this.#evaluate();
      const isPending = this.#link.contextChanged() ?? this.status.pending;
      return isPending || this.status.pending ? { pending: isPending || undefined } : undefined;
    });
  }

  /** A property, so that it can be handed to `useSyncExternalStore` as it is. */
  readonly subscribe: Subscribe = (first: string | Listener, second?: Listener) => {
    const subscription = second ? ([second, first as string] as const) : ([first as Listener, undefined] as const);
    this.#subscriptions.add(subscription);
    return () => void this.#subscriptions.delete(subscription);
  };

  ready({ timeoutMs = 10_000 }: { readonly timeoutMs?: number } = {}): Promise<Status> {
    return new Promise((resolve) => {
      const done = (): void => {
        set(Infinity);
        this.#waiting.delete(look);
        resolve(this.status);
      };
      const look = (): void => {
        const { state, refused, pending } = this.status;
        // Who has answers for a context before need not wait for an edge that cannot be reached.
        if (state === "loading" ? refused : state !== "ready" || !pending) done();
      };
      const set = timer(done);
      this.#waiting.add(look);
      set(Date.now() + timeoutMs);
      look();
    });
  }

  track(metric: string, value?: number): void {
    this.#link.tracked?.(metric, value);
  }

  time(metric: string, ms: number): void {
    this.track(metric, ms);
  }

  async flush(): Promise<void> {
    return this.#link.flush?.();
  }

  close(): void {
    if (this.status.state === "closed") return;
    this.#set(Infinity);
    this.#link.close();
    this.#change(() => ({ state: "closed" }));
  }

  /**
   * Takes `source`, which may be the one it has with other answers, unless it is older than what there is. The edge
   * confirmed it `at` that instant, and says when it may change by itself; both in ms since 1970. What `isOthers` was made
   * for another context, and is read until the edge answers for this one.
   */
  accept(source: Source, version: number, from: Status["source"], at: number, nextChange = Infinity, isOthers?: boolean): void {
    const before = this.#accepted;
    if (version < this.version || this.status.state === "closed") return source === before ? undefined : source.free();
    this.#change(() => {
      if (source !== before) this.#use(source);
      this.version = version;
      this.#nextChange = nextChange;
      this.#confirmedAt = Math.max(at, this.#confirmedAt);
      this.#evaluate();
      return { source: from, problem: undefined, refused: undefined, pending: isOthers || undefined };
    });
    if (source !== before) before?.free();
    if (isOthers) return;
    this.#answered = this.#context;
    for (const key of this.#early) this.#read(key);
    this.#early.clear();
  }

  /** The edge has said that there is nothing newer. */
  confirm(): void {
    this.#confirmedAt = Date.now();
    if (this.#isExpired) this.#change(() => this.#evaluate());
  }

  /** Notes that the edge cannot be reached, or, where it `isRefused`, that asking again will not help. */
  fail(problem: string, isRefused: boolean): void {
    this.#change(() => ({ problem, refused: isRefused || undefined }));
  }

  /** Notes that the engine cannot be used. */
  failEngine(engineProblem: string): void {
    this.#change(() => ({ engineProblem }));
  }

  /** Puts something before every source, such as values of a developer's choice. Not part of {@link Client}: `vexil/devtools` uses it. */
  override(wrap: (source: Source) => Source): void {
    this.#wrap = wrap;
    const source = this.#accepted;
    if (source) this.#change(() => (this.#use(source), this.#evaluate()));
  }

  #use(source: Source): void {
    this.#accepted = source;
    this.source = this.#wrap(source);
    this.#flags = this.source.flags;
  }

  #read(key: string): JsonValue | undefined {
    const flag = this.#flags.get(key);
    return flag?.isUnread === false ? flag.value : this.#readFirst(key);
  }

  #readFirst(key: string): JsonValue | undefined {
    const source = this.source;
    const flag = source?.get(key);
    if (this.status.pending) this.#early.add(key);
    else if (source && flag?.isUnread) {
      flag.isUnread = false;
      this.#link.exposed?.(flag, source);
    }
    return flag?.value;
  }

  #explain(flag: Flag, source: Source): Details<JsonValue> {
    const [known, change] = this.#details.get(flag.key) ?? [];
    if (known && change === this.#changes) return known;
    return this.#keep(flag.key, { ...source.answer(flag), version: this.version, ...(this.#isExpired && { stale: true as const }) });
  }

  /** The same object as long as it would be an equal one. */
  #keep(name: string, made: Details<JsonValue>): Details<JsonValue> {
    const known = this.#details.get(name)?.[0];
    const details = known && isEqual(known, made) ? known : Object.freeze(made);
    this.#details.set(name, [details, this.#changes]);
    return details;
  }

  #evaluate(): void {
    const source = this.source;
    if (!source) return;
    const now = Date.now();
    const expiry = this.#confirmedAt + this.#maxAgeMs;
    this.#isExpired = now >= expiry;
    const local = source.evaluate(this.#context, now, this.#isExpired);
    this.#until = Math.min(local, this.#nextChange);
    this.#set(this.#isExpired ? local : Math.min(local, expiry));
  }

  /** Does `what`, which returns what is new of the status, if anything is; then tells listeners. */
  #change(what: () => News | void): void {
    const { status, version } = this;
    const isExpired = this.#isExpired;
    const before = this.source;
    const subscriptions = this.#subscriptions.size > 0 ? [...this.#subscriptions] : [];
    const mark = subscriptions[0] && before?.mark();
    const news = what();
    if (news || isExpired !== this.#isExpired) this.#settle(news);
    this.#changes++;
    const isOther = status !== this.status || version !== this.version;
    const now = this.source;
    const differs = (key: string): boolean => {
      const [was, is] = [before?.get(key), now?.get(key)];
      if (!was || !is) return was !== is;
      // Numbers tell answers of one source apart; of two, only what they stand for does.
      return before === now ? !now?.isSame(is, mark) : !isEqual(before?.answer(was, mark), now?.answer(is));
    };
    let all: readonly string[] | undefined;
    for (const subscription of subscriptions) {
      const [listener, key] = subscription;
      const changed = key === undefined ? (all ??= [...new Set([...(before?.keys() ?? []), ...(now?.keys() ?? [])])].filter(differs)) : [key].filter(differs);
      if ((changed.length === 0 && (key !== undefined || !isOther)) || !this.#subscriptions.has(subscription)) continue;
      try {
        listener({ changed });
      } catch (error) {
        // It is the listener's own affair, and reported as such.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  /** What there is to say of the client, once something of it changed. */
  #settle(news: News | void): void {
    this.#news = { ...this.#news, ...news };
    const { problem = this.#isExpired ? `no edge has confirmed the answers for ${this.#maxAgeMs / 1000} s` : undefined } = this.#news;
    const state = !this.source ? "loading" : problem === undefined ? "ready" : "stale";
    // As JSON has it, without what is undefined.
    const status = JSON.parse(JSON.stringify({ state, ...this.#news, problem })) as Status;
    if (!isEqual(status, this.status)) this.status = Object.freeze(status);
    for (const look of this.#waiting) look();
  }
}

/** Of what is written in one order. */
function isEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
