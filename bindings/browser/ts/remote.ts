import { LONGEST_MS } from "./client.js";
import type { Flag, FlagClient, Link, Source } from "./client.js";
import { Edge, FIRST_WAIT_MS, isHidden, LONGEST_WAIT_MS, messageOf, page } from "./edge.js";
import type { Refusal } from "./edge.js";
import { Events } from "./events.js";
import type { Engine, LocalProgram } from "./local.js";
import { Store } from "./store.js";
import type { Place } from "./store.js";
import { Stream } from "./stream.js";
import type { ClientOptions, EvaluationContext, Snapshot, Status } from "./types.js";
import { Values } from "./values.js";

/** How long an answer may take. */
const ANSWER_MS = 15_000;
/** How long a busy browser may put off what can wait until it is idle. */
const IDLE_MS = 2_000;
const NO_EDGE = "what answered is not an edge of Vexil";

/** Fetches answers from the edge or, once there is an engine, programs and live states, and keeps them up to date. */
export class Remote implements Link {
  readonly #client: FlagClient;
  readonly #edge: Edge;
  readonly #options: ClientOptions;
  readonly #loadEngine: () => Promise<Engine>;
  readonly #store: Store;
  readonly #events: Events | undefined;
  readonly #closing = new AbortController();
  /** Where programs are asked for: what reads them, which may be on its way yet. */
  #engine: Promise<Engine> | undefined;
  /** Whether the engine is wanted once the browser is idle. */
  #isLazy: boolean;
  #values: Values | undefined;
  #program: LocalProgram | undefined;
  /** The tag of the one that is here. */
  #etag: string | null | undefined;
  #nextChange = Infinity;
  /** Somebody asked to ask. */
  #isWanted = false;
  /** The highest version heard of. */
  #newest = 0;
  #refreshing: Promise<void> | undefined;
  #request: AbortController | undefined;
  /** The context of the last request, as JSON. */
  #asked: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `base` is the address of the edge, without a slash at its end; `place` is where answers are kept. */
  constructor(client: FlagClient, base: string, options: ClientOptions, place: Place | null, loadEngine: () => Promise<Engine>) {
    const { engine = "lazy", verify, bootstrap, events = true } = options;
    const { signal } = this.#closing;
    this.#client = client;
    this.#options = options;
    this.#loadEngine = loadEngine;
    this.#edge = new Edge(base, options, signal);
    this.#store = new Store(place, `vexil ${base} ${options.key}`);
    this.#events = events ? new Events(this.#edge, client) : undefined;
    this.#isLazy = engine === "lazy" && !verify;
    if (engine === "eager" || verify) this.#start();
    if (bootstrap) this.#restore(bootstrap, "bootstrap");
    else if (!verify) this.#store.load(client.context, (stored) => this.#restore(stored, "storage"));
    const leave = (): void => (isHidden() ? this.#leave() : undefined);
    page()?.addEventListener("visibilitychange", leave, { signal });
    globalThis.addEventListener?.("pagehide", () => this.#leave(), { signal });
    void this.#refresh();
    new Stream(this.#edge, (version) => this.#hear(version), () => this.#refresh());
  }

  /** Rules that are here have answered already; only what the edge decided has to be asked for again. */
  contextChanged(): boolean | undefined {
    const client = this.#client;
    const isAnswered = this.#program ? this.#program.asks(this.#program.asked, client).length === 0 : JSON.stringify(client.context) === this.#asked;
    // Of answers it may be that they are on their way.
    if (isAnswered) return this.#program && false;
    this.#request?.abort();
    this.#request = undefined;
    void this.#refresh();
    return true;
  }

  exposed(flag: Flag, source: Source): void {
    this.#events?.exposed(flag, source);
  }

  tracked(metric: string, value: number | undefined): void {
    this.#events?.tracked(metric, value);
  }

  async flush(): Promise<void> {
    await this.#events?.flush();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#closing.abort();
    this.#leave();
    this.#request?.abort();
  }

  /** The page may be gone in a moment. */
  #leave(): void {
    this.#events?.leave();
    const snapshot = this.#client.snapshot();
    if (snapshot) this.#store.save({ ...snapshot, etag: this.#program ? null : this.#etag ?? null });
  }

  #restore({ flags, version, nextChange, etag, at = Date.now() }: Snapshot, from: Status["source"]): void {
    this.#values = new Values(flags);
    if (!this.#engine) this.#etag = etag;
    this.#awaitChange(nextChange ?? Infinity);
    this.#client.accept(this.#values, version, from, at, this.#nextChange);
  }

  /** From now on programs are asked for. */
  #start(): void {
    const engine = this.#loadEngine();
    // It may fail before it is waited for.
    engine.catch(() => undefined);
    this.#engine = engine;
    this.#etag = undefined;
  }

  /** Gets the engine when nothing else is to be done, and asks for a program once it is here. */
  #startLater(): void {
    if (!this.#isLazy) return;
    this.#isLazy = false;
    const start = (): void => {
      if (this.#closing.signal.aborted) return;
      const started = (): void => {
        this.#start();
        void this.#refresh();
      };
      this.#loadEngine().then(started, (error: unknown) => this.#client.failEngine(messageOf(error)));
    };
    const { requestIdleCallback } = globalThis as Partial<typeof globalThis>;
    if (requestIdleCallback) requestIdleCallback(start, { timeout: IDLE_MS });
    else setTimeout(start);
  }

  /** Asks the edge until its answer is here. Never rejects; calls while it runs make it ask once more. */
  #refresh(): Promise<void> {
    this.#isWanted = true;
    return (this.#refreshing ??= this.#catchUp());
  }

  async #catchUp(): Promise<void> {
    const { signal } = this.#closing;
    while ((this.#isWanted || this.#client.version < this.#newest) && !signal.aborted) {
      const announced = this.#newest;
      const request = (this.#request = new AbortController());
      const timer = setTimeout(() => request.abort(new Error(`no answer in ${ANSWER_MS} ms`)), ANSWER_MS);
      this.#isWanted = false;
      try {
        await this.#load(request.signal);
        if (this.#client.version < announced) throw new Error(`the edge announced version ${announced} and answers with an older one`);
        this.#edge.failures = 0;
      } catch (error) {
        this.#isWanted = true;
        // Else somebody else is asked about by now.
        if (this.#request === request && !signal.aborted) {
          const { isFinal = false, retryAfterMs } = error as Partial<Refusal>;
          this.#client.fail(messageOf(error), isFinal);
          await this.#edge.wait(retryAfterMs);
          this.#edge.failures += 1;
        }
      } finally {
        clearTimeout(timer);
      }
    }
    this.#refreshing = undefined;
  }

  async #load(signal: AbortSignal): Promise<void> {
    const client = this.#client;
    const { context } = client;
    const engine = this.#engine;
    this.#asked = JSON.stringify(context);
    // A string as body is `text/plain`, which needs no preflight.
    const body = JSON.stringify({
      key: this.#edge.key,
      context,
      etag: this.#etag ?? undefined,
      // An edge that has not heard of it yet asks before it answers.
      version: this.#newest > client.version ? this.#newest : undefined,
      signed: await this.#options.signed?.(),
    });
    const response = await this.#edge.ask(engine ? "program" : "values", { method: "POST", body, signal });
    const { headers } = response;
    const told = headers.get("Vexil-Version");
    const version = Number(told);
    if (!told || !(version >= 0)) throw new Error(NO_EDGE);
    // One that cannot ask whether it is the newest confirms nothing.
    const at = headers.get("Vexil-Stale") ? 0 : Date.now();
    if (engine) return this.#takeProgram(engine, response, context, version, at);
    if (response.status !== 304) {
      const answer = (await response.json().catch(() => undefined)) as Snapshot | undefined;
      if (!answer?.flags) throw new Error(NO_EDGE);
      // The context is another one, or an engine took over.
      if (client.context !== context || this.#engine) return;
      this.#values = new Values(answer.flags);
      this.#etag = headers.get("ETag");
      this.#awaitChange(answer.nextChange ?? Infinity);
    } else this.#awaitChange(this.#nextChange);
    if (!this.#values) throw new Error(NO_EDGE);
    client.accept(this.#values, version, "values", at, this.#nextChange);
    this.#startLater();
  }

  async #takeProgram(engine: Promise<Engine>, response: Response, context: EvaluationContext, version: number, at: number): Promise<void> {
    const client = this.#client;
    const known = this.#program;
    const bytes = await response.arrayBuffer();
    let program: LocalProgram, live: Uint8Array;
    try {
      [program, live] = await (await engine)(bytes, known, response.headers.get("Vexil-Signature"));
    } catch (error) {
      if (this.#options.verify) throw error;
      // The edge evaluates as well.
      this.#engine = this.#program = this.#etag = undefined;
      this.#isWanted = true;
      return client.failEngine(messageOf(error));
    }
    if (program.asks(context, client).length > 0 || version < client.version) {
      if (program !== known) program.free();
      return;
    }
    program.setLive(live);
    program.asked = context;
    this.#program = program;
    this.#etag = response.headers.get("ETag");
    this.#awaitChange(program.until);
    client.accept(program, version, "local", at, program.until);
  }

  /** Asks again at `until`; past it, since the clock of the edge is behind, after as long as it has been past. */
  #awaitChange(until: number): void {
    clearTimeout(this.#timer);
    this.#nextChange = until;
    const ms = until - Date.now();
    const wait = ms > 0 ? Math.min(ms, LONGEST_MS) : Math.min(Math.max(-ms, FIRST_WAIT_MS), LONGEST_WAIT_MS);
    if (until < Infinity) this.#timer = setTimeout(() => void this.#refresh(), wait);
  }

  /** The edge is there, and this is the newest version that it knows; 0 where it does not say. */
  #hear(version: number): void {
    this.#newest = Math.max(version, this.#newest);
    if (version > this.#client.version) this.#refreshing ??= this.#catchUp();
    else if (!this.#refreshing) this.#client.confirm();
  }
}
