// What an editor knows of the package. Each `@ts-expect-error` fails the test when there is no error.

import { createClient } from "vexil";
import type { Client, Details, Status } from "vexil";
import { enableDevtools } from "vexil/devtools";
import { explain } from "vexil/explain";
import type { Explanation, Problem, Step } from "vexil/explain";
import { createClient as slim } from "vexil/slim";
import { explain as explainSlim } from "vexil/slim/explain";
import { createTestClient } from "vexil/testing";

const flags: Client = createClient({ url: "https://flags.example", key: "browser-demo", context: { plan: "pro" } });
const status: Status = await flags.ready({ timeoutMs: 1000 });
const isOn: boolean = flags.boolean("checkout", false);
const text: string = flags.string("banner", "");
const limit: number = flags.number("limit", 10);
const prices: { currency: string } = flags.object("prices", { currency: "EUR" });
const details: Details<boolean> = flags.details("checkout", false);
const stop: () => void = flags.subscribe(() => undefined);
slim({ url: "https://flags.example", key: "browser-demo", wasm: new Uint8Array() });
const why: Explanation = await explain(flags, "checkout");
const steps: readonly Step[] = why.steps;
const known: string | Problem = why.problem === undefined ? why.variant : why.problem;
await explainSlim(flags, "checkout", { wasm: new Uint8Array() });
const remove: () => void = enableDevtools(createTestClient({ flags: { checkout: true } }), { shortcut: null });

// @ts-expect-error a fallback has the type of its flag
flags.boolean("checkout", "no");
// @ts-expect-error answers are read only
details.value = true;
// @ts-expect-error a client needs a key
createClient({ url: "https://flags.example" });
// @ts-expect-error where there is a problem there is no variant
export const variant: string = why.variant;
// @ts-expect-error nothing tells this one where the explainer is
await explainSlim(flags, "checkout");

export { status, isOn, text, limit, prices, stop, steps, known, remove };
