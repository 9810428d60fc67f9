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
export interface Slots {
  /** The bytes of `context`. They are valid until the next call. */
  encode(context: EvaluationContext): Uint8Array;
  /** Leaves the bytes of `context` in the room there is. */
  write(context: EvaluationContext): void;
  /** The room is no longer there. */
  leave(): void;
}

/**
 * `attributes` are names of members, or JSON Pointers where they begin with `/`. `room` gives bytes to write to; what it
 * gave before may be lost then.
 */
export function slotsOf(attributes: readonly string[], room = (length: number): Uint8Array => new Uint8Array(length)): Slots {
  const paths = attributes.map(path);
  const encoder = new TextEncoder();
  let bytes: Uint8Array = new Uint8Array();
  let view: DataView;
  let end = 0;

  const reserve = (length: number): void => {
    // Memory that moved away has no length.
    if (end + length <= bytes.length) return;
    const written = end > 0 ? bytes.slice(0, end) : [];
    bytes = room(2 * end + length + 256);
    bytes.set(written);
    view = new DataView(bytes.buffer, bytes.byteOffset);
  };

  const tag = (tag: number): void => {
    reserve(9);
    bytes[end++] = tag;
  };

  const count = (tagged: number, length: number): void => {
    tag(tagged);
    view.setUint32(end, length, true);
    end += 4;
  };

  const put = (value: unknown, isOutermost: boolean): void => {
    if (value === undefined) tag(MISSING);
    else if (typeof value === "string") text(value);
    else if (typeof value === "number") {
      tag(NUMBER);
      view.setFloat64(end, value, true);
      end += 8;
    } else if (typeof value === "boolean") tag(value ? TRUE : FALSE);
    else if (value === null) tag(NULL);
    else if (isOutermost && Array.isArray(value)) {
      count(LIST, value.length);
      for (const item of value) put(item, false);
    } else tag(OBJECT);
  };

  const text = (text: string): void => {
    reserve(9 + 3 * text.length);
    const start = end + 5;
    let length = 0;
    // Most texts are short and ASCII: what is, is written sooner here than by an encoder.
    for (let code; (code = text.charCodeAt(length)) < 0x80; length++) bytes[start + length] = code;
    if (length < text.length) length += encoder.encodeInto(text.slice(length), bytes.subarray(start + length)).written;
    count(TEXT, length);
    end = start + length;
  };

  return {
    encode(context) {
      this.write(context);
      return bytes.subarray(0, end);
    },
    write(context) {
      end = 0;
      for (const path of paths) put(find(context, path), true);
    },
    leave() {
      bytes = new Uint8Array();
    },
  };
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
