// That what `vexil types` writes is what `createClient` takes. `written.ts` is of crates/cli/tests/files/typed.json.

import { createClient } from "vexil";

import type { Attributes, Flags } from "./written.js";

const context = { country: "DE", app: { version: "2.1.0" } } satisfies Attributes;
const flags = createClient<Flags>({ url: "https://flags.example", key: "browser", context });

export function reads(): void {
  const checkout: boolean = flags.boolean("checkout", false);
  const theme: "dark" | "" | "li\"ght'\\\n" = flags.string("self", "dark");
  const rate: 1 | -0.5 | 1e21 = flags.number("rate.v2", 1);
  const prices = flags.object("prices", { currency: "USD", none: [], steps: [] });
  const note: string | undefined = prices.note;
  const level: number | string | undefined = prices.deep?.levels[0]?.of;
  const fallback: Attributes = { country: ["DE", 49] };
  flags.setContext(fallback);
  console.log(checkout, theme, rate, note, level);
}

export function mistakes(): void {
  // @ts-expect-error there is no such flag
  flags.boolean("chekout", false);
  // @ts-expect-error it is never blue
  flags.string("self", "blue");
  // @ts-expect-error it is always true
  flags.boolean("always", false);
  // @ts-expect-error there is no such attribute
  ({ contry: "DE" }) satisfies Attributes;
  // @ts-expect-error an age is compared as a number
  ({ age: "12" }) satisfies Attributes;
}
