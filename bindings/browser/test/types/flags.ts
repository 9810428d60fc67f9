// What compiles and what does not, for those whose flags have types and those whose have none. Nothing here runs: `tsc`
// is the test, and an `@ts-expect-error` fails it when there is no error.

import { createClient } from "vexil";
import type { Client, Details, JsonValue } from "vexil";
import { explain } from "vexil/explain";

/** An interface: it has no index signature. */
interface Shop {
  checkout: boolean;
  theme: "light" | "dark";
  title: string;
  limit: number;
  perPage: 10 | 20;
  prices: Prices;
  always: true;
  /** Of what was read somewhere and is not known. */
  rest: JsonValue;
  beta?: boolean;
}

interface Prices {
  currency: "EUR" | "CHF";
  steps: number[];
  note?: string;
}

const PRICES: Prices = { currency: "EUR", steps: [] };

/** Compiles if what it is called with has the type `Wanted`, no wider and no narrower. */
declare function is<Wanted>(): <Found>(found: Found, ...same: Same<Found, Wanted> extends true ? [] : ["is another type"]) => void;

type Same<One, Other> = (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;

declare const shop: Client<Shop>;
declare const untyped: Client;
declare const listener: () => void;

export function typedReads(): void {
  is<boolean>()(shop.boolean("checkout", false));
  is<true>()(shop.boolean("always", true));
  is<"light" | "dark">()(shop.string("theme", "light"));
  is<string>()(shop.string("title", "Shop"));
  is<number>()(shop.number("limit", 3));
  is<10 | 20>()(shop.number("perPage", 10));
  is<Prices>()(shop.object("prices", PRICES));
  // The value may be another than the fallback, and have what that lacks.
  is<Prices>()(shop.object("prices", { currency: "EUR", steps: [] }));
  // Of several types it is read as each, and one that may be missing as what it is when it is there.
  is<string>()(shop.string("rest", ""));
  is<boolean>()(shop.boolean("beta", false));
}

export function typedDetails(): void {
  is<Details<boolean>>()(shop.details("checkout", false));
  is<Details<"light" | "dark">>()(shop.details("theme", "dark"));
  is<Details<10 | 20>>()(shop.details("perPage", 20));
  is<Details<Prices>>()(shop.details("prices", PRICES));
  is<Details<Prices>>()(shop.details("prices", { currency: "EUR", steps: [] }));
  is<Details<boolean | undefined>>()(shop.details("checkout"));
  is<Details<"light" | "dark" | undefined>>()(shop.details("theme"));
  is<Details<Prices | undefined>>()(shop.details("prices"));
}

export function typedKeys(): void {
  is<readonly (keyof Shop)[]>()(shop.flags());
  is<() => void>()(shop.subscribe("theme", listener));
  is<() => void>()(shop.subscribe(listener));
  const { subscribe } = shop;
  subscribe("theme", listener);
}

export function typedMistakes(): void {
  // @ts-expect-error there is no such flag
  shop.boolean("chekout", false);
  // @ts-expect-error a text is no boolean
  shop.boolean("theme", false);
  // @ts-expect-error nor is it a number
  shop.number("title", 1);
  // @ts-expect-error the theme is never blue
  shop.string("theme", "blue");
  // @ts-expect-error a page never has eleven
  shop.number("perPage", 11);
  // @ts-expect-error the flag is never off
  shop.boolean("always", false);
  // @ts-expect-error a fallback has all that a value has
  shop.object("prices", { currency: "EUR" });
  // @ts-expect-error of the same types
  shop.object("prices", { currency: "USD", steps: [] });
  // @ts-expect-error a fallback must be there
  shop.boolean("checkout");
  // @ts-expect-error a value may be compared with those it can be
  if (shop.string("theme", "light") === "blue") listener();
  // @ts-expect-error there is no such flag
  shop.details("chekout");
  // @ts-expect-error the theme is never blue
  shop.details("theme", "blue");
  // @ts-expect-error a text is no boolean
  shop.details("theme", false);
  // @ts-expect-error a fallback has all that a value has
  shop.details("prices", { currency: "EUR" });
  // @ts-expect-error without a fallback there may be no value
  const checkout: boolean = shop.details("checkout").value;
  // @ts-expect-error there is no such flag
  shop.subscribe("chekout", listener);
  return void checkout;
}

export function untypedReads(): void {
  is<boolean>()(untyped.boolean("any", false));
  is<string>()(untyped.string("any", "text"));
  is<number>()(untyped.number("any", 1));
  is<Prices>()(untyped.object("any", PRICES));
  is<Prices>()(untyped.object<Prices>("any", { currency: "EUR", steps: [] }));
  is<Details<boolean>>()(untyped.details("any", true));
  is<Details<string>>()(untyped.details("any", "text"));
  is<Details<number>>()(untyped.details("any", 1));
  is<Details<Prices>>()(untyped.details("any", PRICES));
  is<Details<JsonValue | undefined>>()(untyped.details("any"));
  is<readonly string[]>()(untyped.flags());
  untyped.subscribe("any", listener);
  // @ts-expect-error a fallback has the type that is asked for
  untyped.boolean("any", "text");
  // @ts-expect-error and is no scalar where an object is
  untyped.object("any", 1);
}

export function clients<Flags extends object>(some: Client<Flags>): void {
  const options = { url: "https://flags.example", key: "browser-demo" };
  is<Client>()(createClient(options));
  is<Client<Shop>>()(createClient<Shop>(options));
  const told: Client<Shop> = createClient(options);
  // What takes any client takes one that knows its flags.
  const all: readonly Client[] = [told, shop, some];
  void explain(shop, "theme");
  // @ts-expect-error one that knows other flags is another
  const other: Client<{ theme: "light" }> = shop;
  return void [all, other];
}
