import { explain as explainWith } from "../explain.js";
import type { Explanation, ExplainOptions } from "../explain.js";
import type { Client } from "../types.js";

export type * from "../explain.js";

/** {@link explainWith}, with the explainer from beside this module. */
export function explain(flags: Client, flag: string, options: Partial<ExplainOptions> = {}): Promise<Explanation> {
  return explainWith(flags, flag, { wasm: new URL("../explainer.wasm", import.meta.url), ...options });
}
