// Where in a JSON text the value of a JSON Pointer begins.
//
// Source: RFC 6901. It reads text that may be broken further down, so it is a scanner, not a parser.

/** A stretch of text. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const TOKEN = /"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s{}[\],:"]+/gy;
const BLANK = /\s*/gy;

/** Finds the member or element that `pointer` names; where it is not in the text, its nearest parent. */
export function locate(text: string, pointer: string): Span {
  const steps = pointer.split("/").slice(1).map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  const scanner = new Scanner(text);
  return scanner.find(steps);
}

/** The line of an offset, counted from 0. */
export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length - 1;
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  find(steps: readonly string[]): Span {
    let best = this.#peek();
    let depth = 0;
    while (depth < steps.length) {
      const child = this.#enter(steps[depth] ?? "");
      if (child === undefined) return best;
      best = child;
      depth += 1;
    }
    return best;
  }

  /** Steps into the container ahead, up to the value that `step` names; returns what to point at. */
  #enter(step: string): Span | undefined {
    const open = this.#next();
    if (open === "{") return this.#member(step);
    if (open === "[") return this.#item(Number(step));
    return undefined;
  }

  #member(name: string): Span | undefined {
    for (;;) {
      const key = this.#peek();
      const token = this.#next();
      if (token === "" || token === "}") return undefined;
      if (token === ",") continue;
      if (this.#next() !== ":") return undefined;
      if (unquote(token) === name) return { from: key.from, to: key.to };
      this.#skip();
    }
  }

  #item(index: number): Span | undefined {
    for (let position = 0; ; position++) {
      const ahead = this.#peek();
      const token = this.#text[ahead.from];
      if (token === undefined || token === "]") return undefined;
      if (position === index) return ahead;
      this.#skip();
      if (this.#next() !== ",") return undefined;
    }
  }

  /** Passes over one value, whatever is in it. */
  #skip(): void {
    let depth = 0;
    do {
      const token = this.#next();
      if (token === "") return;
      if (token === "{" || token === "[") depth += 1;
      if (token === "}" || token === "]") depth -= 1;
    } while (depth > 0);
  }

  #peek(): Span {
    BLANK.lastIndex = this.#at;
    BLANK.exec(this.#text);
    const from = BLANK.lastIndex;
    TOKEN.lastIndex = from;
    const found = TOKEN.exec(this.#text);
    return { from, to: from + (found?.[0].length ?? 0) };
  }

  #next(): string {
    const { from, to } = this.#peek();
    this.#at = to;
    return this.#text.slice(from, to);
  }
}

function unquote(token: string): string {
  try {
    return String(JSON.parse(token));
  } catch {
    return token;
  }
}
