import init, { Engine } from "./engine.js";
import { WORDS } from "./client.js";
import type { Flag, Source } from "./client.js";
import { Slots, freeze } from "./slots.js";
import type { ClientOptions, EvaluationContext } from "./types.js";

/** Makes the engine ready, once for all clients; tries again after a failure. */
export async function loadEngine(wasm: NonNullable<ClientOptions["wasm"]>): Promise<void> {
  await init({ module_or_path: typeof wasm === "function" ? wasm() : wasm });
}

/** A program in the engine. What a flag is gets described when it is first read, and kept. */
export class LocalProgram implements Source {
  readonly #engine: Engine;
  readonly #slots: Slots;
  readonly #flags = new Map<string, Flag>();
  #all: readonly Flag[] | undefined;
  /** The attributes of flags that are here only as their answers; `null` where these may depend on anything. */
  readonly #asks: Slots | null;
  answers: Uint32Array = new Uint32Array();

  /**
   * Needs {@link loadEngine} to have succeeded.
   *
   * @throws {Error} if the bytes are not a program that this version reads.
   */
  constructor(program: Uint8Array) {
    this.#engine = new Engine(program);
    this.#slots = new Slots(JSON.parse(this.#engine.attributes()) as string[]);
    const asks = JSON.parse(this.#engine.asks()) as string[] | null;
    this.#asks = asks && new Slots([...new Set(asks)]);
  }

  get(key: string): Flag | undefined {
    return this.#flags.get(key) ?? this.#find(key);
  }

  flags(): readonly Flag[] {
    this.#all ??= Array.from({ length: this.#engine.count() }, (_, index) => this.#describe(index));
    return this.#all;
  }

  evaluate(context: EvaluationContext, now: number): number {
    const next = this.#engine.evaluateAll(this.#slots.encode(context), now);
    this.answers = this.#engine.answers();
    return next;
  }

  /** Whether what the edge decided for `before` may be otherwise for `after`. */
  asksAgain(before: EvaluationContext, after: EvaluationContext): boolean {
    if (this.#asks === null) return JSON.stringify(before) !== JSON.stringify(after);
    const old = this.#asks.encode(before).slice();
    const now = this.#asks.encode(after);
    return old.length !== now.length || old.some((byte, index) => byte !== now[index]);
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
