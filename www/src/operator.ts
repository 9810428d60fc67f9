// Killing and restoring at the edge, and the clock from the click to this page showing it.

import type { Client } from "vexil";
import type { Action } from "./answers.js";
import { announce, byId, setSentence, setText } from "./dom.js";

const KEPT = "vexil-operate-token";
/** How long to wait for the page to follow before saying that it has not. */
const PATIENCE_MS = 10_000;

interface Pending {
  readonly key: string;
  readonly action: Action;
  readonly clickedAt: number;
}

/** Holds the operate token for this tab, and nothing else does. */
export class Operator {
  readonly #flags: Client;
  readonly #url: string;
  readonly #input = byId("token", HTMLInputElement);
  readonly #refusal = byId("refusal", HTMLElement);
  #token: string;
  #pending: Pending | undefined;

  /** `carried` is a token that the address brought along. */
  constructor(flags: Client, url: string, carried: string | undefined) {
    this.#flags = flags;
    this.#url = url;
    this.#token = carried ?? sessionStorage.getItem(KEPT) ?? "";
    this.#keep(this.#token);
    byId("token-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#keep(this.#input.value.trim());
      this.#input.value = "";
      if (this.#token !== "") byId("token-forget", HTMLElement).focus();
    });
    byId("token-forget", HTMLElement).addEventListener("click", () => {
      this.#keep("");
      this.#input.focus();
    });
  }

  /** Asks the edge to kill or restore a flag. Whether the page follows, {@link show} finds out. */
  async operate(key: string, action: Action, clickedAt: number): Promise<void> {
    setSentence(this.#refusal, undefined);
    if (this.#token === "") {
      setSentence(this.#refusal, `To ${action} a flag the edge asks for an operate token. Paste one here.`);
      this.#input.focus();
      return;
    }
    const pending: Pending = { key, action, clickedAt };
    this.#pending = pending;
    setSentence(this.#refusal, await this.#ask(key, action));
    if (!this.#refusal.hidden) this.#pending = undefined;
    else setTimeout(() => this.#giveUp(pending), PATIENCE_MS);
  }

  /** Called after every change of answers: has the page caught up with what was asked? */
  show(): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    const isKilled = this.#flags.details(pending.key).reason === "DISABLED";
    if (isKilled !== (pending.action === "kill")) return;
    this.#pending = undefined;
    afterPaint(() => this.#tell(pending, performance.now() - pending.clickedAt));
  }

  #tell({ key, action }: Pending, tookMs: number): void {
    const done = action === "kill" ? "killed" : "restored";
    byId("kill-gauge", HTMLElement).hidden = false;
    setText(byId("kill-time", HTMLElement), `${Math.round(tookMs)} ms`);
    setText(byId("kill-text", HTMLElement), `from click to page: ${key} ${done} at the edge`);
    announce(`${key} is ${done}. This page followed in ${Math.round(tookMs)} milliseconds.`);
  }

  #giveUp(pending: Pending): void {
    if (this.#pending !== pending) return;
    this.#pending = undefined;
    setSentence(this.#refusal, `The edge has taken the ${pending.action}, but this page has not heard of it yet.`);
  }

  /** A sentence about why not, or nothing when the edge agreed. */
  async #ask(key: string, action: Action): Promise<string | undefined> {
    try {
      const response = await fetch(`${this.#url}/admin/v1/flags/${encodeURIComponent(key)}/${action}`, {
        method: "POST",
        headers: { authorization: `Bearer ${this.#token}`, "content-type": "application/json" },
        body: JSON.stringify({ reason: "by hand, from the demo page" }),
      });
      if (response.ok) return undefined;
      return refusal(response.status, key, action);
    } catch {
      return `The edge cannot be reached, so nothing was changed. Is it running at ${this.#url}?`;
    }
  }

  #keep(token: string): void {
    this.#token = token;
    if (token === "") sessionStorage.removeItem(KEPT);
    else sessionStorage.setItem(KEPT, token);
    byId("token-form", HTMLElement).hidden = token !== "";
    byId("token-kept", HTMLElement).hidden = token === "";
    setSentence(this.#refusal, undefined);
  }
}

function refusal(status: number, key: string, action: Action): string {
  switch (status) {
    case 401:
      return "The edge does not know this token. Forget it and paste another.";
    case 403:
      return `This token may not ${action} flags: it lacks the scope operate. Forget it and paste another.`;
    case 404:
      return `The edge has no flag named ${key} any more.`;
    default:
      return `The edge answered ${status} and changed nothing.`;
  }
}

/** Runs after the next frame is on the screen; at once where no frame will come, in a hidden tab. */
function afterPaint(then: () => void): void {
  if (document.hidden) return then();
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = then;
    port2.postMessage(undefined);
  });
}
