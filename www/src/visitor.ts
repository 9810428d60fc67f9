// The context panel: who is visiting. Each change is one evaluation of every flag, in the page.

import type { EvaluationContext } from "vexil";
import { byId, element } from "./dom.js";

const COUNTRIES = [["DE", "Germany"], ["AT", "Austria"], ["CH", "Switzerland"], ["FR", "France"], ["GB", "Great Britain"], ["US", "United States"]] as const;
const PLANS = [["free", "Free"], ["club", "Club"], ["fleet", "Fleet"]] as const;
const VERSIONS = ["1.9.2", "2.0.4", "2.1.0", "3.0.0"] as const;

/** The form that holds the evaluation context. */
export class Visitor {
  readonly #form = byId("visitor-form", HTMLFormElement);
  readonly #user = element("input", { id: "user", name: "user", value: "user-2", spellcheck: "false", autocapitalize: "off" });

  /** `onChange` gets the new context at every change, also while a name is typed. */
  constructor(onChange: (context: EvaluationContext) => void) {
    const someone = element("button", { type: "button", class: "quiet", "aria-label": "Other user, at random" }, "Other");
    const staff = element("button", { type: "button", class: "quiet", "aria-label": "Staff member" }, "Staff");
    this.#form.append(
      choices("Country", "country", COUNTRIES, "DE", true),
      choices("Plan", "plan", PLANS, "free", false),
      element("div", { class: "user" },
        element("label", { for: "user" }, "User"),
        element("div", { class: "user-row" }, this.#user, someone, staff),
      ),
      choices("App", "version", VERSIONS.map((version) => [version, version] as const), "2.1.0", false),
    );
    this.#form.addEventListener("input", () => onChange(this.context));
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    const more = byId("more", HTMLElement);
    more.addEventListener("click", () => {
      const isOpen = byId("visitor", HTMLElement).classList.toggle("is-open");
      more.setAttribute("aria-expanded", String(isOpen));
      more.textContent = isOpen ? "Less" : "More";
    });
    const become = (name: string): void => {
      this.#user.value = name;
      onChange(this.context);
    };
    someone.addEventListener("click", () => become(`user-${100 + Math.floor(Math.random() * 9900)}`));
    staff.addEventListener("click", () => become("staff-ines"));
  }

  /** What the form says now. Without a user there is no targetingKey, and splits say so. */
  get context(): EvaluationContext {
    const form = new FormData(this.#form);
    const user = this.#user.value.trim();
    return {
      ...(user === "" ? {} : { targetingKey: user }),
      country: String(form.get("country")),
      plan: String(form.get("plan")),
      app: { version: String(form.get("version")) },
    };
  }
}

function choices(title: string, name: string, options: readonly (readonly [string, string])[], chosen: string, isCode: boolean): HTMLElement {
  return element(
    "fieldset",
    { class: `choices choices-${name}` },
    element("legend", {}, title),
    ...options.map(([value, label]) =>
      element("label", isCode ? { title: label } : {},
        element("input", { type: "radio", name, value, checked: value === chosen, ...(isCode ? { "aria-label": label } : {}) }),
        element("span", {}, isCode ? value : label),
      ),
    ),
  );
}
