// The shelf and the banner: what a visitor sees of `banner` and `price-list`.

import type { Client } from "vexil";
import { announce, byId, element, mark, setText } from "./dom.js";
import { drawFlag } from "./cloth.js";
import { isPriceList, money, priceOf, PRODUCTS, USUAL_PRICES } from "./catalogue.js";
import type { PriceList, Product } from "./catalogue.js";

/** What lies in the bag: how many of which product. */
export type Bag = ReadonlyMap<string, number>;

/** The storefront. Reads the flags as any shop would: by key, with what to do when there is no answer. */
export class Shop {
  readonly #flags: Client;
  readonly #onBag: (bag: Bag) => void;
  readonly #prices = new Map<string, HTMLElement>();
  readonly #plans = byId("plans", HTMLElement);
  readonly #banner = byId("banner", HTMLElement);
  #bag: Bag = new Map([["lima", 1], ["papa", 1]]);

  constructor(flags: Client, onBag: (bag: Bag) => void) {
    this.#flags = flags;
    this.#onBag = onBag;
    byId("goods", HTMLElement).append(...PRODUCTS.map((product) => this.#card(product)));
    byId("bag-count", HTMLElement).textContent = String(count(this.#bag));
  }

  get bag(): Bag {
    return this.#bag;
  }

  /** The price list now in force. */
  get priceList(): PriceList {
    const list = this.#flags.object("price-list", { ...USUAL_PRICES });
    return isPriceList(list) ? list : USUAL_PRICES;
  }

  /** Puts some number of a product into the bag; none takes it out. */
  put(id: string, pieces: number): void {
    const bag = new Map(this.#bag);
    if (pieces > 0) bag.set(id, pieces);
    else bag.delete(id);
    this.#bag = bag;
    setText(byId("bag-count", HTMLElement), String(count(bag)));
    this.#onBag(bag);
  }

  /** Empties the bag, once an order is placed. */
  empty(): void {
    this.#bag = new Map();
    setText(byId("bag-count", HTMLElement), "0");
    this.#onBag(this.#bag);
  }

  /** Brings banner and prices to what the flags say now. */
  show(): void {
    const sentence = this.#flags.string("banner", "");
    setText(this.#banner, sentence);
    byId("banner-zone", HTMLElement).classList.toggle("is-empty", sentence === "");

    const prices = this.priceList;
    for (const product of PRODUCTS) this.#price(product, prices);
    this.#membership(prices);
  }

  #card(product: Product): HTMLElement {
    const price = element("p", { class: "price" });
    this.#prices.set(product.id, price);
    const add = element("button", { type: "button", class: "add", "aria-label": `Add ${product.name} to the bag` }, "Add");
    add.addEventListener("click", () => {
      this.put(product.id, (this.#bag.get(product.id) ?? 0) + 1);
      announce(`${product.name} is in your bag.`);
    });
    const picture = element("div", { class: "picture" });
    picture.append(drawFlag(product.patches));
    return element(
      "li",
      { class: "good" },
      picture,
      element("div", { class: "good-name" }, element("h3", {}, product.name), price),
      element("div", { class: "good-end" }, element("p", { class: "meaning" }, product.meaning), add),
    );
  }

  #price(product: Product, prices: PriceList): void {
    const place = this.#prices.get(product.id);
    if (place === undefined) return;
    const { full, now } = priceOf(product, prices);
    const parts: (Node | string)[] = [];
    if (now !== full) {
      parts.push(element("s", {}, element("span", { class: "unseen" }, "instead of "), money(full, prices)), " ");
    }
    parts.push(element("strong", {}, money(now, prices)));
    place.replaceChildren(...parts);
  }

  #membership(prices: PriceList): void {
    const current = String(this.#flags.context["plan"] ?? "free");
    const cards = Object.entries(prices.plans).map(([name, price]) =>
      element(
        "p",
        { class: name === current ? "plan is-current" : "plan" },
        element("span", { class: "plan-name" }, name),
        element("span", { class: "plan-price" }, element("b", {}, money(price, prices)), " a month"),
        element("span", { class: "plan-note" }, name === current ? "your plan" : ""),
      ),
    );
    const discount = prices.discount === 0 ? "No discount on this price list" : `${prices.discount} % off every flag`;
    this.#plans.replaceChildren(element("p", { class: "plan-title" }, element("b", {}, "Membership"), element("span", {}, discount)), ...cards);
  }
}

function count(bag: Bag): number {
  return [...bag.values()].reduce((sum, pieces) => sum + pieces, 0);
}

/** The little flag at the corner of a part of the page: which flag shaped it, and into what. */
export class Pennants {
  readonly #flags: Client;
  readonly #words = new Map<string, HTMLElement>();

  constructor(flags: Client) {
    this.#flags = flags;
    for (const zone of document.querySelectorAll<HTMLElement>("[data-flag]")) {
      const key = zone.dataset["flag"] ?? "";
      const word = element("span", { class: "pennant-variant" });
      this.#words.set(key, word);
      zone.append(element("a", { class: "pennant", href: `#flag-${key}`, title: `Why: the answer of ${key}` }, element("span", { class: "pennant-key" }, key), " ", word));
    }
  }

  /** Brings the pennants to what the flags say now, and marks the parts that some change has touched. */
  show(changed: ReadonlySet<string>): void {
    for (const [key, word] of this.#words) {
      const answer = this.#flags.details(key);
      setText(word, answer.variant ?? "default");
      const zone = word.closest("[data-flag]");
      zone?.classList.toggle("is-killed", answer.reason === "DISABLED");
      if (zone && changed.has(key)) mark(zone);
    }
  }
}
