/** A value as JSON has it. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/**
 * What is known about the caller: what flags decide by.
 *
 * It is read the way JSON would carry it: members that are `undefined` are absent, `NaN` is `null`, a lone surrogate is U+FFFD.
 */
export interface EvaluationContext {
  /** Who or what is asking: the unit that splits are made by, unless a split says otherwise. */
  readonly targetingKey?: string | undefined;
  readonly [attribute: string]: ContextValue;
}

/** What a context may hold. */
export type ContextValue =
  | undefined
  | null
  | boolean
  | number
  | string
  | readonly ContextValue[]
  | { readonly [key: string]: ContextValue };

/** Why a flag came to its value. The names are OpenFeature's, and one more. */
export type Reason =
  | "STATIC"
  | "DEFAULT"
  | "TARGETING_MATCH"
  | "SPLIT"
  | "DISABLED"
  | "PREREQUISITE_FAILED"
  | "ERROR"
  | (string & {});

/** Why the caller's fallback was used. */
export type ErrorCode = "FLAG_NOT_FOUND" | "TYPE_MISMATCH" | "PROVIDER_NOT_READY" | (string & {});

/** What a flag came to, without the version that said so. */
export interface Answer<T = JsonValue> {
  readonly value: T;
  /** Absent when the fallback was used, or the failsafe. */
  readonly variant?: string;
  readonly reason: Reason;
  /** The name of the rule that chose, or its position as text. Absent when no rule chose. */
  readonly rule?: string;
  /** The stage of the release that chose. Absent when none did that has started. */
  readonly stage?: string;
  /** On which side the unit is compared while the release is at that stage. Absent when it is on neither. */
  readonly arm?: "treated" | "control";
  /** The split at the flag's default had no unit to go by. */
  readonly missingUnit?: true;
}

/** What one flag came to, and why. Frozen; the same object as long as nothing of it changes. */
export interface Details<T> extends Answer<T> {
  /** The version of the environment that was evaluated; 0 before the first one came. */
  readonly version: number;
  /** No edge has confirmed the answer for longer than `maxAgeS`. */
  readonly stale?: true;
  /** Present exactly when the fallback was used. */
  readonly errorCode?: ErrorCode;
}

/** The answers of all flags for one context: what a server puts into a page, and what is kept for the next visit. */
export interface Snapshot {
  /** By key. `failsafe` is the value to serve once the answer is too old. */
  readonly flags: { readonly [key: string]: Answer & { readonly failsafe?: JsonValue } };
  /** The version of the environment. */
  readonly version: number;
  /** The instant, in ms since 1970, at which an answer may change by itself; `null` where none will. */
  readonly nextChange?: number | null;
  /** What the answers are for. */
  readonly context?: EvaluationContext;
  /** When an edge confirmed them last, in ms since 1970. */
  readonly at?: number;
  /** The entity tag of the answers. */
  readonly etag?: string | null;
}

/** How far a client has come. It only moves forward, except between `ready` and `stale`. */
export interface Status {
  /**
   * - `loading`: no flags yet, every read gives its fallback.
   * - `ready`: flags are evaluated.
   * - `stale`: flags are evaluated, but the edge cannot be reached at the moment, or has not confirmed them for too long.
   * - `closed`: the answers stay what they were.
   */
  readonly state: "loading" | "ready" | "stale" | "closed";
  /**
   * Where the answers come from: the page, the visit before, the edge, or the engine in this page. Absent where there
   * are none.
   */
  readonly source?: "bootstrap" | "storage" | "values" | "local";
  /** What keeps the client from being `ready`, as a sentence for a log. */
  readonly problem?: string;
  /** The edge refused this client: it is not worth waiting for. */
  readonly refused?: true;
  /** The edge has not decided for the context yet: what it has to decide is as it was for the one before. */
  readonly pending?: true;
  /** Why the edge evaluates although the engine should: the page may not compile WebAssembly, say. */
  readonly engineProblem?: string;
}

/** What a listener is told. */
export interface Change {
  /** The keys of the flags whose answer is another one now. */
  readonly changed: readonly string[];
}

/** Called after answers changed, never before the new ones can be read. */
export type Listener = (change: Change) => void;

/** Listens to all flags or to one; returns the function that stops it. Needs no `this`. */
export interface Subscribe<Flags extends object = AnyFlags> {
  (listener: Listener): () => void;
  (key: KeyOf<Flags>, listener: Listener): () => void;
}

/** The engine's wasm: bytes, a module, a response, or where to fetch it. */
export type Wasm = BufferSource | WebAssembly.Module | Response | URL | string;

/** Looks at the bytes of a program and at the signature (base64) that came with it, if any did. */
export type Verify = (program: Uint8Array<ArrayBuffer>, signature: string | null) => Promise<void>;

/** What `createClient` needs to know. */
export interface ClientOptions {
  /** The address of the edge, with its base path if it has one. In a page it may be relative. */
  readonly url: string;
  /** The browser key: a public id, which sees only what the ruleset exposes. */
  readonly key: string;
  readonly context?: EvaluationContext;
  /**
   * When to evaluate in the page, by an engine of about 11 kB: `"lazy"` (default), once the first answers are there and the
   * browser is idle; `"eager"`, from the start; `"off"`, never: the edge does.
   */
  readonly engine?: "lazy" | "eager" | "off";
  /** Answers to begin with, as `Client.snapshot` or `fetchSnapshot` of `vexil/server` gives them. */
  readonly bootstrap?: Snapshot;
  /** Keeps the last answers for the next visit; `localStorage` unless said otherwise, `null` for nothing. */
  readonly storage?: Pick<Storage, "getItem" | "setItem"> | null;
  /**
   * In a page, a context without a `targetingKey` is given a random one, which is kept and stays in the context as
   * `anonymousId` when somebody logs in. Kept in a `"cookie"`, a server can read it; `false` gives none.
   */
  readonly anonymous?: "storage" | "cookie" | false;
  /** For how long, in seconds, answers may go unconfirmed before they are stale and flags serve their failsafe: 300 unless said otherwise. */
  readonly maxAgeS?: number;
  /** Whether the edge is told which variants were read, and what `track` and `time` say. True unless said otherwise. */
  readonly events?: boolean;
  /** Gives a context that a server signed, as a JWT; it is asked before every request, and wins over `context`. */
  readonly signed?: () => string | Promise<string>;
  /** Used instead of the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /**
   * Says that a program may be used: resolves if so, and else rejects with the reason. `vexil/signature` has one that
   * wants a signature of yours. Answers of the edge are not used then, and the engine is eager.
   */
  readonly verify?: Verify;
  /** The engine, or a function that gets it. Each entry but `vexil/slim` knows where to find it. */
  readonly wasm?: Wasm | Promise<Wasm> | (() => Wasm | Promise<Wasm>);
}

/** Flags of which nothing is known: any key may have any value. A client that knows its flags is one of these too. */
export type AnyFlags = any;

/** The keys of the flags that may have a value that is a `T`. */
export type KeyOf<Flags extends object, T = unknown> = string extends keyof Flags
  ? string
  : { [Key in keyof Flags & string]: [Extract<Flags[Key], T>] extends [never] ? never : Key }[keyof Flags & string];

/** What a read of `Key` gives: those of its values that are of that `Kind` where they are known, else any `T`. */
export type ValueOf<Flags extends object, Key extends string, Kind, T = Kind> = string extends keyof Flags
  ? T
  : Key extends keyof Flags
    ? Extract<Flags[Key], Kind>
    : T;

/**
 * Evaluates flags in memory. Reads are synchronous, and never throw.
 *
 * `Flags` has the values of each flag by its key, so that a key that does not exist or a fallback of another type does not
 * compile.
 */
export interface Client<Flags extends object = AnyFlags> {
  /**
   * Resolves when flags are there for the context, when the client is closed, when the edge refused this client, when
   * only flags of a context before are there and the edge cannot be reached, or after `timeoutMs` (10,000). Never rejects.
   */
  ready(options?: { readonly timeoutMs?: number }): Promise<Status>;
  boolean<Key extends KeyOf<Flags, boolean>>(key: Key, fallback: NoInfer<ValueOf<Flags, Key, boolean>>): ValueOf<Flags, Key, boolean>;
  string<Key extends KeyOf<Flags, string>>(key: Key, fallback: NoInfer<ValueOf<Flags, Key, string>>): ValueOf<Flags, Key, string>;
  number<Key extends KeyOf<Flags, number>>(key: Key, fallback: NoInfer<ValueOf<Flags, Key, number>>): ValueOf<Flags, Key, number>;
  /** The value is frozen: it is shared by everybody who reads the flag. */
  object<T extends ValueOf<Flags, Key, object>, Key extends KeyOf<Flags, object> = KeyOf<Flags, object>>(key: Key, fallback: T): ValueOf<Flags, Key, object, T>;
  /** Without a fallback a flag of any type will do, and the value of one that is not there is `undefined`. */
  details<Key extends KeyOf<Flags>>(key: Key): Details<ValueOf<Flags, Key, unknown, JsonValue> | undefined>;
  details<Key extends KeyOf<Flags, boolean>>(key: Key, fallback: ValueOf<Flags, Key, boolean>): Details<ValueOf<Flags, Key, boolean>>;
  details<Key extends KeyOf<Flags, string>>(key: Key, fallback: ValueOf<Flags, Key, string>): Details<ValueOf<Flags, Key, string>>;
  details<Key extends KeyOf<Flags, number>>(key: Key, fallback: ValueOf<Flags, Key, number>): Details<ValueOf<Flags, Key, number>>;
  details<T extends ValueOf<Flags, Key, object>, Key extends KeyOf<Flags, object> = KeyOf<Flags, object>>(key: Key, fallback: T): Details<ValueOf<Flags, Key, object, T>>;
  /** The context that answers are for: a frozen copy, with what the client added. */
  readonly context: EvaluationContext;
  /**
   * Takes `context` instead of the one before. With the engine in the page every flag is evaluated before this returns;
   * else the edge is asked, and the last answers stay until it has answered.
   *
   * @throws {TypeError} if `context` is not an object that JSON can carry. Nothing changes then.
   */
  setContext(context: EvaluationContext): void;
  readonly subscribe: Subscribe<Flags>;
  readonly status: Status;
  /** The version of the environment that answers come from; 0 before the first one came. */
  readonly version: number;
  /** The keys of all flags that this client may see. */
  flags(): readonly KeyOf<Flags>[];
  /** All answers, for `bootstrap` of another client; `undefined` while there are none. */
  snapshot(): Snapshot | undefined;
  /** Tells the edge that something happened to whom the context names: `track("checkout-error")`. */
  track(metric: string, value?: number): void;
  /** Tells the edge how long something took, in ms. */
  time(metric: string, ms: number): void;
  /** Sends what is waiting to be told. Never rejects. */
  flush(): Promise<void>;
  /** Ends all requests and timers, and sends what is waiting. Reads go on giving the last answers. */
  close(): void;
}
