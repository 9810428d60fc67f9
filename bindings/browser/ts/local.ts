import init, { Engine } from "./engine.js";
import { WORDS } from "./client.js";
import type { Flag, Source } from "./client.js";
import { Slots, freeze } from "./slots.js";
import type { ClientOptions, EvaluationContext } from "./types.js";

/** Makes the engine ready, once for all clients; tries again after a failure. */
export async function loadEngine(wasm: NonNullable<ClientOptions["wasm"]>): Promise<void> {
  await init({ module_or_path: typeof wasm === "function" ? wasm() : wasm });
}

/** Flags into which the edge folded the same attributes, by number. */
interface Folded {
  readonly flags: number[];
  /** The attributes; `null` where any may be among them. */
  readonly attributes: Slots | null;
}

/** A program in the engine. What a flag is gets described when it is first read, and kept. */
export class LocalProgram implements Source {
  readonly #engine: Engine;
  readonly #slots: Slots;
  readonly #flags = new Map<string, Flag>();
  #all: readonly Flag[] | undefined;
  readonly #folded: readonly Folded[];
  /** The instant, in ms since 1970, at which what the edge decided may change by itself. */
  readonly until: number;
  /** The context for which the edge decided. */
  asked: EvaluationContext = {};
  answers: Uint32Array = new Uint32Array();

  /**
   * Needs {@link loadEngine} to have succeeded.
   *
   * @throws {Error} if the bytes are not a program that this version reads.
   */
  constructor(program: Uint8Array) {
    this.#engine = new Engine(program);
    this.#slots = new Slots(JSON.parse(this.#engine.attributes()) as string[]);
    this.#folded = folded(JSON.parse(this.#engine.asks()) as (string[] | null)[]);
    this.until = this.#engine.until();
  }

  get(key: string): Flag | undefined {
    return this.#flags.get(key) ?? this.#find(key);
  }

  flags(): readonly Flag[] {
    this.#all ??= Array.from({ length: this.#engine.count() }, (_, index) => this.#describe(index));
    return this.#all;
  }

  /** A flag of which the edge decided a part for another context keeps its last answer. */
  evaluate(context: EvaluationContext, now: number): number {
    const last = this.answers;
    const next = this.#engine.evaluateAll(this.#slots.encode(context), now);
    this.answers = this.#engine.answers();
    for (const { flags } of this.#outdated(this.asked, context)) {
      for (const flag of flags) this.answers.set(last.subarray(WORDS * flag, WORDS * (flag + 1)), WORDS * flag);
    }
    return next;
  }

  /** Whether what the edge decided for `before` may be otherwise for `after`. */
  asksAgain(before: EvaluationContext, after: EvaluationContext): boolean {
    return this.#outdated(before, after).length > 0;
  }

  /**
   * Replaces the live state. Answers follow with the next evaluation.
   *
   * @throws {Error} if the bytes are not a live state.
   */
  setLive(live: Uint8Array): void {
    this.#engine.setLive(live);
  }

  text(number: number): string {
    return this.#engine.text(number);
  }

  free(): void {
    this.#engine.free();
  }

  #outdated(before: EvaluationContext, after: EvaluationContext): readonly Folded[] {
    return this.#folded.filter(({ attributes }) => {
      if (attributes === null) return JSON.stringify(before) !== JSON.stringify(after);
      const old = attributes.encode(before).slice();
      const now = attributes.encode(after);
      return old.length !== now.length || old.some((byte, index) => byte !== now[index]);
    });
  }

  #find(key: string): Flag | undefined {
    const index = this.#engine.find(key);
    return index < 0 ? undefined : this.#describe(index);
  }

  #describe(index: number): Flag {
    const flag = freeze({ ...JSON.parse(this.#engine.describe(index)), at: WORDS * index }) as Flag;
    this.#flags.set(flag.key, flag);
    return flag;
  }
}

/** `asks` has the names of the attributes for each flag, or `null`. */
function folded(asks: readonly (readonly string[] | null)[]): readonly Folded[] {
  const groups = new Map<string, Folded>();
  for (const [flag, names] of asks.entries()) {
    if (names?.length === 0) continue;
    const key = JSON.stringify(names);
    const group = groups.get(key) ?? { flags: [], attributes: names && new Slots(names) };
    group.flags.push(flag);
    groups.set(key, group);
  }
  return [...groups.values()];
}
