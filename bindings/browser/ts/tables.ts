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
}

// Sections of a program, and how many words their records have: see `layout.rs` of the core.
const SECTIONS = 10;
const TEXT = 0;
const STRINGS = 1;
const NUMBERS = 3;
const POOL = 4;
const ATTRIBUTES = 5;
const FLAGS = 6;
const FLAG_WORDS = 11;
const VARIANTS = 8;
/** No record. */
const NONE = 0xffff_ffff;
const ASKS_ANYTHING = 0x80;

/** What a program says of its flags, read from the engine's memory by words: those of every machine that runs pages are little endian. */
export class Tables {
  readonly #memory: WebAssembly.Memory;
  readonly #start: number;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #words: Uint32Array;

  /** `start` is the address of the program, a multiple of 4. */
  constructor(memory: WebAssembly.Memory, start: number) {
    this.#memory = memory;
    this.#start = start;
    this.#words = new Uint32Array(memory.buffer, start);
  }

  /** How many flags there are. */
  get count(): number {
    return this.#count(FLAGS);
  }

  /** The names of the attributes that the program reads, by slot. */
  attributes(): readonly string[] {
    const names: string[] = [];
    for (let slot = 0; slot < this.#count(ATTRIBUTES); slot++) names.push(this.#string(ATTRIBUTES, 2 * slot));
    return names;
  }

  /** The keys of the flags, by number. */
  keys(): readonly string[] {
    const keys: string[] = [];
    for (let index = 0; index < this.count; index++) keys.push(this.#string(FLAGS, FLAG_WORDS * index));
    return keys;
  }

  flag(index: number): LocalFlag {
    const word = (place: number): number => this.#at(FLAGS, FLAG_WORDS * index + place);
    const variants: [string, JsonValue][] = [];
    for (let variant = word(3); variant < word(3) + word(4); variant++) {
      variants.push([this.#string(VARIANTS, 2 * variant), JSON.parse(this.#string(VARIANTS, 2 * variant + 1), frozen) as JsonValue]);
    }
    return {
      value: undefined,
      isUnread: true,
      key: this.#string(FLAGS, FLAG_WORDS * index),
      variants,
      rules: this.#list(word(5)).map((name) => (name === NONE ? null : this.text(name))),
      failsafe: word(8),
      index,
    };
  }

  /** The flags into which the edge folded attributes, and these; `null` where any may be among them. */
  asks(): ReadonlyMap<number, readonly string[] | null> {
    const asks = new Map<number, readonly string[] | null>();
    const { count } = this;
    for (let index = 0, at = this.#section(FLAGS); index < count; index++, at += FLAG_WORDS) {
      const list = this.#word(at + 9);
      if (this.#word(at + 1) & ASKS_ANYTHING) asks.set(index, null);
      else if (list !== NONE) asks.set(index, this.#list(list).map((slot) => this.#string(ATTRIBUTES, 2 * slot)));
    }
    return asks;
  }

  /** The instant, in ms since 1970, at which what the edge decided may change by itself. */
  until(): number {
    let until = Infinity;
    const { count } = this;
    for (let index = 0, at = this.#section(FLAGS); index < count; index++, at += FLAG_WORDS) {
      const number = this.#word(at + 10);
      if (number !== NONE) until = Math.min(until, this.#number(number));
    }
    return until;
  }

  /** The text of that number. */
  text(number: number): string {
    const start = this.#start + 4 * this.#section(TEXT) + this.#at(STRINGS, 2 * number);
    return this.#decoder.decode(new Uint8Array(this.#memory.buffer, start, this.#at(STRINGS, 2 * number + 1)));
  }

  #number(number: number): number {
    const at = this.#start + 4 * (this.#section(NUMBERS) + 2 * number);
    return new DataView(this.#memory.buffer).getFloat64(at, true);
  }

  #list(at: number): readonly number[] {
    const items: number[] = [];
    // No list is longer than all of them, whatever a program says that only its checksum vouches for.
    const length = Math.min(this.#at(POOL, at), this.#count(POOL));
    for (let item = 1; item <= length; item++) items.push(this.#at(POOL, at + item));
    return items;
  }

  #string(section: number, word: number): string {
    return this.text(this.#at(section, word));
  }

  /** A word of a section, of whatever records. */
  #at(section: number, word: number): number {
    return this.#word(this.#section(section) + word);
  }

  /** The word with which a section begins. */
  #section(section: number): number {
    return this.#extent(2 * section) / 4;
  }

  /** How many records a section has. */
  #count(section: number): number {
    return this.#extent(2 * section + 1);
  }

  /** A word of the table of sections: every look into the program begins here. */
  #extent(word: number): number {
    // Memory that grew is another buffer, and what showed the old one has no words any more.
    if (this.#words.length === 0) this.#words = new Uint32Array(this.#memory.buffer, this.#start);
    return this.#word(SECTIONS + word);
  }

  #word(at: number): number {
    return this.#words[at] as number;
  }
}

// Taken from context.ts it would be a file of its own, which pages download besides.
function frozen(_key: string, value: unknown): unknown {
  return Object.freeze(value);
}
