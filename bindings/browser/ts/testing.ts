import { answers, choose } from "./chosen.js";
import type { Chosen, Exposure, Metric } from "./chosen.js";
import { FlagClient } from "./client.js";
import type { Link } from "./client.js";
import type { AnyFlags, Client, EvaluationContext } from "./types.js";
import { Values } from "./values.js";

export type { Chosen, Exposure, Metric } from "./chosen.js";
export { mockEdge } from "./mock.js";
export type { MockEdge, MockOptions, Routes } from "./mock.js";

/** A client whose flags come to what a test chooses. Listeners hear of it when the choice changes. */
export interface TestClient<Flags extends object = AnyFlags> extends Client<Flags>, Chosen<Flags> {
  /** What was read, in order. */
  readonly exposures: readonly Exposure[];
  /** What happened, in order. */
  readonly metrics: readonly Metric[];
  /** Takes the flags and the context of the beginning, and forgets what was read and what happened. Listeners stay. */
  reset(): void;
}

/** What a {@link TestClient} begins with. */
export interface TestOptions<Flags extends object = AnyFlags> {
  readonly flags?: Partial<Flags>;
  readonly context?: EvaluationContext;
}

/** Starts a client in memory, which is ready at once and asks nobody. Flags that it was not told of are unknown. */
export function createTestClient<Flags extends object = AnyFlags>({ flags = {}, context = {} }: TestOptions<Flags> = {}): TestClient<Flags> {
  const exposures: Exposure[] = [];
  const metrics: Metric[] = [];
  const told = new Set<string>();
  const link: Link = {
    contextChanged: () => undefined,
    exposed: (flag, source) => {
      const { value } = source.answer(flag);
      const what = JSON.stringify([client.context.targetingKey, flag.key, value]);
      if (!told.has(what)) exposures.push({ flag: flag.key, value });
      told.add(what);
    },
    tracked: (metric, value) => void metrics.push({ metric, ...(value !== undefined && { value }) }),
    close: () => undefined,
  };
  const client = new FlagClient(context, () => link, Infinity);
  const beginning = choose({}, flags);
  let chosen = beginning;
  const take = (): void => client.accept(new Values(answers(chosen)), client.version + 1, "bootstrap", Date.now());
  const set = (first: object | string, value?: unknown): void => {
    chosen = choose(chosen, first, value);
    take();
  };
  const reset = (): void => {
    chosen = beginning;
    client.setContext(context);
    take();
    for (const noted of [exposures, metrics]) noted.length = 0;
    told.clear();
  };
  reset();
  return Object.assign(client, { exposures, metrics, set, reset }) as TestClient<any>;
}
