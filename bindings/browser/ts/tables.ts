import { freeze } from "./context.js";
import type { JsonValue } from "./types.js";

/** A flag. Only its value depends on the context. */
export interface Flag {
  /** What it came to last: a read is this and nothing more. */
  value: JsonValue | undefined;
  readonly key: string;
  /** Names and values, by number. */
  readonly variants: readonly (readonly [name: string, value: JsonValue])[];
  /** Names, by number; `null` where a rule has none. */
  readonly rules: readonly (string | null)[];
  /** Its number. */
  readonly index: number;
}

// Sections of a program, and how many words their records have: see `layout.rs` of the core.
const SECTIONS = 40;
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

/** What a program says of its flags, read from the engine's memory, where it was checked. */
export class Tables {
  readonly #memory: WebAssembly.Memory;
  readonly #start: number;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #view: DataView;

  /** `start` is the address of the program. */
  constructor(memory: WebAssembly.Memory, start: number) {
    this.#memory = memory;
    this.#start = start;
    this.#view = new DataView(memory.buffer, start);
  }

  /** How many flags there are. */
  get count(): number {
    return this.#word(SECTIONS + 8 * FLAGS + 4);
  }

  /** The names of the attributes that the program reads, by slot. */
  attributes(): readonly string[] {
    const names: string[] = [];
    for (let slot = 0; slot < this.#word(SECTIONS + 8 * ATTRIBUTES + 4); slot++) names.push(this.#string(ATTRIBUTES, 2 * slot));
    return names;
  }

  /** The keys of the flags, by number. */
  keys(): readonly string[] {
    const keys: string[] = [];
    for (let index = 0; index < this.count; index++) keys.push(this.#string(FLAGS, FLAG_WORDS * index));
    return keys;
  }

  flag(index: number): Flag {
    const word = (place: number): number => this.#at(FLAGS, FLAG_WORDS * index + place);
    const variants: [string, JsonValue][] = [];
    for (let variant = word(3); variant < word(3) + word(4); variant++) {
      variants.push([this.#string(VARIANTS, 2 * variant), JSON.parse(this.#string(VARIANTS, 2 * variant + 1)) as JsonValue]);
    }
    return {
      value: undefined,
      key: this.#string(FLAGS, FLAG_WORDS * index),
      variants: freeze(variants),
      rules: this.#list(word(5)).map((name) => (name === NONE ? null : this.text(name))),
      index,
    };
  }

  /** By flag, the attributes that the edge folded in; `null` where any may be among them. */
  asks(): readonly (readonly string[] | null)[] {
    const asks: (readonly string[] | null)[] = [];
    for (let index = 0; index < this.count; index++) {
      const isAnything = this.#at(FLAGS, FLAG_WORDS * index + 1) & ASKS_ANYTHING;
      const list = this.#at(FLAGS, FLAG_WORDS * index + 9);
      const slots = list === NONE ? [] : this.#list(list);
      asks.push(isAnything ? null : slots.map((slot) => this.#string(ATTRIBUTES, 2 * slot)));
    }
    return asks;
  }

  /** The instant, in ms since 1970, at which what the edge decided may change by itself. */
  until(): number {
    let until = Infinity;
    for (let index = 0; index < this.count; index++) {
      const number = this.#at(FLAGS, FLAG_WORDS * index + 10);
      if (number !== NONE) until = Math.min(until, this.#view.getFloat64(this.#word(SECTIONS + 8 * NUMBERS) + 8 * number, true));
    }
    return until;
  }

  /** The text of that number. */
  text(number: number): string {
    const start = this.#start + this.#word(SECTIONS + 8 * TEXT) + this.#at(STRINGS, 2 * number);
    return this.#decoder.decode(new Uint8Array(this.#memory.buffer, start, this.#at(STRINGS, 2 * number + 1)));
  }

  #list(at: number): readonly number[] {
    const items: number[] = [];
    for (let item = 1; item <= this.#at(POOL, at); item++) items.push(this.#at(POOL, at + item));
    return items;
  }

  #string(section: number, word: number): string {
    return this.text(this.#at(section, word));
  }

  /** A word of a section, of whatever records. */
  #at(section: number, word: number): number {
    return this.#word(this.#word(SECTIONS + 8 * section) + 4 * word);
  }

  #word(at: number): number {
    // Memory that grew is another buffer.
    if (this.#view.buffer !== this.#memory.buffer) this.#view = new DataView(this.#memory.buffer, this.#start);
    return this.#view.getUint32(at, true);
  }
}
