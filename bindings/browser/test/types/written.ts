// The flags of typed.json, by `vexil types`. Change the ruleset and run it again instead of editing this.

/** What each flag comes to, by its key: for `createClient<Flags>` of the npm package `vexil`. */
export interface Flags {
  always: true;
  /**
   * Checkout on one page *\/ instead
   * of three
   */
  checkout: boolean;
  prices: {
    readonly currency: string;
    readonly deep?: {
      readonly "a second name, which is rather long": string;
      readonly levels: readonly { readonly "is-last"?: boolean; readonly of: number | string }[];
    };
    readonly none: readonly unknown[];
    readonly note?: string;
    readonly steps: readonly (null | number)[];
  };
  "rate.v2": 1 | -0.5 | 1e21;
  /** For servers: no browser key sees it. */
  rate_v2:
    | "a text that alone is long enough that no union of it and another one fits into the line"
    | "and this is the other one";
  self: "dark" | "li\"ght'\\\n" | "";
}

/** The attributes that flags decide by: `context: { … } satisfies Attributes`. */
export type Attributes = {
  readonly account?: { readonly id?: string | readonly string[] };
  readonly age?: number | readonly number[];
  readonly app?: {
    readonly "a b"?: boolean | number | string | readonly (boolean | number | string)[];
    readonly version?: string | readonly string[];
  };
  readonly country?: number | string | readonly (number | string)[];
  readonly email?: string | readonly string[];
  readonly targetingKey?: string;
};
