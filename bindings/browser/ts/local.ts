import init, { answers, evaluateAll, free, make, room, take } from "./engine.js";
import { STRIDE } from "./client.js";
import type { Source } from "./client.js";
import { Slots } from "./slots.js";
import { Tables } from "./tables.js";
import type { Flag } from "./tables.js";
import type { ClientOptions, EvaluationContext } from "./types.js";

/** What the engine says of bytes, by its number; see `ProgramError` of the core. */
const WRONG = [
  "",
  "not a Vexil program",
  "a program of another format",
  "a damaged program",
  "a damaged program",
  "a program with the hashes of other vendors",
];

let engine: Promise<WebAssembly.Memory> | undefined;

/** Makes the engine ready, once for all clients; tries again after a failure. Resolves to its memory. */
export function loadEngine(wasm: Origin): Promise<WebAssembly.Memory> {
  return (engine ??= load(wasm).catch((error: unknown) => {
    engine = undefined;
    throw error;
  }));
}

type Origin = NonNullable<ClientOptions["wasm"]>;

async function load(source: Origin): Promise<WebAssembly.Memory> {
  let wasm = await (typeof source === "function" ? source() : source);
  if (typeof wasm === "string" || wasm instanceof URL) wasm = await fetch(wasm);
  if (wasm instanceof Response) {
    if (!wasm.ok) throw new Error(`${wasm.url} answered ${wasm.status}`);
    // Not streamed: that needs a server which knows the type, and gains nothing for so few bytes.
    wasm = await wasm.arrayBuffer();
  }
  return (await init({ module_or_path: wasm })).memory;
}

/** Flags into which the edge folded the same attributes, by number. */
interface Folded {
  readonly flags: number[];
  /** The attributes; `null` where any may be among them. */
  readonly attributes: Slots | null;
}

/** A program in the engine. What a flag is gets described when it is first read, and kept. */
export class LocalProgram implements Source {
  readonly #memory: WebAssembly.Memory;
  readonly #engine = make();
  readonly #tables: Tables;
  readonly #folded: readonly Folded[];
  // These have values before anybody reads them: to declare them alone is less to download.
  /** The instant, in ms since 1970, at which what the edge decided may change by itself. */
  declare readonly until: number;
  /** Where the program lies in the engine's memory, and how many bytes it has. */
  declare readonly start: number;
  declare readonly length: number;
  /** Writes contexts as the engine reads them. */
  declare readonly slots: Slots;
  /** The bytes of the live state. */
  declare live: Uint8Array;
  /** The instant of the last evaluation, in ms since 1970. */
  declare at: number;
  /** The context for which the edge decided. */
  declare asked: EvaluationContext;
  /** Those that were read. */
  readonly #described: Flag[] = [];
  /** By key; the number of one that was not read yet. Nothing before the first is read. */
  readonly #flags = new Map<string, Flag | number>();
  #answers = new Uint32Array();
  /** How many words they are: none before the first evaluation. */
  #words = 0;

  /**
   * Needs the memory of the engine.
   *
   * @throws {Error} if the bytes are not a program that this version reads.
   */
  constructor(memory: WebAssembly.Memory, program: Uint8Array) {
    this.#memory = memory;
    this.start = this.#write(program);
    this.length = program.length;
    this.#tables = new Tables(memory, this.start);
    this.#take();
    this.slots = new Slots(this.#tables.attributes(), (length) => {
      // To make room the memory may have to grow, and it is another buffer then.
      const at = room(this.#engine, length);
      return new Uint8Array(memory.buffer, at, length);
    });
    this.#folded = folded(this.#tables.asks());
    this.until = this.#tables.until();
  }

  get flags(): ReadonlyMap<string, Flag> {
    // A number has no value.
    return this.#flags as ReadonlyMap<string, Flag>;
  }

  get answers(): Uint32Array {
    // Memory that moved away has no length.
    if (this.#answers.length === 0) this.#answers = new Uint32Array(this.#memory.buffer, answers(this.#engine), this.#words);
    return this.#answers;
  }

  get(key: string): Flag | undefined {
    const flag = this.#index().get(key);
    return typeof flag === "number" ? this.#describe(key, flag) : flag;
  }

  keys(): readonly string[] {
    return [...this.#index().keys()];
  }

  /** A flag of which the edge decided a part for another context keeps its last answer. */
  evaluate(context: EvaluationContext, now: number): number {
    const last = this.#folded.length > 0 && this.answers.slice();
    this.slots.write(context);
    this.at = now;
    const next = evaluateAll(this.#engine, now);
    this.#words ||= STRIDE * this.#tables.count;
    if (last) {
      for (const { flags } of this.asks(this.asked, { context })) {
        for (const flag of flags) this.answers.set(last.subarray(STRIDE * flag, STRIDE * (flag + 1)), STRIDE * flag);
      }
    }
    for (const flag of this.#described) this.#refresh(flag);
    return next;
  }

  /**
   * Replaces the live state. Answers follow with the next evaluation.
   *
   * @throws {Error} if the bytes are not a live state.
   */
  setLive(live: Uint8Array): void {
    this.#write(live);
    this.slots.leave();
    this.#take();
    this.live = live.slice();
  }

  text(number: number): string {
    return this.#tables.text(number);
  }

  free(): void {
    free(this.#engine);
  }

  /** The flags that the edge decided for `before` and may decide otherwise for the context of `client`, which is read only if need be. */
  asks(before: EvaluationContext, client: { readonly context: EvaluationContext }): readonly Folded[] {
    return this.#folded.filter(({ attributes }) => {
      const read = (context: EvaluationContext): string => (attributes ? String(attributes.encode(context)) : JSON.stringify(context));
      return read(before) !== read(client.context);
    });
  }

  /** Puts `bytes` where the engine reads them next; says where that is. */
  #write(bytes: Uint8Array): number {
    const at = room(this.#engine, bytes.length);
    new Uint8Array(this.#memory.buffer, at).set(bytes);
    return at;
  }

  #take(): void {
    const wrong = take(this.#engine);
    if (wrong) throw new Error(WRONG[wrong]);
  }

  #index(): Map<string, Flag | number> {
    if (this.#flags.size === 0) for (const [index, key] of this.#tables.keys().entries()) this.#flags.set(key, index);
    return this.#flags;
  }

  #describe(key: string, index: number): Flag {
    const flag = this.#tables.flag(index);
    // With the very string by which it will be read again, which is found sooner than one that is equal.
    this.#flags.delete(key);
    this.#flags.set(key, flag);
    this.#described.push(flag);
    this.#refresh(flag);
    return flag;
  }

  #refresh(flag: Flag): void {
    flag.value = flag.variants[(this.answers[STRIDE * flag.index] ?? 0) & 0xffff]?.[1];
  }
}

/** `asks` has the names of the attributes for each flag that has some, or `null`. */
function folded(asks: ReadonlyMap<number, readonly string[] | null>): readonly Folded[] {
  const groups = new Map<string, Folded>();
  for (const [flag, names] of asks) {
    const key = JSON.stringify(names);
    const group = groups.get(key) ?? { flags: [], attributes: names && new Slots(names) };
    group.flags.push(flag);
    groups.set(key, group);
  }
  return [...groups.values()];
}
