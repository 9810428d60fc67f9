// The checkout: one page or three steps, as `one-page-checkout` says. What was typed stays when the flag turns.

import type { Client } from "vexil";
import { byId, element, setText } from "./dom.js";
import { money, priceOf, PRODUCTS, USUAL_FREE_DELIVERY } from "./catalogue.js";
import type { Shop } from "./shop.js";

interface Field {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly isWide?: boolean;
}

interface Step {
  readonly title: string;
  readonly fields: readonly Field[];
}

const STEPS: readonly Step[] = [
  { title: "Contact", fields: [{ name: "who", label: "Name", value: "Robin Marsh" }, { name: "mail", label: "Email", value: "robin@example.com" }] },
  { title: "Delivery", fields: [{ name: "street", label: "Street", value: "Am Kai 4" }, { name: "town", label: "Town", value: "20457 Hamburg" }] },
  { title: "Payment", fields: [{ name: "invoice", label: "Invoice to", value: "Robin Marsh, sailing yacht Tern", isWide: true }] },
];

const DELIVERY = 6;
const WRAPPING = 3;

/** The form and the summary beside it. */
export class Checkout {
  readonly #flags: Client;
  readonly #shop: Shop;
  readonly #form = byId("order", HTMLFormElement);
  readonly #steps = byId("steps", HTMLElement);
  readonly #summary = byId("summary", HTMLElement);
  readonly #sets: readonly HTMLFieldSetElement[];
  readonly #wrap = element("label", { class: "wrap", hidden: true });
  readonly #wrapBox = element("input", { type: "checkbox", name: "wrap" });
  readonly #back = element("button", { type: "button", class: "quiet" }, "Back");
  readonly #next = element("button", { type: "submit", class: "primary" }, "Place order");
  readonly #done = element("p", { class: "done", role: "status" });
  #step = 0;

  constructor(flags: Client, shop: Shop) {
    this.#flags = flags;
    this.#shop = shop;
    this.#sets = STEPS.map((step) =>
      element("fieldset", {}, element("legend", {}, step.title), ...step.fields.map((field) =>
        element("label", { class: field.isWide === true ? "field is-wide" : "field" }, field.label, element("input", { name: field.name, value: field.value, autocomplete: "off" })),
      )),
    );
    this.#wrap.append(this.#wrapBox, element("span", {}, "Wrap it in sailcloth"));
    this.#sets[1]?.append(this.#wrap);
    this.#form.append(...this.#sets, element("div", { class: "form-end" }, this.#back, this.#next), this.#done);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#forward();
    });
    this.#back.addEventListener("click", () => this.#go(this.#step - 1));
    this.#wrapBox.addEventListener("change", () => this.#showSummary());
  }

  /** Brings form and summary to what the flags say now. */
  show(): void {
    this.#showForm();
    this.#showSummary();
  }

  get #isOnePage(): boolean {
    return this.#flags.boolean("one-page-checkout", false);
  }

  #forward(): void {
    if (!this.#isOnePage && this.#step < STEPS.length - 1) return this.#go(this.#step + 1);
    if (this.#shop.bag.size === 0) return void setText(this.#done, "Your bag is empty: put a flag in it first.");
    this.#step = 0;
    this.#shop.empty();
    this.show();
    setText(this.#done, "Thank you. Nothing was charged or sent: this shop only shows flags at work.");
  }

  #go(step: number): void {
    this.#step = Math.max(0, Math.min(step, STEPS.length - 1));
    this.#showForm();
    this.#sets[this.#step]?.querySelector("input")?.focus();
  }

  #showForm(): void {
    const isOnePage = this.#isOnePage;
    const isLast = isOnePage || this.#step === STEPS.length - 1;
    byId("checkout", HTMLElement).dataset["shape"] = isOnePage ? "one-page" : "three-steps";
    this.#sets.forEach((set, index) => {
      set.hidden = !isOnePage && index !== this.#step;
    });
    this.#steps.hidden = isOnePage;
    this.#steps.replaceChildren(...STEPS.map((step, index) =>
      element("li", { "aria-current": index === this.#step ? "step" : undefined, class: index < this.#step ? "is-past" : undefined }, step.title),
    ));
    this.#back.hidden = isOnePage || this.#step === 0;
    setText(this.#next, isLast ? "Place order" : `Next: ${STEPS[this.#step + 1]?.title.toLowerCase() ?? ""}`);
    this.#wrap.hidden = !this.#flags.boolean("gift-wrap", false);
    setText(this.#done, "");
  }

  #showSummary(): void {
    const prices = this.#shop.priceList;
    const lines = PRODUCTS.flatMap((product) => {
      const pieces = this.#shop.bag.get(product.id) ?? 0;
      return pieces === 0 ? [] : [{ product, pieces, cost: priceOf(product, prices).now * pieces }];
    });
    const goods = lines.reduce((sum, line) => sum + line.cost, 0);
    const freeFrom = Math.round(this.#flags.number("free-delivery-from", USUAL_FREE_DELIVERY) * prices.rate);
    const delivery = goods === 0 || goods >= freeFrom ? 0 : Math.round(DELIVERY * prices.rate);
    const wrapping = !this.#wrap.hidden && this.#wrapBox.checked && goods > 0 ? Math.round(WRAPPING * prices.rate) : 0;

    const list = element("ul", {}, ...lines.map(({ product, pieces, cost }) =>
      element("li", {}, this.#pieces(product.id, product.name, pieces), element("span", { class: "line-name" }, product.name), element("span", { class: "amount" }, money(cost, prices))),
    ));
    const rows: [string, string][] = [["Delivery", delivery === 0 ? "free" : money(delivery, prices)]];
    if (wrapping > 0) rows.push(["Sailcloth", money(wrapping, prices)]);
    rows.push(["Total", money(goods + delivery + wrapping, prices)]);
    const hint = goods > 0 && delivery > 0 ? `Delivery is free from ${money(freeFrom, prices)}.` : "";
    this.#summary.replaceChildren(
      lines.length === 0 ? element("p", { class: "empty" }, "Your bag is empty.") : list,
      element("dl", {}, ...rows.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])),
      element("p", { class: "hint" }, hint),
    );
  }

  #pieces(id: string, name: string, pieces: number): HTMLElement {
    const button = (label: string, sign: string, change: number): HTMLElement => {
      const made = element("button", { type: "button", "aria-label": label, "data-piece": `${id}${sign}` }, sign);
      made.addEventListener("click", () => {
        this.#shop.put(id, pieces + change);
        this.#summary.querySelector<HTMLElement>(`[data-piece="${id}${sign}"]`)?.focus();
      });
      return made;
    };
    return element("span", { class: "pieces" }, button(`One ${name} fewer`, "−", -1), element("span", {}, String(pieces)), button(`One ${name} more`, "+", 1));
  }
}
