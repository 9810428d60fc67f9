import init, { answers, evaluateAll, free, make, room, take } from "./engine.js";
import type { Source } from "./client.js";
import { Slots } from "./slots.js";
import { Tables } from "./tables.js";
import type { LocalFlag } from "./tables.js";
import type { Answer, ClientOptions, EvaluationContext, Reason, Snapshot } from "./types.js";

const REASONS: readonly Reason[] = ["STATIC", "DEFAULT", "TARGETING_MATCH", "SPLIT", "DISABLED", "PREREQUISITE_FAILED"];
const ARMS = [undefined, "treated", "control"] as const;
/** How many words the answer of a flag has, and how many further the next one is: between them is when it changes. */
const WORDS = 3;
const STRIDE = 6;
/** In the place of a rule or a stage: there is none. */
const NONE = 0xffff_ffff;

/** What the engine says of bytes, by its number; see `ProgramError` of the core. */
const WRONG = [
  "",
  "not a Vexil program",
  "a program of another format",
  "a damaged program",
  "a damaged program",
  "a program with the hashes of other vendors",
];

/**
 * Reads what the edge answers: the length of a program, the program unless it is `known`, and the live state for it.
 * Rejects if that cannot be read, or must not be used.
 */
export type Engine = (answer: ArrayBuffer, known: LocalProgram | undefined, signature: string | null) => Promise<readonly [LocalProgram, live: Uint8Array]>;

/** Gets the engine ready. */
export async function loadEngine({ wasm, verify }: ClientOptions): Promise<Engine> {
  if (wasm === undefined) throw new Error("`vexil/slim` needs `wasm`, the bytes or module of `vexil/engine.wasm`");
  const memory = await loadMemory(wasm);
  return async (answer, known, signature) => {
    const length = answer.byteLength < 4 ? Infinity : new DataView(answer).getUint32(0, true);
    if (length > answer.byteLength - 4) throw new Error("what answered is not an edge of Vexil");
    const bytes = new Uint8Array(answer, 4, length);
    if (length > 0) await verify?.(bytes, signature);
    const program = length > 0 ? new LocalProgram(memory, bytes) : known;
    if (program === undefined) throw new Error("the edge sent no program");
    return [program, new Uint8Array(answer, 4 + length)];
  };
}

let memory: Promise<WebAssembly.Memory> | undefined;

/** Loads the engine, once for all clients; tries again after a failure. Resolves to its memory. */
export function loadMemory(wasm: NonNullable<ClientOptions["wasm"]>): Promise<WebAssembly.Memory> {
  return (memory ??= load(wasm).catch((error: unknown) => {
    memory = undefined;
    throw new Error(`the engine cannot be loaded: ${error instanceof Error ? error.message : String(error)}`);
  }));
}

async function load(source: NonNullable<ClientOptions["wasm"]>): Promise<WebAssembly.Memory> {
  let wasm = await (typeof source === "function" ? source() : source);
  if (typeof wasm === "string" || wasm instanceof URL) wasm = await fetch(wasm);
  if (wasm instanceof Response) {
    if (!wasm.ok) throw new Error(`${wasm.url} answered ${wasm.status}`);
    // Not streamed: that needs a server which knows the type, and gains nothing for so few bytes.
    wasm = await wasm.arrayBuffer();
  }
  return (await init({ module_or_path: wasm })).memory;
}

/** Answers that were. */
interface Mark {
  readonly words: Uint32Array;
  readonly isExpired: boolean;
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
  readonly #described: LocalFlag[] = [];
  /** By key; the number of one that was not read yet. Nothing before the first is read. */
  readonly #flags = new Map<string, LocalFlag | number>();
  /**
   * {@link STRIDE} words a flag: variant (16 bits), reason (7), missing unit (1), arm (2); rule; the text that is the
   * name of the stage.
   */
  #answers = new Uint32Array();
  #isExpired = false;
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

  get flags(): ReadonlyMap<string, LocalFlag> {
    // A number has no members.
    return this.#flags as ReadonlyMap<string, LocalFlag>;
  }

  get answers(): Uint32Array {
    // Memory that moved away has no length.
    if (this.#answers.length === 0) this.#answers = new Uint32Array(this.#memory.buffer, answers(this.#engine), this.#words);
    return this.#answers;
  }

  get(key: string): LocalFlag | undefined {
    const flag = this.#index().get(key);
    return typeof flag === "number" ? this.#describe(key, flag) : flag;
  }

  keys(): Iterable<string> {
    return this.#index().keys();
  }

  /** A flag of which the edge decided a part for another context keeps its last answer. */
  evaluate(context: EvaluationContext, now: number, isExpired: boolean): number {
    this.#isExpired = isExpired;
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
   * Takes another live state, and notes for which context the edge decided. Answers follow with the next evaluation.
   *
   * @throws {Error} if the bytes are not a live state.
   */
  take(live: Uint8Array, asked: EvaluationContext): void {
    this.#write(live);
    this.slots.leave();
    this.#take();
    this.live = live.slice();
    this.asked = asked;
  }

  answer(flag: LocalFlag, mark: unknown = { words: this.answers, isExpired: this.#isExpired }): Answer {
    const { words, isExpired } = mark as Mark;
    const at = STRIDE * flag.index;
    const [answer = 0, rule = NONE, stage = NONE] = words.subarray(at, at + WORDS);
    const served = isExpired ? flag.variants[flag.failsafe] : undefined;
    if (served) return { value: served[1], reason: "DEFAULT" };
    const [variant, value] = flag.variants[answer & 0xffff] ?? ["", null];
    const arm = ARMS[(answer >> 24) & 3];
    return {
      value,
      variant,
      reason: REASONS[(answer >> 16) & 0x7f] ?? "ERROR",
      ...(rule !== NONE && { rule: flag.rules[rule] ?? String(rule) }),
      ...(stage !== NONE && { stage: this.#tables.text(stage) }),
      ...(arm && { arm }),
      ...((answer >> 23) & 1 && { missingUnit: true }),
    };
  }

  told(flag: LocalFlag): Snapshot["flags"][string] {
    const failsafe = flag.variants[flag.failsafe];
    return { ...this.answer(flag, { words: this.answers, isExpired: false }), ...(failsafe && { failsafe: failsafe[1] }) };
  }

  mark(): Mark {
    return { words: this.answers.slice(), isExpired: this.#isExpired };
  }

  isSame({ index, variants, failsafe }: LocalFlag, mark: unknown): boolean {
    const { words, isExpired } = mark as Mark;
    if (variants[failsafe] && (isExpired || this.#isExpired)) return isExpired === this.#isExpired;
    const at = STRIDE * index;
    return this.answers.subarray(at, at + WORDS).every((word, place) => word === words[at + place]);
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

  #index(): Map<string, LocalFlag | number> {
    if (this.#flags.size === 0) for (const [index, key] of this.#tables.keys().entries()) this.#flags.set(key, index);
    return this.#flags;
  }

  #describe(key: string, index: number): LocalFlag {
    const flag = this.#tables.flag(index);
    // With the very string by which it will be read again, which is found sooner than one that is equal.
    this.#flags.delete(key);
    this.#flags.set(key, flag);
    this.#described.push(flag);
    this.#refresh(flag);
    return flag;
  }

  #refresh(flag: LocalFlag): void {
    const { variants, failsafe, index } = flag;
    const answer = this.answers[STRIDE * index] ?? 0;
    flag.value = ((this.#isExpired && variants[failsafe]) || variants[answer & 0xffff])?.[1];
    flag.isUnread = true;
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
