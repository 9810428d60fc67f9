// The list of flags: each one's answer, why, and the switch that kills it at the edge.

import type { Client } from "vexil";
import { byId, element, mark, setText } from "./dom.js";

interface Row {
  readonly item: HTMLElement;
  readonly value: HTMLElement;
  readonly reason: HTMLElement;
  readonly rule: HTMLElement;
  readonly kill: HTMLButtonElement;
}

/** What to do with a flag at the edge. */
export type Action = "kill" | "restore";

/** The flags that shape the shop stand above the others. */
const FIRST: readonly string[] = ["one-page-checkout", "banner", "price-list"];

/** Every flag the client knows, with its answer. */
export class Answers {
  readonly #flags: Client;
  readonly #list = byId("answer-list", HTMLElement);
  readonly #rows = new Map<string, Row>();
  readonly #onOperate: (key: string, action: Action, clickedAt: number) => void;

  /** `onOperate` gets the instant of the click, on the clock of `performance.now()`. */
  constructor(flags: Client, onOperate: (key: string, action: Action, clickedAt: number) => void) {
    this.#flags = flags;
    this.#onOperate = onOperate;
  }

  /** Brings the list to what the flags say now, and marks what changed. */
  show(changed: ReadonlySet<string>): void {
    const known = this.#flags.flags();
    const keys = [...FIRST.filter((key) => known.includes(key)), ...known.filter((key) => !FIRST.includes(key))];
    for (const [key, row] of this.#rows) {
      if (keys.includes(key)) continue;
      row.item.remove();
      this.#rows.delete(key);
    }
    for (const [place, key] of keys.entries()) {
      const row = this.#rows.get(key) ?? this.#add(key);
      this.#fill(key, row);
      const there = this.#list.children[place] ?? null;
      // Moving an element takes the focus from it, so those that are in their place stay untouched.
      if (there !== row.item) this.#list.insertBefore(row.item, there);
      if (changed.has(key)) mark(row.item);
    }
  }

  #add(key: string): Row {
    const row: Row = {
      item: element("li", { class: "answer", id: `flag-${key}`, tabindex: -1 }),
      value: element("code", { class: "value" }),
      reason: element("span", { class: "reason" }),
      rule: element("span", { class: "rule" }),
      kill: element("button", { type: "button", class: "kill" }, "Kill"),
    };
    row.item.append(
      element("h3", {}, key),
      row.kill,
      row.value,
      element("p", { class: "why" }, row.reason, " ", row.rule),
    );
    row.kill.addEventListener("click", (event) => {
      this.#onOperate(key, this.#flags.details(key).reason === "DISABLED" ? "restore" : "kill", event.timeStamp);
    });
    this.#rows.set(key, row);
    return row;
  }

  #fill(key: string, row: Row): void {
    const answer = this.#flags.details(key);
    const isKilled = answer.reason === "DISABLED";
    setText(row.value, `${answer.variant ?? "–"}`);
    row.value.title = JSON.stringify(answer.value);
    setText(row.reason, answer.reason);
    row.reason.dataset["reason"] = answer.reason;
    setText(row.rule, answer.missingUnit === true ? "no user to split by" : nameOfRule(answer.rule));
    setText(row.kill, isKilled ? "Restore" : "Kill");
    row.kill.setAttribute("aria-label", `${isKilled ? "Restore" : "Kill"} ${key} at the edge`);
    row.item.classList.toggle("is-killed", isKilled);
  }
}

/** A rule as a reader would say it: by its name, or by its position. */
export function nameOfRule(rule: string | undefined): string {
  if (rule === undefined) return "";
  return /^\d+$/.test(rule) ? `rule ${rule}` : rule;
}
