import type { EvaluationContext, JsonValue, Provider, ResolutionDetails } from "@openfeature/server-sdk";
import { createClient } from "vexil";
import type { FlagClient } from "../client.js";
import { copy } from "../context.js";
import { Emitter } from "../emitter.js";
import type { LocalProgram } from "../local.js";
import { resolution } from "../resolution.js";
import type { ClientOptions, Details, EvaluationContext as Context, JsonValue as Value, Status } from "../types.js";

/** What a server's provider needs to know; `key` is a server key, which sees every flag. */
export type ServerOptions = Pick<ClientOptions, "url" | "key" | "fetch" | "maxAgeS" | "verify" | "wasm">;

/**
 * Flags for `@openfeature/server-sdk`, evaluated in this process by the engine that pages have, for the context of each
 * call. Changes arrive by themselves; no evaluation costs a request.
 */
export class VexilServerProvider implements Provider {
  readonly metadata = { name: "vexil" };
  readonly runsOn = "server";
  readonly events = new Emitter();
  readonly #options: ServerOptions;
  #client: FlagClient | undefined;
  #isReady = false;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  /** Rejects if the rules are not here in ten seconds, and for good (`PROVIDER_FATAL`) where waiting is in vain. */
  async initialize(): Promise<void> {
    const fixed = { context: {}, engine: "eager", storage: null, anonymous: false, events: false } as const;
    const client = createClient({ ...this.#options, ...fixed, fetch: withKey(this.#options) }) as unknown as FlagClient;
    this.#client = client;
    let { version, status } = client;
    client.subscribe(() => {
      const before = { version, status };
      ({ version, status } = client);
      if (this.#isReady) this.#tell(before.status, status, before.version !== version);
    });
    const { source, engineProblem, problem = engineProblem ?? "the edge has not answered yet", refused } = await client.ready();
    this.#isReady = true;
    const isFatal = refused || engineProblem !== undefined;
    if (source !== "local") throw failure(isFatal ? "PROVIDER_FATAL" : "PROVIDER_NOT_READY", problem);
  }

  onClose(): Promise<void> {
    this.#client?.close();
    return Promise.resolve();
  }

  async resolveBooleanEvaluation(key: string, fallback: boolean, context: EvaluationContext): Promise<ResolutionDetails<boolean>> {
    return resolution(this.#details(key, context), fallback, "boolean");
  }

  async resolveStringEvaluation(key: string, fallback: string, context: EvaluationContext): Promise<ResolutionDetails<string>> {
    return resolution(this.#details(key, context), fallback, "string");
  }

  async resolveNumberEvaluation(key: string, fallback: number, context: EvaluationContext): Promise<ResolutionDetails<number>> {
    return resolution(this.#details(key, context), fallback, "number");
  }

  async resolveObjectEvaluation<T extends JsonValue>(key: string, fallback: T, context: EvaluationContext): Promise<ResolutionDetails<T>> {
    return resolution(this.#details(key, context), fallback, "object");
  }

  /**
   * Nothing of a call is left for the next: it writes its context, evaluates and reads without a pause.
   *
   * @throws {Error} with a `code` if there cannot be an answer.
   */
  #details(key: string, context: EvaluationContext): Partial<Details<Value>> | undefined {
    const client = this.#client;
    const program = client?.source as LocalProgram | undefined;
    if (!client || !program || client.status.source !== "local") return undefined;
    const { version } = client;
    const flag = program.get(key);
    if (!flag) return { errorCode: "FLAG_NOT_FOUND", version };
    const { isExpired } = program;
    const copied = read(context);
    program.evaluate(copied, Date.now(), isExpired);
    const isDecided = program.asks(program.asked, { context: copied }).some(({ flags }) => flags.includes(flag.index));
    if (isDecided) throw failure("GENERAL", "the edge decides it for browsers: a server needs a server key");
    return { ...program.answer(flag), version, ...(isExpired && { stale: true as const }) };
  }

  #tell(before: Status, { state, source, problem = "", engineProblem = problem }: Status, isOther: boolean): void {
    // The edge evaluates then, and for one context only.
    if (source !== "local" && before.source === "local") this.events.emit("PROVIDER_ERROR", { message: engineProblem });
    if (state === "ready" && before.state !== "ready") this.events.emit("PROVIDER_READY");
    if (state === "stale" && before.state !== "stale") this.events.emit("PROVIDER_STALE", { message: problem });
    if (isOther) this.events.emit("PROVIDER_CONFIGURATION_CHANGED");
  }
}

/** A secret is told in the head of a request: addresses are written into logs. */
function withKey({ key, fetch: given = fetch }: ServerOptions): typeof fetch {
  return (input, init) => {
    const url = new URL(String(input));
    url.searchParams.delete("key");
    return given(url, { ...init, headers: { ...(init?.headers as Record<string, string>), "x-api-key": key } });
  };
}

function read(context: EvaluationContext): Context {
  try {
    return copy(context as Context);
  } catch (error) {
    throw failure("INVALID_CONTEXT", (error as Error).message);
  }
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
