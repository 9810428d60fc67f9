import { LONGEST_MS } from "./client.js";
import type { FlagClient, Link } from "./client.js";
import { LocalProgram, loadEngine } from "./local.js";
import type { ClientOptions, EvaluationContext, Verify } from "./types.js";

/** How long an answer may take. */
const ANSWER_MS = 15_000;
/** How long a stream may be silent: three heartbeats. */
const SILENCE_MS = 45_000;
/** What waiting before the next attempt begins with, and the most it grows to. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/** A refusal of the edge. */
class Refusal extends Error {
  declare readonly isFinal: boolean;
  declare readonly retryAfterMs: number;

  constructor({ status, headers }: Response) {
    super(`the edge answered ${status}${status === 401 || status === 403 ? ": is the key right?" : ""}`);
    this.isFinal = status >= 400 && status < 500 && status !== 408 && status !== 429;
    this.retryAfterMs = 1000 * (Number(headers.get("Retry-After")) || 0);
  }
}

/** Fetches programs and live states from the edge, and follows its stream of versions. */
export class Remote implements Link {
  readonly #client: FlagClient;
  readonly #base: string;
  readonly #key: string;
  readonly #fetch: typeof fetch;
  readonly #wasm: NonNullable<ClientOptions["wasm"]>;
  readonly #verify: Verify | undefined;
  readonly #closing = new AbortController();
  #program: LocalProgram | undefined;
  #etag: string | null = null;
  /** Somebody asked to ask. */
  #isWanted = false;
  /** The highest version heard of. */
  #newest = 0;
  #refreshing: Promise<void> | undefined;
  #stream: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `base` is the address of the edge, without a slash at its end. */
  constructor(client: FlagClient, base: string, { key, fetch: custom, wasm, verify }: ClientOptions & Required<Pick<ClientOptions, "wasm">>) {
    this.#client = client;
    this.#base = base;
    this.#key = key;
    this.#fetch = custom ?? ((input, init) => fetch(input, init));
    this.#wasm = wasm;
    this.#verify = verify;
    const { signal } = this.#closing;
    page()?.addEventListener("visibilitychange", () => isHidden() && this.#stream?.abort(), { signal });
    void this.#refresh();
    void this.#follow();
  }

  /** Rules that are here have answered already; only what the edge decided has to be asked for again. */
  contextChanged(): void {
    if (this.#program?.asks(this.#program.asked, this.#client).length !== 0) void this.#refresh();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#closing.abort();
    this.#stream?.abort();
  }

  /** Asks the edge until its answer is here. Never rejects; calls while it runs make it ask once more. */
  #refresh(): Promise<void> {
    this.#isWanted = true;
    return (this.#refreshing ??= this.#catchUp());
  }

  async #catchUp(): Promise<void> {
    for (let attempt = 0; (this.#isWanted || this.#client.version < this.#newest) && !this.#closing.signal.aborted; ) {
      const announced = this.#newest;
      this.#isWanted = false;
      try {
        await this.#load(this.#client.context);
        if (this.#client.version < announced) throw new Error(`the edge announced version ${announced} and answers with an older one`);
        attempt = 0;
      } catch (error) {
        if (this.#closing.signal.aborted) break;
        const refusal = error instanceof Refusal ? error : undefined;
        this.#client.fail(error instanceof Error ? error.message : String(error), refusal?.isFinal ?? false);
        this.#isWanted = true;
        await this.#wait(attempt++, refusal?.retryAfterMs);
      }
    }
    this.#refreshing = undefined;
  }

  /** An answer is the length of a program, the program unless it is the one that is here, and the live state. */
  async #load(context: EvaluationContext): Promise<void> {
    const engine = loadEngine(this.#wasm).catch(because("the engine cannot be loaded"));
    // It may fail before it is waited for.
    engine.catch(() => undefined);
    const request = new AbortController();
    const stop = (): void => request.abort(new Error(`no answer in ${ANSWER_MS} ms`));
    const timer = setTimeout(stop, ANSWER_MS);
    this.#closing.signal.addEventListener("abort", stop, { signal: request.signal });
    try {
      // A string as body is `text/plain`, which needs no preflight.
      const body = JSON.stringify({
        key: this.#key,
        context,
        ...(this.#etag === null ? {} : { etag: this.#etag }),
        // An edge that has not heard of it yet asks before it answers.
        ...(this.#newest > this.#client.version ? { version: this.#newest } : {}),
      });
      const response = await this.#ask("program", { method: "POST", body, signal: request.signal });
      const { headers } = response;
      const bytes = new Uint8Array(await response.arrayBuffer());
      const length = bytes.length < 4 ? Infinity : new DataView(bytes.buffer).getUint32(0, true);
      const version = Number(headers.get("Vexil-Version"));
      if (!(version > 0) || length > bytes.length - 4) throw new Error("what answered is not an edge of Vexil");
      const live = bytes.subarray(4 + length);
      const program = bytes.subarray(4, 4 + length);
      if (length > 0) await this.#verify?.(program, headers.get("Vexil-Signature"));
      this.#take(await engine, context, version, headers.get("ETag"), program, live);
    } finally {
      clearTimeout(timer);
      request.abort();
    }
  }

  /** Takes an answer; `bytes` are empty where the program is the one that is here. */
  #take(memory: WebAssembly.Memory, context: EvaluationContext, version: number, etag: string | null, bytes: Uint8Array, live: Uint8Array): void {
    const program = bytes.length === 0 ? this.#program : new LocalProgram(memory, bytes);
    if (program === undefined) throw new Error("the edge sent no program");
    if (program.asks(context, this.#client).length > 0 || version < this.#client.version) {
      if (program !== this.#program) program.free();
      return;
    }
    program.setLive(live);
    program.asked = context;
    this.#program = program;
    this.#etag = etag;
    this.#awaitChange(program.until);
    this.#client.accept(program, version);
  }

  /** Asks again at `until`; past it, since the clock of the edge is behind, after as long as it has been past. */
  #awaitChange(until: number): void {
    clearTimeout(this.#timer);
    const ms = until - Date.now();
    const wait = ms > 0 ? Math.min(ms, LONGEST_MS) : Math.min(Math.max(-ms, FIRST_WAIT_MS), LONGEST_WAIT_MS);
    if (until < Infinity) this.#timer = setTimeout(() => void this.#refresh(), wait);
  }

  /** Listens while the page can be seen; whenever listening ends, asks, since something may have been missed. */
  async #follow(): Promise<void> {
    const { signal } = this.#closing;
    for (let attempt = 0; !signal.aborted; ) {
      try {
        await this.#listen();
        attempt = 0;
      } catch {
        attempt += 1;
      }
      if (isHidden()) await new Promise((seen) => page()?.addEventListener("visibilitychange", seen, { once: true, signal }));
      else await this.#wait(attempt);
      if (!signal.aborted) await this.#refresh();
    }
  }

  async #listen(): Promise<void> {
    if (isHidden()) return;
    const stream = new AbortController();
    this.#stream = stream;
    const silent = (): void => stream.abort();
    let timer = setTimeout(silent, SILENCE_MS);
    try {
      const headers = { Accept: "text/event-stream" };
      const response = await this.#ask(`stream?key=${encodeURIComponent(this.#key)}`, { headers, signal: stream.signal });
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (let chunk = await reader?.read(); chunk?.value !== undefined; chunk = await reader?.read()) {
        clearTimeout(timer);
        timer = setTimeout(silent, SILENCE_MS);
        const lines = (rest + chunk.value).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) if (line.startsWith("id:")) this.#hear(Number(line.slice(3)));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #hear(version: number): void {
    if (!(version > this.#newest)) return;
    this.#newest = version;
    if (version > this.#client.version) this.#refreshing ??= this.#catchUp();
  }

  async #ask(path: string, init: RequestInit): Promise<Response> {
    const response = await this.#fetch(`${this.#base}/v1/${path}`, init).catch(because("the edge cannot be reached"));
    if (!response.ok) throw new Refusal(response);
    return response;
  }

  /** Full jitter: anything up to a bound that doubles, so that clients which lost the edge together come back apart. */
  #wait(attempt: number, atLeastMs = 0): Promise<void> {
    const bound = Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(Math.max(Math.random() * bound, atLeastMs), LONGEST_MS));
      this.#closing.signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
    });
  }
}

function because(what: string): (error: unknown) => never {
  return (error) => {
    throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  };
}

function page(): Document | undefined {
  return (globalThis as { readonly document?: Document }).document;
}

function isHidden(): boolean {
  return page()?.visibilityState === "hidden";
}
