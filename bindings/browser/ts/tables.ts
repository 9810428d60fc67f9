import type { Flag } from "./client.js";
import type { JsonValue } from "./types.js";

/** A flag. Only its value depends on the context. */
export interface LocalFlag extends Flag {
  /** Names and values, by number. */
  readonly variants: readonly (readonly [name: string, value: JsonValue])[];
  /** Names, by number; `null` where a rule has none. */
  readonly rules: readonly (string | null)[];
  /** The number of the variant to serve once answers are too old. */
  readonly failsafe: number;
  /** Its number. */
  readonly index: number;
  /** Two words of its answer: see {@link LocalProgram}. */
  answer: number;
  stage: number;
}

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
  flag(index: number): LocalFlag;
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
/** No record. */
const NONE = 0xffff_ffff;
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

  const list = (at: number): readonly number[] => {
    const pool = section(POOL) + at;
    // No list is longer than all of them, whatever a program says that only its checksum vouches for.
    return Array.from({ length: Math.min(word(pool), countOf(POOL)) }, (_, item) => word(pool + item + 1));
  };

  const attributes = names(ATTRIBUTES, ATTRIBUTE_WORDS);
  const count = countOf(FLAGS);
  const asks = new Map<number, readonly string[] | null>();
  let until = Infinity;
  for (let index = 0; index < count; index++) {
    const at = section(FLAGS) + FLAG_WORDS * index;
    const [asked, number] = [word(at + 9), word(at + 10)];
    if (word(at + 1) & ASKS_ANYTHING) asks.set(index, null);
    else if (asked !== NONE) asks.set(index, list(asked).map((slot) => attributes[slot] as string));
    if (number !== NONE) until = Math.min(until, new DataView(memory.buffer, start).getFloat64(4 * section(NUMBERS) + 8 * number, true));
  }

  return {
    attributes,
    count,
    until,
    asks,
    text,
    keys: () => names(FLAGS, FLAG_WORDS),
    flag(index) {
      const at = section(FLAGS) + FLAG_WORDS * index;
      const first = section(VARIANTS) + 2 * word(at + 3);
      return {
        value: undefined,
        isUnread: true,
        key: text(word(at)),
        variants: Array.from({ length: word(at + 4) }, (_, variant) => {
          const name = first + 2 * variant;
          return [text(word(name)), JSON.parse(text(word(name + 1)), frozen) as JsonValue];
        }),
        rules: list(word(at + 5)).map((name) => (name === NONE ? null : text(name))),
        failsafe: word(at + 8),
        index,
        answer: 0,
        stage: 0,
      };
    },
  };
}

// Taken from context.ts it would be a file of its own, which pages download besides.
function frozen(_key: string, value: unknown): unknown {
  return Object.freeze(value);
}
