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

/** Writes contexts as the attributes of one program, in the order of its slots. */
export class Slots {
  readonly #paths: readonly (readonly string[])[];
  readonly #encoder = new TextEncoder();
  readonly #room: (length: number) => Uint8Array;
  #bytes: Uint8Array = new Uint8Array();
  #view!: DataView;
  #end = 0;

  /**
   * `attributes` are names of members, or JSON Pointers where they begin with `/`. `room` gives bytes to write to; what it
   * gave before may be lost then.
   */
  constructor(attributes: readonly string[], room: (length: number) => Uint8Array = (length) => new Uint8Array(length)) {
    this.#paths = attributes.map(path);
    this.#room = room;
  }

  /** The bytes of `context`. They are valid until the next call. */
  encode(context: EvaluationContext): Uint8Array {
    this.write(context);
    return this.#bytes.subarray(0, this.#end);
  }

  /** Leaves the bytes of `context` in the room there is. */
  write(context: EvaluationContext): void {
    this.#end = 0;
    for (const path of this.#paths) this.#value(find(context, path), true);
  }

  /** The room is no longer there. */
  leave(): void {
    this.#bytes = new Uint8Array();
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
    this.#reserve(9 + 3 * text.length);
    const start = this.#end + 5;
    let length = 0;
    // Most texts are short and ASCII: what is, is written sooner here than by an encoder.
    for (let code; (code = text.charCodeAt(length)) < 0x80; length++) this.#bytes[start + length] = code;
    if (length < text.length) length += this.#encoder.encodeInto(text.slice(length), this.#bytes.subarray(start + length)).written;
    this.#tag(TEXT);
    this.#view.setUint32(this.#end, length, true);
    this.#end = start + length;
  }

  #list(items: readonly unknown[]): void {
    this.#tag(LIST);
    this.#view.setUint32(this.#end, items.length, true);
    this.#end += 4;
    for (const item of items) this.#value(item, false);
  }

  #reserve(length: number): void {
    // Memory that moved away has no length.
    if (this.#end + length <= this.#bytes.length) return;
    const written = this.#end > 0 ? this.#bytes.slice(0, this.#end) : [];
    this.#bytes = this.#room(2 * this.#end + length + 256);
    this.#bytes.set(written);
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset);
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
