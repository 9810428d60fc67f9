import type { JsonValue, Reason } from "./types.js";

/** How a flag came to its answer, or why that cannot be told. */
export type Explanation = Explained | Unexplained;

/** What `vexil explain --json` prints, and as `text` what it prints for people. Instants are in ms since 1970. */
export interface Explained {
  readonly flag: string;
  readonly value: JsonValue;
  readonly variant: string;
  readonly reason: Reason;
  /** The name of the rule that chose, or its position as text. Absent when no rule chose. */
  readonly rule?: string;
  /** The stage of the release that chose. Absent when none did that has started. */
  readonly stage?: string;
  /** On which side the unit is compared while the release is at that stage. Absent when it is on neither. */
  readonly arm?: "treated" | "control";
  /** The split at the flag's default had no unit to go by. */
  readonly missingUnit?: true;
  /** The instant at which the answer may change by itself. Absent when it will not. */
  readonly nextChange?: number;
  readonly state: State;
  /** What the evaluation went through, in order; the last one served. Empty where the flag is not on. */
  readonly steps: readonly Step[];
  /** All of this as indented lines. */
  readonly text: string;
  readonly problem?: never;
}

/** There are no steps to tell. */
export interface Unexplained {
  readonly flag: string;
  readonly steps: readonly [];
  /** The problem as a sentence. */
  readonly text: string;
  readonly problem: Problem;
}

/**
 * - `PROVIDER_NOT_READY`: there are no flags yet.
 * - `FLAG_NOT_FOUND`: there is no such flag, or this client may not see it.
 * - `NOT_LOCAL`: the answers do not come from a program in memory.
 * - `OUTDATED`: the answer is the last one of a flag that the edge decides, which it has not yet for this context.
 * - `EXPLAINER_FAILED`: the module that explains cannot be loaded, or refused.
 */
export type Problem = "PROVIDER_NOT_READY" | "FLAG_NOT_FOUND" | "NOT_LOCAL" | "OUTDATED" | "EXPLAINER_FAILED";

/** Whether a flag's rules were used: `disabled` by its ruleset, `killed` by operations. */
export type State = "on" | "disabled" | "killed";

/** One part of a flag, as far as the evaluation went through it. */
export interface Step {
  readonly part: "requires" | "targets" | "rule" | "default";
  /** The position of the rule. */
  readonly rule?: number;
  /** The name of the rule. */
  readonly name?: string;
  /** What it asked, in order. Absent where it asked nothing. */
  readonly asked?: readonly Asked[];
  /** The variant that it served. Absent where the evaluation went on. */
  readonly serves?: string;
  /** The unit that it would have served by, which the context lacks. */
  readonly noUnit?: Unit;
  /** How a split chose. */
  readonly split?: Split;
  /** How a release chose. */
  readonly release?: Release;
}

/** A question, and whether it holds. */
export type Asked = AskedAttribute | AskedTarget | AskedSegment | AskedFlag | AskedTime | AskedStage;

/** A comparison with an attribute; what it is compared with has the key that it has in rulesets. */
export interface AskedAttribute {
  readonly holds: boolean;
  readonly attr: string;
  readonly exists?: true;
  readonly in?: readonly (boolean | number | string)[];
  readonly startsWith?: readonly string[];
  readonly endsWith?: readonly string[];
  readonly contains?: readonly string[];
  readonly lt?: number;
  readonly lte?: number;
  readonly gt?: number;
  readonly gte?: number;
  readonly semver?: string;
  readonly before?: number;
  readonly after?: number;
  readonly cidr?: readonly string[];
  readonly pattern?: string;
  /** How long the list is, where it is longer than what is shown of it. */
  readonly count?: number;
  /** What the context has. Absent when that is nothing. */
  readonly found?: JsonValue;
  /** What is the matter with what was found. Absent when it holds. */
  readonly why?: "missing" | "null" | "empty" | "type" | "unreadable" | "different";
}

/** Whether the targeting key is listed. */
export interface AskedTarget {
  readonly holds: boolean;
  /** The variant that it would be listed for. */
  readonly target: string;
  /** How many are. */
  readonly count: number;
  readonly found?: JsonValue;
}

/** A segment. */
export interface AskedSegment {
  readonly holds: boolean;
  /** Its name; empty where the edge sent it without. */
  readonly segment: string;
  readonly asked?: readonly Asked[];
}

/** A prerequisite. */
export interface AskedFlag {
  readonly holds: boolean;
  readonly flag: string;
  /** The variants, one of which it must serve. */
  readonly variant: readonly string[];
  readonly state: State;
  readonly steps: readonly Step[];
}

/** A window of time. */
export interface AskedTime {
  readonly holds: boolean;
  readonly time: { readonly from?: number; readonly until?: number };
  readonly changesAt?: number;
}

/** Whether a release has reached a stage. */
export interface AskedStage {
  readonly holds: boolean;
  readonly release: string;
  readonly wanted?: string;
  /** Where it is. Absent when it has not started. */
  readonly stage?: string;
}

/** What a split or a release goes by. */
export interface Unit {
  readonly attr: string;
  readonly found?: JsonValue;
  /** What it was hashed with. */
  readonly salted: "key" | "release" | "otherwise" | "vendor";
  /** Of a vendor: the hash and the salt. */
  readonly hash?: string;
  readonly salt?: string;
}

/** Positions and boundaries are numbers of 2^32. */
export interface Split {
  readonly unit: Unit;
  readonly position: number;
  readonly arms: readonly { readonly variant: string; readonly end: number; readonly boundary: number }[];
  /** The variant of what is left after the arms. */
  readonly rest: string;
}

/** The position and the exposure are numbers of 2^32. */
export interface Release {
  readonly name: string;
  readonly unit?: Unit;
  readonly position: number;
  readonly stage?: string;
  readonly audience?: boolean;
  /** Absent when the release has not started. */
  readonly exposure?: number;
  readonly arm?: "treated" | "control";
}
