import type { Flag, Source } from "./client.js";
import type { InitOutput } from "./engine.js";
import { slotsOf } from "./slots.js";
import type { Slots } from "./slots.js";
import { NONE, tablesOf } from "./tables.js";
import type { Tables } from "./tables.js";
import type { Answer, Client, ClientOptions, EvaluationContext, JsonValue, Reason, Snapshot } from "./types.js";

const REASONS: readonly Reason[] = ["STATIC", "DEFAULT", "TARGETING_MATCH", "SPLIT", "DISABLED", "PREREQUISITE_FAILED"];
const ARMS = [undefined, "treated", "control"] as const;
/** How many words the answer of a flag has, and how many further the next one is: between them is when it changes. */
const WORDS = 3;
const STRIDE = 6;
/** What the engine exports: numbers cross as they are, so that nothing need stand between. */
export type Exports = Omit<InitOutput, `__${string}`>;

/** What the engine says of bytes, by its number: see `ProgramError` of the core. */
const WRONG = ["", "is none", "has another format", "is damaged", "is damaged", "has the hashes of other vendors"];

/**
 * Reads what the edge answers at a `version` for a context: the length of a program, the program unless it is here
 * already, and the live state for it. Gives the program, or nothing where the client is elsewhere by now. Rejects if it
 * cannot be read, or must not be used.
 */
export type Engine = (answer: ArrayBuffer, signature: string | null, context: EvaluationContext, version: number) => Promise<LocalProgram | undefined>;

/** Gets the engine ready for `client`. */
export async function loadEngine(client: Client, { wasm, verify }: ClientOptions): Promise<Engine> {
  if (wasm === undefined) throw new Error("`vexil/slim` needs `wasm`");
  const exports = await loadExports(wasm);
  let known: LocalProgram | undefined;
  return async (answer, signature, context, version) => {
    const length = answer.byteLength < 4 ? Infinity : new DataView(answer).getUint32(0, true);
    if (length > answer.byteLength - 4) throw new Error("the edge sent no program");
    const bytes = new Uint8Array(answer, 4, length);
    if (length > 0) await verify?.(bytes, signature);
    const program = length > 0 ? new LocalProgram(exports, bytes) : known;
    if (!program) throw new Error("the edge sent no program");
    if (program.asks(context, client).length > 0 || version < client.version) {
      if (program !== known) program.free();
      return undefined;
    }
    program.take(new Uint8Array(answer, 4 + length), context);
    return (known = program);
  };
}

let loading: Promise<Exports> | undefined;

/** Loads the engine, once for all clients; tries again after a failure. */
export function loadExports(wasm: NonNullable<ClientOptions["wasm"]>): Promise<Exports> {
  return (loading ??= load(wasm).catch((error: unknown) => {
    loading = undefined;
    throw new Error(`the engine cannot be loaded: ${error instanceof Error ? error.message : String(error)}`);
  }));
}

async function load(source: NonNullable<ClientOptions["wasm"]>): Promise<Exports> {
  let wasm = await (typeof source === "function" ? source() : source);
  if (typeof wasm === "string" || wasm instanceof URL) wasm = await fetch(wasm);
  if (wasm instanceof Response) {
    if (!wasm.ok) throw new Error(`${wasm.url} answered ${wasm.status}`);
    // Not streamed: that needs a server which knows the type, and gains nothing for so few bytes.
    wasm = await wasm.arrayBuffer();
  }
  const made: WebAssembly.WebAssemblyInstantiatedSource | WebAssembly.Instance = await WebAssembly.instantiate(wasm as BufferSource);
  return ("instance" in made ? made.instance : made).exports as unknown as Exports;
}

/** A flag, and its number in the program. There may be thousands: what else is said of it is looked up when it is asked for. */
interface LocalFlag extends Flag {
  readonly index: number;
  /** The number of its first variant. */
  readonly first: number;
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

/** Gives back what belonged to programs of clients that nobody has any more. */
const forgotten = globalThis.FinalizationRegistry && new FinalizationRegistry<readonly [Exports, engine: number]>(([exports, engine]) => exports.free(engine));

/** A program in the engine. What a flag is gets described when it is first read, and kept. */
export class LocalProgram implements Source {
  readonly #exports: Exports;
  readonly #engine: number;
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
  /** Whether the last evaluation took the answers for too old. */
  isExpired = false;
  /** By key; the number of one that was not read yet. Nothing before the first is read. */
  readonly #flags = new Map<string, LocalFlag | number>();
  /** Those that were read. */
  readonly #described: LocalFlag[] = [];
  /**
   * {@link STRIDE} words a flag: variant (16 bits), reason (7), missing unit (1), arm (2); rule; the text that is the
   * name of the stage.
   */
  #answers = new Uint32Array();
  /** Those of the evaluation before. */
  #last = new Uint32Array();
  /** How many words they are: none before the first evaluation. */
  #words = 0;
  /** Whom flags were evaluated for. */
  #unit: EvaluationContext = {};

  /**
   * @throws {Error} if the bytes are not a program that this version reads.
   */
  constructor(exports: Exports, program: Uint8Array) {
    const { memory } = exports;
    this.#exports = exports;
    this.#engine = exports.make();
    forgotten?.register(this, [exports, this.#engine], this);
    this.start = this.#write(program);
    this.length = program.length;
    this.#tables = tablesOf(memory, this.start);
    this.slots = slotsOf(this.#tables.attributes, (length) => {
      // To make room the memory may have to grow, and it is another buffer then.
      const at = exports.room(this.#engine, length);
      return new Uint8Array(memory.buffer, at, length);
    });
    this.#folded = folded(this.#tables.asks);
    this.until = this.#tables.until;
  }

  get flags(): ReadonlyMap<string, LocalFlag> {
    // A number has no members.
    return this.#flags as ReadonlyMap<string, LocalFlag>;
  }

  get answers(): Uint32Array {
    // Memory that moved away has no length.
    if (this.#answers.length === 0) this.#answers = new Uint32Array(this.#exports.memory.buffer, this.#exports.answers(this.#engine), this.#words);
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
    const { answers } = this;
    if (this.#last.length === answers.length) this.#last.set(answers);
    else this.#last = answers.slice();
    this.slots.write(context);
    this.at = now;
    const next = this.#exports.evaluateAll(this.#engine, now);
    this.#words ||= STRIDE * this.#tables.count;
    // Before the first evaluation nothing is to be kept.
    for (const { flags } of this.#last.length > 0 ? this.asks(this.asked, { context }) : []) {
      for (const flag of flags) this.answers.set(this.#last.subarray(STRIDE * flag, STRIDE * (flag + 1)), STRIDE * flag);
    }
    const unit = this.#unit;
    const isOther = isExpired !== this.isExpired || context.targetingKey !== unit.targetingKey || context["anonymousId"] !== unit["anonymousId"];
    this.isExpired = isExpired;
    this.#unit = context;
    for (const flag of this.#described) this.#refresh(flag, isOther);
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
    this.live = live.slice();
    this.asked = asked;
  }

  answer({ index, first }: LocalFlag, mark: unknown = { words: this.answers, isExpired: this.isExpired }): Answer {
    const { words, isExpired } = mark as Mark;
    const tables = this.#tables;
    const at = STRIDE * index;
    const [answer = 0, rule = NONE, stage = NONE] = words.subarray(at, at + WORDS);
    const failsafe = isExpired ? this.#failsafe(index) : undefined;
    if (failsafe !== undefined) return { value: failsafe, reason: "DEFAULT" };
    const variant = first + (answer & 0xffff);
    const arm = ARMS[(answer >> 24) & 3];
    return {
      value: tables.value(variant) ?? null,
      variant: tables.name(variant),
      reason: REASONS[(answer >> 16) & 0x7f] ?? "ERROR",
      ...(rule !== NONE && { rule: tables.rule(index, rule) }),
      ...(stage !== NONE && { stage: tables.text(stage) }),
      ...(arm && { arm }),
      ...((answer >> 23) & 1 && { missingUnit: true }),
    };
  }

  /** The names and values of all variants of a flag: `vexil/devtools` offers them. */
  variants({ index, first }: LocalFlag): readonly (readonly [name: string, value: JsonValue])[] {
    const { variants, name, value } = this.#tables;
    return Array.from({ length: variants(index) }, (_, place) => [name(first + place), value(first + place) ?? null]);
  }

  told(flag: LocalFlag): Snapshot["flags"][string] {
    const failsafe = this.#failsafe(flag.index);
    return { ...this.answer(flag, { words: this.answers, isExpired: false }), ...(failsafe !== undefined && { failsafe }) };
  }

  mark(): Mark {
    return { words: this.answers.slice(), isExpired: this.isExpired };
  }

  isSame({ index }: LocalFlag, mark: unknown): boolean {
    const { words, isExpired } = mark as Mark;
    if ((isExpired || this.isExpired) && this.#failsafe(index) !== undefined) return isExpired === this.isExpired;
    const at = STRIDE * index;
    return this.answers.subarray(at, at + WORDS).every((word, place) => word === words[at + place]);
  }

  free(): void {
    forgotten?.unregister(this);
    this.#exports.free(this.#engine);
  }

  /** The flags that the edge decided for `before` and may decide otherwise for the context of `client`, which is read only if need be. */
  asks(before: EvaluationContext, client: { readonly context: EvaluationContext }): readonly Folded[] {
    return this.#folded.filter(({ attributes }) => {
      const read = (context: EvaluationContext): string => (attributes ? String(attributes.encode(context)) : JSON.stringify(context));
      return read(before) !== read(client.context);
    });
  }

  /** Hands `bytes` to the engine; says where they lie. */
  #write(bytes: Uint8Array): number {
    const { memory, room, take } = this.#exports;
    const at = room(this.#engine, bytes.length);
    new Uint8Array(memory.buffer, at).set(bytes);
    const wrong = take(this.#engine);
    if (wrong) throw new Error(`the edge sent a program that cannot be read: it ${WRONG[wrong]}`);
    return at;
  }

  #index(): Map<string, LocalFlag | number> {
    if (this.#flags.size === 0) this.#tables.keys().forEach((key, index) => this.#flags.set(key, index));
    return this.#flags;
  }

  #failsafe(index: number): JsonValue | undefined {
    return this.#tables.value(this.#tables.failsafe(index));
  }

  #describe(key: string, index: number): LocalFlag {
    const flag = { value: undefined, isUnread: true, key, index, first: this.#tables.first(index) };
    // With the very string by which it will be read again, which is found sooner than one that is equal.
    this.#flags.delete(key);
    this.#flags.set(key, flag);
    this.#described.push(flag);
    this.#refresh(flag, true);
    return flag;
  }

  /** It is unread where it `isOther`, or its variant, stage or arm is. */
  #refresh(flag: LocalFlag, isOther: boolean): void {
    const { answers } = this;
    const { index, first } = flag;
    const at = STRIDE * index;
    const answer = answers[at] as number;
    if (!isOther && answer === this.#last[at] && answers[at + 2] === this.#last[at + 2]) return;
    flag.value = (this.isExpired ? this.#failsafe(index) : undefined) ?? this.#tables.value(first + (answer & 0xffff));
    flag.isUnread = true;
  }
}

/** `asks` has the names of the attributes for each flag that has some, or `null`. */
function folded(asks: ReadonlyMap<number, readonly string[] | null>): readonly Folded[] {
  const groups = new Map<string, Folded>();
  for (const [flag, names] of asks) {
    const key = JSON.stringify(names);
    const group = groups.get(key) ?? { flags: [], attributes: names && slotsOf(names) };
    group.flags.push(flag);
    groups.set(key, group);
  }
  return [...groups.values()];
}
