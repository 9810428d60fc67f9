import type { FlagClient, Source } from "./client.js";
import type { DevtoolsOptions } from "./devtools.js";
import { STYLE } from "./look.js";
import type { LocalProgram } from "./local.js";
import type { Override, Overrides } from "./overrides.js";
import type { Client, JsonValue } from "./types.js";

/** Puts the tools into the page, closed; returns what takes them out. Nothing here counts as a read of a flag. */
export function mount(client: FlagClient, overrides: Overrides, { shortcut = "Alt+Shift+V", explain }: DevtoolsOptions): () => void {
  const host = make("vexil-devtools");
  const root = host.attachShadow({ mode: "open" });
  // Allowed by every content security policy, unlike an element.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];

  const rows = new Map<string, Row>();
  const count = make("b", { className: "count" });
  const opener = make("button", { className: "opener", title: shortcut ?? "", ariaExpanded: "false" }, "Flags", count);
  const close = make("button", { className: "plain", ariaLabel: "Close" }, "✕");
  const standing = make("p", { className: "muted" });
  const problem = make("p", { className: "problem", hidden: true });
  const search = make("input", { type: "search", placeholder: "Search", autofocus: true, ariaLabel: "Search by key or value" });
  const clear = make("button", {}, "Clear all");
  const tally = make("p", { className: "muted", role: "status" });
  const list = make("ul", { role: "list" });
  const heading = make("h2", { id: "heading" }, "Flags");
  const panel = make("dialog", {}, make("header", {}, heading, standing, close), problem, make("div", { className: "tools" }, search, clear), tally, list);
  panel.setAttribute("aria-labelledby", heading.id);
  root.append(opener, panel);

  const render = (): void => {
    const keys = [...client.flags()].sort();
    const overridden = keys.filter((key) => overrides.get(key)).length;
    count.textContent = overridden > 0 ? String(overridden) : "";
    opener.ariaLabel = overridden > 0 ? `Flags, ${overridden} overridden` : "Flags";
    if (!panel.open) return;
    const { state, source, problem: fault, engineProblem } = client.status;
    standing.textContent = [state, source, `version ${client.version}`].filter(Boolean).join(" · ");
    problem.textContent = [fault, engineProblem].filter(Boolean).join("; ");
    problem.hidden = problem.textContent === "";
    clear.disabled = overridden === 0;
    const present = new Set(keys);
    for (const [key, row] of rows) {
      if (present.has(key)) continue;
      row.element.remove();
      rows.delete(key);
    }
    const wanted = search.value.trim().toLowerCase();
    let shown = 0;
    let last: Element | null = null;
    for (const key of keys) {
      const row: Row = rows.get(key) ?? new Row(key, client, overrides, render, explain);
      rows.set(key, row);
      const text = row.update();
      row.element.hidden = !text.includes(wanted);
      if (!row.element.hidden) shown += 1;
      // One that is in its place stays there, and keeps the focus.
      const place: Element | null = last ? last.nextElementSibling : list.firstElementChild;
      if (place !== row.element) list.insertBefore(row.element, place);
      last = row.element;
    }
    const of = shown === keys.length ? "" : `${shown} of `;
    tally.textContent = `${of}${keys.length} flags${overridden > 0 ? `, ${overridden} overridden for this tab` : ""}`;
  };

  let before: Element | null = null;
  const toggle = (isOpen: boolean): void => {
    if (isOpen === panel.open) return;
    opener.ariaExpanded = String(isOpen);
    opener.hidden = isOpen;
    if (isOpen) {
      before = document.activeElement;
      panel.show();
      render();
    } else {
      panel.close();
      // Where the focus was, unless that was here or is gone.
      if (before && before !== document.body && before !== host && before.isConnected) (before as HTMLElement).focus();
      else opener.focus();
    }
  };
  opener.onclick = () => toggle(true);
  close.onclick = () => toggle(false);
  search.oninput = render;
  clear.onclick = () => {
    overrides.clear();
    render();
    search.focus();
  };
  const press = (event: KeyboardEvent): void => {
    if (!shortcut || !isPressed(shortcut, event)) return;
    event.preventDefault();
    event.stopPropagation();
    toggle(!panel.open);
  };
  panel.onkeydown = (event) => {
    // The page has shortcuts of its own.
    event.stopPropagation();
    if (event.key === "Escape") {
      event.preventDefault();
      toggle(false);
    }
  };

  const stop = client.subscribe(render);
  addEventListener("keydown", press, true);
  // A script may run before there is a body.
  (document.body ?? document.documentElement).append(host);
  render();
  return () => {
    stop();
    removeEventListener("keydown", press, true);
    host.remove();
  };
}

/** One flag of the list. Its parts are made when it is first opened. */
class Row {
  readonly element: HTMLElement;
  readonly #key: string;
  readonly #client: FlagClient;
  readonly #overrides: Overrides;
  readonly #changed: () => void;
  readonly #explain: DevtoolsOptions["explain"];
  readonly #value = make("code");
  readonly #mark = make("b", { className: "mark" }, "overridden");
  readonly #details: HTMLDetailsElement;
  /** What is shown, to tell when it is something else. */
  #text = "";
  /** What was typed and not chosen yet. */
  #draft: string | undefined;

  constructor(key: string, client: FlagClient, overrides: Overrides, changed: () => void, explain: DevtoolsOptions["explain"]) {
    this.#key = key;
    this.#client = client;
    this.#overrides = overrides;
    this.#changed = changed;
    this.#explain = explain;
    this.#details = make("details", {}, make("summary", {}, make("span", {}, key), this.#mark, this.#value));
    this.#details.ontoggle = () => {
      this.#show();
      this.element.scrollIntoView({ block: "nearest" });
    };
    this.element = make("li", {}, this.#details);
  }

  /** Shows what the flag came to; returns what is to be found of it. */
  update(): string {
    const source = this.#client.source;
    const flag = source?.get(this.#key);
    const answer = source && flag && source.answer(flag);
    const value = JSON.stringify(answer?.value);
    const text = JSON.stringify([answer, this.#client.version, this.#client.status.source, this.#evaluated()]);
    if (text !== this.#text) {
      this.#text = text;
      this.#value.textContent = value;
      this.#mark.hidden = !this.#overrides.get(this.#key);
      this.element.className = this.#mark.hidden ? "" : "overridden";
      this.#show();
    }
    return `${this.#key} ${value}`.toLowerCase();
  }

  /** What it would come to without an override. */
  #evaluated(): string {
    const source = this.#overrides.source;
    const flag = source?.get(this.#key);
    return flag ? JSON.stringify(source?.answer(flag).value) : "";
  }

  #show(): void {
    const { activeElement } = this.#details.getRootNode() as ShadowRoot;
    const [summary, body] = this.#details.children;
    // What is taken away must not take the focus along.
    const focused = body?.contains(activeElement) ? activeElement?.classList : undefined;
    body?.remove();
    if (!this.#details.open) return;
    const made = this.#body();
    this.#details.append(made);
    const successor = focused?.length ? made.querySelector<HTMLElement>(`.${[...focused].join(".")}:enabled`) : undefined;
    if (focused) (successor ?? (summary as HTMLElement)).focus();
  }

  #body(): HTMLElement {
    const { source, status, version } = this.#client;
    const flag = source?.get(this.#key);
    const answer = source && flag && source.answer(flag);
    const override = this.#overrides.get(this.#key);
    const { reason, rule, stage, arm, missingUnit } = answer ?? {};
    const facts = {
      value: answer && JSON.stringify(answer.value),
      "without override": override && this.#evaluated(),
      variant: answer?.variant,
      reason,
      rule,
      stage,
      arm,
      "missing unit": missingUnit && "yes",
      version,
      source: status.source,
    };
    const terms = Object.entries(facts).flatMap(([name, fact]) => (fact === undefined ? [] : [make("dt", {}, name), make("dd", {}, String(fact))]));
    return make("div", { className: "body" }, make("dl", {}, ...terms), this.#choice(override), this.#why());
  }

  /** Where an override is chosen: among the variants that are known, or as JSON. */
  #choice(override: Override | undefined): HTMLElement {
    const input = make("input", { className: "json", value: this.#draft ?? JSON.stringify(override?.value) ?? "", placeholder: "JSON", ariaLabel: `JSON for ${this.#key}`, spellcheck: false, autocapitalize: "off" });
    const fault = make("p", { className: "problem", id: "fault", role: "alert" });
    input.oninput = () => (this.#draft = input.value);
    const variants = this.#variants();
    const choose = (value: JsonValue): void => {
      const [name] = variants.find((variant) => JSON.stringify(variant[1]) === JSON.stringify(value)) ?? [];
      this.#draft = undefined;
      this.#overrides.set(this.#key, { value, ...(name !== undefined && { variant: name }) });
      this.#changed();
    };
    const form = make("form", {}, input, make("button", { className: "set" }, "Override"));
    form.onsubmit = (event) => {
      event.preventDefault();
      try {
        choose(JSON.parse(input.value) as JsonValue);
      } catch {
        input.setAttribute("aria-invalid", "true");
        fault.textContent = "This is no JSON. A text needs quotation marks.";
        input.focus();
        fault.scrollIntoView({ block: "nearest" });
      }
    };
    const buttons = variants.map(([name, value], index) => {
      const text = JSON.stringify(value);
      const button = make("button", { className: `variant v${index}`, ariaPressed: String(text === JSON.stringify(override?.value)), title: text }, name ?? text);
      button.onclick = () => choose(value);
      return button;
    });
    const clear = make("button", { className: "clear", disabled: !override }, "Clear");
    clear.onclick = () => {
      this.#draft = undefined;
      this.#overrides.clear(this.#key);
      this.#changed();
    };
    return make("div", { role: "group", ariaLabel: `${this.#key} in this tab`, className: "choice" }, make("p", { className: "muted" }, "In this tab"), make("div", { className: "variants" }, ...buttons, clear), form, fault);
  }

  #variants(): readonly (readonly [name: string | undefined, value: JsonValue])[] {
    const source = this.#overrides.source as (Source & Partial<LocalProgram>) | undefined;
    const flag = source?.get(this.#key);
    if (flag && source?.variants) return source.variants(flag as Parameters<LocalProgram["variants"]>[0]);
    return typeof flag?.value === "boolean" ? [[undefined, true], [undefined, false]] : [];
  }

  /** A button where there are steps to tell. */
  #why(): HTMLElement | string {
    const source = this.#overrides.source;
    if ((source as Partial<LocalProgram> | undefined)?.live === undefined) return "";
    const button = make("button", { className: "why" }, "Why?");
    const text = make("pre", { tabIndex: -1, hidden: true });
    button.onclick = async () => {
      button.disabled = true;
      const { context, status } = this.#client;
      // What explains reads only these, and must not make this a read of the flag.
      const flags = { source, context, status, details: () => ({}) } as unknown as Client;
      try {
        const explain = this.#explain ?? (await import("./entry/explain-browser.js")).explain;
        text.textContent = (await explain(flags, this.#key)).text;
      } catch (error) {
        text.textContent = `the explainer cannot be loaded: ${String(error)}`;
      }
      text.hidden = false;
      button.hidden = true;
      text.focus();
    };
    return make("div", {}, button, text);
  }
}

/** Whether the keys that are pressed are those of a shortcut such as `Alt+Shift+V`, on whatever keyboard. */
function isPressed(shortcut: string, { key, code, altKey, ctrlKey, metaKey, shiftKey }: KeyboardEvent): boolean {
  const names = shortcut.toLowerCase().split("+");
  const last = names.pop();
  const isHeld = [altKey, ctrlKey, metaKey, shiftKey].every((held, index) => held === names.includes(["alt", "ctrl", "meta", "shift"][index] as string));
  // With Alt the letter may be another.
  return isHeld && (code.toLowerCase() === `key${last}` || key.toLowerCase() === last);
}

function make<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, properties?: Partial<HTMLElementTagNameMap[Tag]>, ...children: (Node | string)[]): HTMLElementTagNameMap[Tag];
function make(tag: string, properties?: object, ...children: (Node | string)[]): HTMLElement;
function make(tag: string, properties: object = {}, ...children: (Node | string)[]): HTMLElement {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}
