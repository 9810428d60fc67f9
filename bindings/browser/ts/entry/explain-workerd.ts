import { explain as explainWith } from "../explain.js";
import type { Explanation, ExplainOptions } from "../explain.js";
import type { Client } from "../types.js";
import wasm from "../explainer.wasm";

export type * from "../explain.js";

/** {@link explainWith}, with the explainer as the runtime compiled it. */
export function explain(flags: Client, flag: string, options: Partial<ExplainOptions> = {}): Promise<Explanation> {
  return explainWith(flags, flag, { wasm, ...options });
}
