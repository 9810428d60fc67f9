// What compiles of `vexil/testing` and what does not, as in `flags.ts`; with the types of Playwright that a test has.

import type { BrowserContext, Page } from "playwright-core";
import type { Client } from "vexil";
import { createTestClient, mockEdge } from "vexil/testing";
import type { TestClient } from "vexil/testing";

interface Shop {
  checkout: boolean;
  theme: "light" | "dark";
  prices: { currency: string };
}

export function inMemory(): void {
  const flags = createTestClient<Shop>({ flags: { checkout: true, theme: "dark" }, context: { plan: "pro" } });
  const client: Client<Shop> = flags;
  flags.set("theme", "light");
  flags.set("theme", undefined);
  flags.set({ checkout: false, prices: { currency: "EUR" } });
  // @ts-expect-error the theme is never blue
  flags.set("theme", "blue");
  // @ts-expect-error there is no such flag
  flags.set("chekout", true);
  // @ts-expect-error nor here
  flags.set({ chekout: true });
  // @ts-expect-error a text is no boolean
  createTestClient<Shop>({ flags: { checkout: "yes" } });
  // @ts-expect-error what was noted stays
  flags.exposures.push({ flag: "theme", value: "light" });
  const untyped: TestClient = createTestClient({ flags: { any: 1 } });
  untyped.set("other", { deep: [null] });
  // @ts-expect-error a function is no value
  untyped.set("other", () => undefined);
  return void client;
}

export async function inPlaywright(page: Page, context: BrowserContext): Promise<void> {
  const edge = await mockEdge<Shop>(page, { theme: "dark" }, { url: "https://flags.example" });
  edge.set("theme", "light");
  // @ts-expect-error the theme is never blue
  edge.set("theme", "blue");
  (await mockEdge(context)).set("any", 1);
}
