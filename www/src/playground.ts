// The playground: a ruleset is checked and compiled in the page, and its answers for the visitor shown beside it.

import type { EvaluationContext } from "vexil";
import { nameOfRule } from "./answers.js";
import { Bench } from "./bench.js";
import type { Answer, Issue } from "./bench.js";
import { byId, element, setText } from "./dom.js";
import { SAMPLE } from "./sample.js";
import { lineOf, locate } from "./pointer.js";

/** How long the keyboard rests before a text is compiled. */
const REST_MS = 120;

/** The editor with its issues and answers. Its wasm module is fetched when the section comes near. */
export class Playground {
  readonly #source = byId("source", HTMLTextAreaElement);
  readonly #gutter = byId("gutter", HTMLElement);
  readonly #issues = byId("issues", HTMLElement);
  readonly #results = byId("results", HTMLElement);
  readonly #compiled = byId("compiled", HTMLElement);
  readonly #bench = new Bench();
  #context: EvaluationContext;
  #resting: ReturnType<typeof setTimeout> | undefined;
  #isOpen = false;

  constructor(context: EvaluationContext) {
    this.#context = context;
    this.#source.value = SAMPLE;
    this.#number([]);
    this.#source.addEventListener("input", () => {
      this.#number([]);
      clearTimeout(this.#resting);
      this.#resting = setTimeout(() => void this.#compile(), REST_MS);
    });
    this.#source.addEventListener("scroll", () => {
      this.#gutter.scrollTop = this.#source.scrollTop;
    });
    const near = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      near.disconnect();
      this.#isOpen = true;
      void this.#compile();
    }, { rootMargin: "600px" });
    near.observe(byId("playground", HTMLElement));
  }

  /** Shows the answers for another visitor. */
  evaluate(context: EvaluationContext): void {
    this.#context = context;
    if (this.#isOpen) this.#show(this.#bench.answers(context));
  }

  async #compile(): Promise<void> {
    const text = this.#source.value;
    let issues: readonly Issue[];
    try {
      const outcome = await this.#bench.compile(text, this.#context);
      if (this.#source.value !== text) return;
      issues = outcome.issues;
      setText(this.#compiled, issues.length > 0 ? `${issues.length} ${issues.length === 1 ? "issue" : "issues"}` : `compiled to ${outcome.size.toLocaleString("en")} bytes in ${outcome.tookMs.toFixed(1)} ms`);
    } catch (error) {
      setText(this.#compiled, "The playground's engine cannot be loaded here.");
      console.info("vexil playground:", error);
      return;
    }
    this.#point(text, issues);
    if (issues.length === 0) this.#show(this.#bench.answers(this.#context));
  }

  /** Names every issue where it is: in the margin, and as a list that leads to it. */
  #point(text: string, issues: readonly Issue[]): void {
    const found = issues.map((issue) => ({ issue, place: locate(text, issue.path) }));
    found.sort((one, other) => one.place.from - other.place.from);
    this.#number(found.map(({ place }) => lineOf(text, place.from)));
    this.#issues.hidden = issues.length === 0;
    this.#results.hidden = issues.length > 0;
    setText(byId("issues-title", HTMLElement), issues.length > 0 ? "Issues" : "Answers");
    this.#issues.replaceChildren(...found.map(({ issue, place }) => {
      const button = element("button", { type: "button" }, element("span", { class: "place" }, `line ${lineOf(text, place.from) + 1}  ${issue.path || "/"}`), element("span", {}, ...withCode(issue.message)));
      button.addEventListener("click", () => this.#select(place.from, place.to));
      return element("li", {}, button);
    }));
  }

  #select(from: number, to: number): void {
    this.#source.focus();
    this.#source.setSelectionRange(from, to);
    const height = this.#source.scrollHeight / Math.max(1, this.#source.value.split("\n").length);
    this.#source.scrollTop = Math.max(0, (lineOf(this.#source.value, from) - 4) * height);
  }

  #number(marked: readonly number[]): void {
    const lines = this.#source.value.split("\n").length;
    this.#gutter.replaceChildren(...Array.from({ length: lines }, (_, line) => element("span", marked.includes(line) ? { class: "has-issue" } : {}, String(line + 1))));
    this.#gutter.scrollTop = this.#source.scrollTop;
  }

  #show(answers: readonly Answer[]): void {
    this.#results.replaceChildren(...answers.map(({ key, details }) =>
      element(
        "li",
        {},
        element("code", {}, key),
        element("code", { class: "value" }, details.variant ?? "–"),
        element("p", { class: "why" }, element("span", { class: "reason", "data-reason": details.reason }, details.reason), " ", [nameOfRule(details.rule), JSON.stringify(details.value)].filter((part) => part !== "").join(": ")),
      ),
    ));
  }
}

/** A sentence whose words in backticks are code. */
function withCode(sentence: string): (Node | string)[] {
  return sentence.split("`").map((part, index) => (index % 2 === 1 ? element("code", {}, part) : part));
}
