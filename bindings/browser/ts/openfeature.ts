import type { EvaluationContext, JsonValue, Provider, ResolutionDetails, TrackingEventDetails } from "@openfeature/web-sdk";
import { createClient } from "vexil";
import { Emitter } from "./emitter.js";
import { resolution } from "./resolution.js";
import type { Client, ClientOptions, EvaluationContext as Context, Status } from "./types.js";

/**
 * Flags for `@openfeature/web-sdk`, and so for `@openfeature/react-sdk`.
 *
 * The context is OpenFeature's once that has one. Where answers are there when the provider is set, as they are with
 * `bootstrap`, it is ready at once.
 */
export class VexilProvider implements Provider {
  readonly metadata = { name: "vexil" };
  readonly runsOn = "client";
  readonly events = new Emitter();
  readonly #options: ClientOptions | undefined;
  #client: Client | undefined;
  #stop: (() => void) | undefined;
  #status: Status = { state: "loading" };
  /** How many wait for answers: they say how that went, and no event does. */
  #waiting = 0;

  /** Makes a client when it is set and closes it when it is replaced; one that it is given stays open. */
  constructor(client: Client<any> | ClientOptions) {
    if ("details" in client) this.#client = client;
    else this.#options = client;
  }

  /** Where the flags are. There is none before the provider is set, unless it was given. */
  get client(): Client | undefined {
    return this.#client;
  }

  /** Rejects if flags are not there in ten seconds, and for good (`PROVIDER_FATAL`) if the edge refuses the key. */
  async initialize(context: EvaluationContext = {}): Promise<void> {
    const isSaid = Object.keys(context).length > 0;
    if (this.#options) this.#client = createClient({ ...this.#options, ...(isSaid && { context: context as Context }) });
    else if (isSaid) this.#client?.setContext(context as Context);
    const client = this.#client as Client;
    this.#status = client.status;
    this.#stop = client.subscribe(({ changed }) => this.#hear(client.status, changed));
    // The SDK hears of a promise too late for a first render.
    if (areThere(client.status)) this.events.emit("PROVIDER_READY");
    await this.#settle(client);
  }

  /** Returns nothing where the rules are here: nothing has to be waited for. */
  onContextChange(_before: EvaluationContext, context: EvaluationContext): Promise<void> | void {
    const client = this.#client;
    if (!client) return;
    this.#waiting += 1;
    try {
      client.setContext(context as Context);
    } catch (error) {
      // The SDK miscounts what is under way when it is thrown.
      return Promise.reject(error);
    } finally {
      this.#waiting -= 1;
    }
    if (client.status.pending) return this.#settle(client);
  }

  onClose(): Promise<void> {
    this.#stop?.();
    if (this.#options) this.#client?.close();
    return Promise.resolve();
  }

  resolveBooleanEvaluation(key: string, fallback: boolean): ResolutionDetails<boolean> {
    return resolution(this.#client?.details(key), fallback, "boolean");
  }

  resolveStringEvaluation(key: string, fallback: string): ResolutionDetails<string> {
    return resolution(this.#client?.details(key), fallback, "string");
  }

  resolveNumberEvaluation(key: string, fallback: number): ResolutionDetails<number> {
    return resolution(this.#client?.details(key), fallback, "number");
  }

  resolveObjectEvaluation<T extends JsonValue>(key: string, fallback: T): ResolutionDetails<T> {
    return resolution(this.#client?.details(key), fallback, "object");
  }

  track(name: string, _context?: EvaluationContext, details?: TrackingEventDetails): void {
    this.#client?.track(name, details?.value);
  }

  async #settle(client: Client): Promise<void> {
    this.#waiting += 1;
    const status = await client.ready();
    this.#waiting -= 1;
    const { refused, problem = "the edge has not answered yet" } = status;
    if (!areThere(status)) throw Object.assign(new Error(problem), { code: refused ? "PROVIDER_FATAL" : "PROVIDER_NOT_READY" });
  }

  #hear(status: Status, flagsChanged: readonly string[]): void {
    const before = this.#status;
    this.#status = status;
    if (this.#waiting > 0) return;
    const { state, problem = "" } = status;
    if (isWell(status) && !isWell(before)) this.events.emit("PROVIDER_READY");
    if (state === "stale" && before.state !== "stale") this.events.emit("PROVIDER_STALE", { message: problem });
    if (flagsChanged.length > 0) this.events.emit("PROVIDER_CONFIGURATION_CHANGED", { flagsChanged: [...flagsChanged] });
  }
}

/** Whether there are answers for the context. */
function areThere({ state, pending }: Status): boolean {
  return state !== "loading" && !pending;
}

function isWell({ state, pending }: Status): boolean {
  return state === "ready" && !pending;
}
