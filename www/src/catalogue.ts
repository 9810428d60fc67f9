// What the shop sells, and what it charges before any flag has a say.

import { box } from "./cloth.js";
import type { Patch } from "./cloth.js";

/** One thing for sale. */
export interface Product {
  readonly id: string;
  readonly name: string;
  /** What the flag says at sea. */
  readonly meaning: string;
  /** In euro, before the price list's rate and discount. */
  readonly price: number;
  readonly patches: readonly Patch[];
}

/** The flag `price-list`. */
export interface PriceList {
  readonly currency: string;
  readonly rate: number;
  /** In per cent, off every product. */
  readonly discount: number;
  /** Membership, a month. */
  readonly plans: Readonly<Record<string, number>>;
}

/** What the shop charges when no flag can be read. */
export const USUAL_PRICES: PriceList = { currency: "EUR", rate: 1, discount: 0, plans: { free: 0, club: 4, fleet: 19 } };

/** From which basket on delivery is free, in euro, when no flag can be read. */
export const USUAL_FREE_DELIVERY = 60;

/** The signal flags on the shelf. */
export const PRODUCTS: readonly Product[] = [
  { id: "lima", name: "Lima", meaning: "Stop your vessel instantly", price: 24, patches: [box("yellow", 0, 0, 0.5, 0.5), box("black", 0.5, 0, 1, 0.5), box("black", 0, 0.5, 0.5, 1), box("yellow", 0.5, 0.5, 1, 1)] },
  { id: "papa", name: "Papa", meaning: "All on board, we are about to sail", price: 28, patches: [box("blue", 0, 0, 1, 1), box("white", 0.31, 0.31, 0.69, 0.69)] },
  { id: "oscar", name: "Oscar", meaning: "Man overboard", price: 24, patches: [{ fill: "yellow", points: [[0, 0], [0, 1], [1, 1]] }, { fill: "red", points: [[0, 0], [1, 0], [1, 1]] }] },
  { id: "xray", name: "X-ray", meaning: "Stop, and watch for my signals", price: 26, patches: [box("white", 0, 0, 1, 1), box("blue", 0, 0.39, 1, 0.61), box("blue", 0.41, 0, 0.59, 1)] },
  { id: "zulu", name: "Zulu", meaning: "I require a tug", price: 34, patches: [{ fill: "yellow", points: [[0, 0], [1, 0], [0.5, 0.5]] }, { fill: "blue", points: [[1, 0], [1, 1], [0.5, 0.5]] }, { fill: "red", points: [[1, 1], [0, 1], [0.5, 0.5]] }, { fill: "black", points: [[0, 1], [0, 0], [0.5, 0.5]] }] },
  { id: "charlie", name: "Charlie", meaning: "Affirmative", price: 30, patches: [box("blue", 0, 0, 1, 0.2), box("white", 0, 0.2, 1, 0.4), box("red", 0, 0.4, 1, 0.6), box("white", 0, 0.6, 1, 0.8), box("blue", 0, 0.8, 1, 1)] },
];

/** Whether what a flag holds is a price list this shop can read. */
export function isPriceList(value: unknown): value is PriceList {
  if (typeof value !== "object" || value === null) return false;
  const { currency, rate, discount, plans } = value as Record<string, unknown>;
  return typeof currency === "string" && typeof rate === "number" && typeof discount === "number" && typeof plans === "object" && plans !== null;
}

/** An amount as people in the price list's currency read it. */
export function money(amount: number, prices: PriceList): string {
  const isWhole = Number.isInteger(amount);
  return new Intl.NumberFormat("en", { style: "currency", currency: prices.currency, currencyDisplay: "narrowSymbol", minimumFractionDigits: isWhole ? 0 : 2 }).format(amount);
}

/** What one product costs under a price list, and what it would without the discount. */
export function priceOf(product: Product, prices: PriceList): { readonly full: number; readonly now: number } {
  const full = Math.round(product.price * prices.rate);
  return { full, now: Math.round(full * (100 - prices.discount)) / 100 };
}
