import type { Flag, FlagClient, Source } from "./client.js";
import type { Answer, JsonValue, Snapshot } from "./types.js";

/** What a flag comes to in this tab, whatever its rules say. */
export interface Override {
  readonly value: JsonValue;
  /** Absent where it is none of the flag's variants. */
  readonly variant?: string;
}

const NAME = "vexil.overrides";

/** The overrides of this tab, which it keeps as long as it lives. They hold for flags that are there. */
export class Overrides {
  readonly #client: FlagClient;
  #chosen: ReadonlyMap<string, Override> = new Map();
  /** What answers where nothing is overridden, once there is something. */
  source: Source | undefined;

  constructor(client: FlagClient) {
    this.#client = client;
    this.#apply(stored());
  }

  get(key: string): Override | undefined {
    return this.source?.get(key) && this.#chosen.get(key);
  }

  set(key: string, override: Override): void {
    this.#choose(new Map(this.#chosen).set(key, override));
  }

  /** Forgets that of `key`, or all. */
  clear(key?: string): void {
    this.#choose(new Map([...this.#chosen].filter(([other]) => key !== undefined && key !== other)));
  }

  /** Overrides nothing any more; the tab keeps what was chosen. */
  end(): void {
    this.#client.override((source) => source);
  }

  #choose(chosen: ReadonlyMap<string, Override>): void {
    const json = JSON.stringify(Object.fromEntries(chosen));
    keep(json);
    this.#apply(json);
  }

  #apply(json: string): void {
    // Values are frozen, as all that a client gives.
    const chosen = new Map(Object.entries(JSON.parse(json, (_key, value: unknown) => Object.freeze(value)) as Record<string, Override>));
    this.#chosen = chosen;
    this.#client.override((source) => {
      this.source = source;
      return chosen.size > 0 ? new Overridden(source, chosen) : source;
    });
  }
}

/** Forgets all overrides of this tab. */
export function forget(): void {
  keep("{}");
}

/** The overrides of this tab, as JSON. */
function stored(): string {
  try {
    const json = sessionStorage.getItem(NAME) ?? "{}";
    return JSON.parse(json) ? json : "{}";
  } catch {
    return "{}";
  }
}

function keep(json: string): void {
  try {
    sessionStorage.setItem(NAME, json);
  } catch {
    // A page without storage: they hold until it is left.
  }
}

/** A source with some flags that come to something else. Reads of those are not told to the edge. */
class Overridden implements Source {
  readonly #source: Source;
  readonly #answers: ReadonlyMap<string, Override>;
  readonly #own = new Map<string, Flag>();
  readonly flags = { get: (key: string) => this.get(key) } as Source["flags"];

  constructor(source: Source, answers: ReadonlyMap<string, Override>) {
    this.#source = source;
    this.#answers = answers;
    for (const [key, { value }] of answers) {
      // One that was read already is told nobody.
      if (source.get(key)) this.#own.set(key, { key, value, isUnread: false });
    }
  }

  get(key: string): Flag | undefined {
    return this.#own.get(key) ?? this.#source.get(key);
  }

  keys(): Iterable<string> {
    return this.#source.keys();
  }

  evaluate(...of: Parameters<Source["evaluate"]>): number {
    return this.#source.evaluate(...of);
  }

  answer(flag: Flag, ...mark: [unknown?]): Answer {
    const override = this.#own.has(flag.key) && this.#answers.get(flag.key);
    return override ? { ...override, reason: "OVERRIDE" } : this.#source.answer(flag, ...mark);
  }

  told(flag: Flag): Snapshot["flags"][string] {
    return this.#source.told(flag);
  }

  mark(): unknown {
    return this.#source.mark();
  }

  isSame(flag: Flag, mark: unknown): boolean {
    return this.#own.has(flag.key) || this.#source.isSame(flag, mark);
  }

  free(): void {
    this.#source.free();
  }
}
