import init, { explain as explainBytes } from "./explainer.js";
import type { FlagClient } from "./client.js";
import type { Explanation, Problem, Unexplained } from "./explanation.js";
import type { LocalProgram } from "./local.js";
import type { Client, ClientOptions } from "./types.js";

// Nothing is imported of the modules that make a client: a bundler that splits would move what is shared into a file of
// its own, and pages that never explain would download one file more.

export type * from "./explanation.js";

/** Where the explainer is. */
export interface ExplainOptions {
  /** `vexil/explainer.wasm`, as {@link ClientOptions.wasm} takes the engine. Each entry but `vexil/slim/explain` knows where to find it. */
  readonly wasm: NonNullable<ClientOptions["wasm"]>;
}

/**
 * How `flag` came to the answer that `flags.details(flag)` gives when this is called: every step, where the program is in
 * memory, and what the problem is where there are none to tell. Never rejects.
 *
 * The explainer is loaded once, when it is first needed.
 */
export async function explain(flags: Client, flag: string, { wasm }: ExplainOptions): Promise<Explanation> {
  const evidence = evidenceOf(flags, flag);
  if (typeof evidence === "string") return unexplained(flags, flag, evidence);
  const { program, live, context, now } = evidence;
  try {
    await load(wasm);
    return JSON.parse(explainBytes(program, live, context, flag, now)) as Explanation;
  } catch (error) {
    return unexplained(flags, flag, "EXPLAINER_FAILED", error instanceof Error ? error.message : String(error));
  }
}

/** What an answer was made of. */
interface Evidence {
  readonly program: Uint8Array;
  readonly live: Uint8Array;
  /** As {@link LocalProgram.slots} writes it. */
  readonly context: Uint8Array;
  /** In ms since 1970. */
  readonly now: number;
}

/** Copied at once: the client may be elsewhere before the explainer is here. */
function evidenceOf(flags: Client, flag: string): Evidence | Problem {
  const { errorCode } = flags.details(flag);
  if (errorCode !== undefined) return errorCode as Problem;
  const program = (flags as unknown as Partial<FlagClient>).source as LocalProgram | undefined;
  const index = program?.get(flag)?.index;
  if (program?.live === undefined || index === undefined) return "NOT_LOCAL";
  if (program.asks(program.asked, flags).some((folded) => folded.flags.includes(index))) return "OUTDATED";
  // Writing may move the memory: what lies in it is looked up afterwards.
  const context = program.slots.encode(flags.context).slice();
  const bytes = new Uint8Array(program.answers.buffer, program.start, program.length).slice();
  return { program: bytes, live: program.live, context, now: program.at };
}

const SENTENCES: Readonly<Record<Problem, string>> = {
  PROVIDER_NOT_READY: "there are no flags yet",
  FLAG_NOT_FOUND: "there is no such flag, or this client may not see it",
  NOT_LOCAL: "its answer does not come from a program in memory",
  OUTDATED: "this is its last answer: the edge decides it, and has not yet for this context",
  EXPLAINER_FAILED: "the explainer failed",
};

function unexplained({ status }: Client, flag: string, problem: Problem, because = problem === "PROVIDER_NOT_READY" ? status.problem : undefined): Unexplained {
  return { flag, steps: [], text: `${flag}: ${SENTENCES[problem]}${because === undefined ? "" : `: ${because}`}`, problem };
}

let explainer: Promise<unknown> | undefined;

/** Once for all; tries again after a failure. */
function load(wasm: ExplainOptions["wasm"]): Promise<unknown> {
  const bytes = async (): Promise<unknown> => init({ module_or_path: await (typeof wasm === "function" ? wasm() : wasm) });
  return (explainer ??= bytes().catch((error: unknown) => {
    explainer = undefined;
    throw error;
  }));
}
