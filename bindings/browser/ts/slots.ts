import type { EvaluationContext } from "./types.js";

/** How a value begins in the bytes that the engine reads. */
const MISSING = 0;
const NULL = 1;
const FALSE = 2;
const TRUE = 3;
const NUMBER = 4;
const TEXT = 5;
const LIST = 6;
const OBJECT = 7;

/**
 * A frozen copy of `context` with what JSON can say of it, so that the engine in the page and the one at the edge read the same.
 *
 * @throws {TypeError} if it is not an object that JSON can carry.
 */
export function copy(context: EvaluationContext): EvaluationContext {
  const json = JSON.stringify(context) as string | undefined;
  if (json?.[0] !== "{") throw new TypeError("the context must be an object");
  return freeze(JSON.parse(json.replace(ESCAPE, wellFormed)) as EvaluationContext);
}

/** Every escape is matched, so that a backslash which is itself escaped starts none. A surrogate is escaped only if it is alone. */
const ESCAPE = /\\(?:ud[89a-f]..|.)/g;

function wellFormed(escape: string): string {
  return escape.length > 2 ? "\ufffd" : escape;
}

/** Freezes what JSON made, through and through. */
export function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const member of Object.values(value)) freeze(member);
    Object.freeze(value);
  }
  return value;
}

/** Writes contexts as the attributes of one program, in the order of its slots. */
export class Slots {
  readonly #paths: readonly (readonly string[])[];
  readonly #encoder = new TextEncoder();
  #bytes = new Uint8Array(512);
  #view = new DataView(this.#bytes.buffer);
  #end = 0;

  /** `attributes` are names of members, or JSON Pointers where they begin with `/`. */
  constructor(attributes: readonly string[]) {
    this.#paths = attributes.map(path);
  }

  /** The bytes of `context`. They are valid until the next call. */
  encode(context: EvaluationContext): Uint8Array {
    this.#end = 0;
    for (const path of this.#paths) this.#value(find(context, path), true);
    return this.#bytes.subarray(0, this.#end);
  }

  #value(value: unknown, isOutermost: boolean): void {
    if (value === undefined) this.#tag(MISSING);
    else if (typeof value === "string") this.#text(value);
    else if (typeof value === "number") this.#number(value);
    else if (typeof value === "boolean") this.#tag(value ? TRUE : FALSE);
    else if (value === null) this.#tag(NULL);
    else if (isOutermost && Array.isArray(value)) this.#list(value);
    else this.#tag(OBJECT);
  }

  #tag(tag: number): void {
    this.#reserve(9);
    this.#bytes[this.#end++] = tag;
  }

  #number(number: number): void {
    this.#tag(NUMBER);
    this.#view.setFloat64(this.#end, number, true);
    this.#end += 8;
  }

  #text(text: string): void {
    this.#reserve(5 + 3 * text.length);
    const start = this.#end + 5;
    const { written } = this.#encoder.encodeInto(text, this.#bytes.subarray(start));
    this.#tag(TEXT);
    this.#view.setUint32(this.#end, written, true);
    this.#end = start + written;
  }

  #list(items: readonly unknown[]): void {
    this.#tag(LIST);
    this.#view.setUint32(this.#end, items.length, true);
    this.#end += 4;
    for (const item of items) this.#value(item, false);
  }

  #reserve(length: number): void {
    const { length: size } = this.#bytes;
    if (this.#end + length <= size) return;
    const bytes = new Uint8Array(2 * size + length);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}

function path(attribute: string): readonly string[] {
  if (attribute[0] !== "/") return [attribute];
  const tokens = attribute.slice(1).split("/");
  return tokens.map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Only own members count, and of an array only its elements. */
function find(context: EvaluationContext, path: readonly string[]): unknown {
  let value: unknown = context;
  for (const token of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, token)) return undefined;
    if (Array.isArray(value) && token === "length") return undefined;
    value = (value as Readonly<Record<string, unknown>>)[token];
  }
  return value;
}
