import type { JsonValue } from "./types.js";

/** What a program says of its flags, read from the engine's memory by words: those of every machine that runs pages are little endian. */
export interface Tables {
  /** The names of the attributes that the program reads, by slot. */
  readonly attributes: readonly string[];
  /** How many flags there are. */
  readonly count: number;
  /** The instant, in ms since 1970, at which what the edge decided may change by itself. */
  readonly until: number;
  /** The flags into which the edge folded attributes, and these; `null` where any may be among them. */
  readonly asks: ReadonlyMap<number, readonly string[] | null>;
  /** The keys of the flags, by number. */
  keys(): readonly string[];
  /** The number, among all variants, of the first of a flag. The others follow. */
  first(flag: number): number;
  /** How many variants a flag has. */
  variants(flag: number): number;
  /** The number, among all variants, of the one that a flag serves once answers are too old; of none where it serves none. */
  failsafe(flag: number): number;
  /** The value of a variant; nothing where there is no such variant. */
  value(variant: number): JsonValue | undefined;
  /** The name of a variant. */
  name(variant: number): string;
  /** The name of a rule of a flag; its number where it has none. */
  rule(flag: number, rule: number): string;
  /** The text of that number. */
  text(number: number): string;
}

// Sections of a program, and how many words their records have: see `layout.rs` of the core.
const SECTIONS = 10;
const TEXT = 0;
const STRINGS = 1;
const NUMBERS = 3;
const POOL = 4;
const ATTRIBUTES = 5;
const ATTRIBUTE_WORDS = 2;
const FLAGS = 6;
const FLAG_WORDS = 11;
const VARIANTS = 8;
/** In the place of a number: there is none. */
export const NONE = 0xffff_ffff;
const ASKS_ANYTHING = 0x80;

/** Of the program at address `start`, a multiple of 4. */
export function tablesOf(memory: WebAssembly.Memory, start: number): Tables {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let words = new Uint32Array();

  const word = (at: number): number => {
    // Memory that grew is another buffer, and what showed the old one has no words any more.
    if (words.length === 0) words = new Uint32Array(memory.buffer, start);
    return words[at] as number;
  };
  /** The word with which a section begins. */
  const section = (number: number): number => word(SECTIONS + 2 * number) / 4;
  /** How many records it has. */
  const countOf = (number: number): number => word(SECTIONS + 2 * number + 1);

  const text = (number: number): string => {
    const at = section(STRINGS) + 2 * number;
    return decoder.decode(new Uint8Array(memory.buffer, start + 4 * section(TEXT) + word(at), word(at + 1)));
  };
  /** The texts with which the records of a section begin. */
  const names = (number: number, size: number): readonly string[] =>
    Array.from({ length: countOf(number) }, (_, record) => text(word(section(number) + size * record)));

  /** A word of what is said of a flag. */
  const flagWord = (flag: number, at: number): number => word(section(FLAGS) + FLAG_WORDS * flag + at);
  const variantText = (variant: number, at: number): string => text(word(section(VARIANTS) + 2 * variant + at));

  const attributes = names(ATTRIBUTES, ATTRIBUTE_WORDS);
  const count = countOf(FLAGS);
  const asks = new Map<number, readonly string[] | null>();
  let until = Infinity;
  for (let flag = 0; flag < count; flag++) {
    const list = flagWord(flag, 9);
    const number = flagWord(flag, 10);
    if (flagWord(flag, 1) & ASKS_ANYTHING) asks.set(flag, null);
    else if (list !== NONE) {
      const pool = section(POOL) + list;
      // No list is longer than all of them, whatever a program says that only its checksum vouches for.
      const length = Math.min(word(pool), countOf(POOL));
      asks.set(flag, Array.from({ length }, (_, item) => attributes[word(pool + item + 1)] as string));
    }
    if (number !== NONE) until = Math.min(until, new DataView(memory.buffer, start).getFloat64(4 * section(NUMBERS) + 8 * number, true));
  }

  /** Those that were asked for, by variant. */
  const values: JsonValue[] = [];

  return {
    attributes,
    count,
    until,
    asks,
    text,
    keys: () => names(FLAGS, FLAG_WORDS),
    first: (flag) => flagWord(flag, 3),
    variants: (flag) => flagWord(flag, 4),
    failsafe: (flag) => flagWord(flag, 3) + flagWord(flag, 8),
    value: (variant) => values[variant] ?? (variant < countOf(VARIANTS) ? (values[variant] = JSON.parse(variantText(variant, 1), frozen) as JsonValue) : undefined),
    name: (variant) => variantText(variant, 0),
    rule(flag, rule) {
      const number = word(section(POOL) + flagWord(flag, 5) + rule + 1);
      return number === NONE ? String(rule) : text(number);
    },
  };
}

// Taken from context.ts it would be a file of its own, which pages download besides.
function frozen(_key: string, value: unknown): unknown {
  return Object.freeze(value);
}
