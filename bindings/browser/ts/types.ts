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

/** What one flag came to, and why. Frozen; the same object as long as nothing of it changes. */
export interface Details<T> {
  readonly value: T;
  /** Absent when the fallback was used. */
  readonly variant?: string;
  readonly reason: Reason;
  /** The name of the rule that chose, or its position as text. Absent when no rule chose. */
  readonly rule?: string;
  /** The stage of the release that chose. Absent when none did that has started. */
  readonly stage?: string;
  /** On which side the unit is compared while the release is at that stage. Absent when it is on neither. */
  readonly arm?: "treated" | "control";
  /** The version of the environment that was evaluated; 0 before the first one came. */
  readonly version: number;
  /** The split at the flag's default had no unit to go by. */
  readonly missingUnit?: true;
  /** Present exactly when the fallback was used. */
  readonly errorCode?: ErrorCode;
}

/** How far a client has come. It only moves forward, except between `ready` and `stale`. */
export interface Status {
  /**
   * - `loading`: no flags yet, every read gives its fallback.
   * - `ready`: flags are evaluated.
   * - `stale`: flags are evaluated, but the edge cannot be reached at the moment.
   * - `closed`: the answers stay what they were.
   */
  readonly state: "loading" | "ready" | "stale" | "closed";
  /** What keeps the client from being `ready`, as a sentence for a log. */
  readonly problem?: string;
}

/** What a listener is told. */
export interface Change {
  /** The keys of the flags whose answer is another one now. */
  readonly changed: readonly string[];
}

/** Called after answers changed, never before the new ones can be read. */
export type Listener = (change: Change) => void;

/** Listens to all flags or to one; returns the function that stops it. Needs no `this`. */
export interface Subscribe {
  (listener: Listener): () => void;
  (key: string, listener: Listener): () => void;
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
  /** Used instead of the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /**
   * Says that a program may be used: resolves if so, and else rejects with the reason. `vexil/signature` has one that
   * wants a signature of yours.
   */
  readonly verify?: Verify;
  /** The engine, or a function that gets it. Each entry but `vexil/slim` knows where to find it. */
  readonly wasm?: Wasm | Promise<Wasm> | (() => Wasm | Promise<Wasm>);
}

/** Evaluates flags in memory. Reads are synchronous, and never throw. */
export interface Client {
  /**
   * Resolves when flags are there, when the client is closed, when the edge refused this client, or
   * after `timeoutMs` (10,000). Never rejects.
   */
  ready(options?: { readonly timeoutMs?: number }): Promise<Status>;
  boolean(key: string, fallback: boolean): boolean;
  string(key: string, fallback: string): string;
  number(key: string, fallback: number): number;
  /** The value is frozen: it is shared by everybody who reads the flag. */
  object<T extends object>(key: string, fallback: T): T;
  /** Without a fallback a flag of any type will do, and the value of one that is not there is `undefined`. */
  details(key: string): Details<JsonValue | undefined>;
  details(key: string, fallback: boolean): Details<boolean>;
  details(key: string, fallback: string): Details<string>;
  details(key: string, fallback: number): Details<number>;
  details<T extends object>(key: string, fallback: T): Details<T>;
  /** The context that answers are for: a frozen copy. */
  readonly context: EvaluationContext;
  /**
   * Evaluates every flag for `context`, before it returns.
   *
   * @throws {TypeError} if `context` is not an object that JSON can carry. Nothing changes then.
   */
  setContext(context: EvaluationContext): void;
  readonly subscribe: Subscribe;
  readonly status: Status;
  /** The version of the environment that answers come from; 0 before the first one came. */
  readonly version: number;
  /** The keys of all flags that this client may see. */
  flags(): readonly string[];
  /** Ends all requests and timers. Reads go on giving the last answers. */
  close(): void;
}
