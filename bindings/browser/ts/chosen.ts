import type { AnyFlags, JsonValue, KeyOf, Snapshot, ValueOf } from "./types.js";

/** Flags and what they come to, whatever the context. */
export interface Chosen<Flags extends object = AnyFlags> {
  /** Takes these values, beside those of other flags. */
  set(flags: Partial<Flags>): void;
  /** Takes this value; with `undefined` there is no such flag any more. */
  set<Key extends KeyOf<Flags>>(key: Key, value: ValueOf<Flags, Key, unknown, JsonValue> | undefined): void;
}

/** A flag and what it came to, when that was read: once for each value and unit, as an edge is told it. */
export interface Exposure {
  readonly flag: string;
  readonly value: JsonValue;
}

/** What `track` or `time` said. */
export interface Metric {
  readonly metric: string;
  readonly value?: number;
}

/** `chosen` with what `set` was given: a copy, since answers are frozen. What is `undefined` is not in it. */
export function choose(chosen: object, first: object | string, value?: unknown): Record<string, JsonValue> {
  const all = { ...chosen, ...(typeof first === "string" ? { [first]: value } : first) };
  return JSON.parse(JSON.stringify(all)) as Record<string, JsonValue>;
}

/** The answers of flags that come to these values. Their variants have the value for a name. */
export function answers(chosen: Record<string, JsonValue>): Snapshot["flags"] {
  const named = (value: JsonValue): string => (typeof value === "string" ? value : JSON.stringify(value));
  return Object.fromEntries(Object.entries(chosen).map(([key, value]) => [key, { value, variant: named(value), reason: "STATIC" }]));
}
