import type { Flag, Source } from "./client.js";
import { freeze } from "./context.js";
import type { Answer, Snapshot } from "./types.js";

interface Evaluated extends Flag {
  readonly told: Snapshot["flags"][string];
}

/** Answers that were evaluated elsewhere. */
export class Values implements Source {
  readonly flags = new Map<string, Evaluated>();
  #isExpired = false;

  /** The instant, in ms since 1970, at which an answer may change by itself. */
  declare readonly until: number;

  /**
   * @throws {TypeError} if `flags` are not answers by key.
   */
  constructor(flags: Snapshot["flags"], nextChange?: number | null) {
    this.until = nextChange ?? Infinity;
    for (const [key, told] of Object.entries(flags)) this.flags.set(key, { key, value: told.value, isUnread: true, told: freeze(told) });
  }

  get(key: string): Flag | undefined {
    return this.flags.get(key);
  }

  keys(): Iterable<string> {
    return this.flags.keys();
  }

  evaluate(_context: unknown, _now: number, isExpired: boolean): number {
    this.#isExpired = isExpired;
    for (const flag of this.flags.values()) {
      flag.value = this.answer(flag).value;
      flag.isUnread = true;
    }
    return Infinity;
  }

  answer(flag: Flag, isExpired: unknown = this.#isExpired): Answer {
    const { failsafe, ...answer } = this.told(flag);
    return isExpired && failsafe !== undefined ? { value: failsafe, reason: "DEFAULT" } : answer;
  }

  told(flag: Flag): Snapshot["flags"][string] {
    return (flag as Evaluated).told;
  }

  mark(): boolean {
    return this.#isExpired;
  }

  isSame(flag: Flag, isExpired: unknown): boolean {
    return isExpired === this.#isExpired || this.told(flag).failsafe === undefined;
  }

  free(): void {}
}
