// Building and finding elements. No inline styles or handlers: the page runs under a strict content security policy.

/** What an element may be given: attributes by name; `false` and `undefined` leave one out. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Makes an element with attributes and children. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children);
  return made;
}

/** The element that index.html gives this id. */
export function byId<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`index.html lacks #${id}`);
  return found;
}

/** Sets text only where it differs, so that screen readers and the layout are left alone. */
export function setText(target: Element, text: string): boolean {
  if (target.textContent === text) return false;
  target.textContent = text;
  return true;
}

/** Shows a sentence, or hides its place when there is none. */
export function setSentence(target: HTMLElement, sentence: string | undefined): void {
  setText(target, sentence ?? "");
  target.hidden = sentence === undefined;
}

/** Says something to a screen reader, politely. */
export function announce(sentence: string): void {
  setText(byId("announce", HTMLElement), sentence);
}

/** Marks a part of the page as just changed; the style sheet decides how, and respects reduced motion. */
export function mark(target: Element): void {
  target.classList.remove("changed");
  // Reading a size restarts the animation when the same part changes twice in a row.
  target.getBoundingClientRect();
  target.classList.add("changed");
}
