import type { FlagClient, Link } from "./client.js";
import { backoff, edgeAt, FIRST_WAIT_MS, LONGEST_WAIT_MS, messageOf, refusal } from "./edge.js";
import type { Refusal } from "./edge.js";
import { eventsTo } from "./events.js";
import type { Engine, LocalProgram } from "./local.js";
import { isHidden, on, pause } from "./page.js";
import { load, save, textOf } from "./store.js";
import type { Place } from "./store.js";
import { follow } from "./stream.js";
import { partOf, timer } from "./timer.js";
import type { Part } from "./timer.js";
import type { ClientOptions, Snapshot, Status } from "./types.js";
import { Values } from "./values.js";

/** How long an answer may take. */
const ANSWER_MS = 15_000;

/**
 * Fetches answers from the edge or, once there is an engine, programs and live states, and keeps them up to date.
 *
 * `base` is the address of the edge, without a slash at its end; `place` is where answers are kept.
 */
export function connect(client: FlagClient, base: string, options: ClientOptions, place: Place | null | undefined, loadEngine: (client: FlagClient) => Promise<Engine>): Link {
  const { key, engine: when = "lazy", verify, bootstrap, events: isTelling = true, signed } = options;
  const name = `vexil ${base} ${key}`;
  const closing = new AbortController();
  const { signal } = closing;
  const edge = edgeAt(base, options, signal);
  const events = isTelling ? eventsTo(edge, client) : undefined;
  /** Where programs are asked for: what reads them, which may be on its way yet. */
  let engine: Promise<Engine> | undefined;
  /** Whether the engine is wanted once the browser is idle. */
  let isLazy = when === "lazy" && !verify;
  let values: Values | undefined;
  /** The edge could say of its last answer that it was the newest. */
  let isSure = true;
  let program: LocalProgram | undefined;
  /** The tag of the one that is here. */
  let etag: string | null | undefined;
  /** Somebody asked to ask. */
  let isWanted = false;
  /** The highest version heard of. */
  let newest = 0;
  let refreshing: Promise<void> | undefined;
  let request: Part | undefined;
  /** The context of the last request, as a text. */
  let asked: string | undefined;
  let failures = 0;

  /** Asks the edge until its answer is here. Never rejects; calls while it runs make it ask once more. */
  const refresh = (): Promise<void> => {
    isWanted = true;
    return (refreshing ??= catchUp());
  };

  const catchUp = async (): Promise<void> => {
    while ((isWanted || client.version < newest) && !signal.aborted) {
      const announced = newest;
      const mine = (request = partOf(signal));
      mine.endAt(Date.now() + ANSWER_MS);
      isWanted = false;
      try {
        await ask(mine.signal);
        if (client.version < announced) throw new Error(`the edge answers with version ${client.version} after ${announced}`);
        failures = 0;
      } catch (error) {
        isWanted = true;
        // Else somebody else is asked about by now.
        if (request === mine && !signal.aborted) {
          const { isFinal, retryAfterMs = 0 } = error as Refusal;
          client.fail(messageOf(error), isFinal);
          await pause(Math.max(backoff(failures++), retryAfterMs), signal, retryAfterMs > 0);
        }
      }
      mine.end();
    }
    refreshing = undefined;
  };

  const ask = async (signal: AbortSignal): Promise<void> => {
    const { context } = client;
    const reads = engine;
    asked = textOf(context);
    // A string as body is `text/plain`, which needs no preflight.
    const body = JSON.stringify({
      key,
      context,
      etag: etag ?? undefined,
      // An edge that has not heard of it yet asks before it answers.
      version: Math.max(newest, client.version) || undefined,
      signed: await signed?.(),
    });
    const response = await edge.ask(reads ? "program" : "values", { method: "POST", body, signal });
    const { headers, status } = response;
    const version = parseInt(headers.get("Vexil-Version") ?? "");
    if (!(version >= 0)) throw refusal(status, ": is the url right?");
    // An edge that cannot ask whether it is the newest confirms nothing; but of the first answer nothing else is known.
    isSure = !headers.has("Vexil-Stale");
    if (version < client.version) {
      if (!isSure || client.status.source !== "storage") throw new Error(`the edge answers with version ${version} after ${client.version}`);
      // What was kept is of an edge that was set up anew since.
      client.version = version;
    }
    const at = isSure || !client.source ? Date.now() : 0;
    if (reads) {
      const bytes = await response.arrayBuffer();
      let taken: LocalProgram | undefined;
      try {
        taken = await (await reads)(bytes, headers.get("Vexil-Signature"), context, version);
      } catch (error) {
        if (verify) {
          // It may be the engine that could not be had.
          begin();
          throw error;
        }
        // The edge evaluates as well.
        engine = program = etag = undefined;
        isWanted = true;
        return client.failEngine(messageOf(error));
      }
      // It was made for another context than that of now.
      if (!taken) return void (isWanted = true);
      program = taken;
      values = undefined;
    } else if (status !== 304) {
      const answer = (await response.json().catch(() => undefined)) as Snapshot | undefined;
      if (!answer?.flags) throw refusal(status, ": is the url right?");
      // The context is another one, or an engine took over.
      if (textOf(client.context) !== asked || engine) return;
      values = new Values(answer.flags, answer.nextChange);
    }
    const source = program ?? values;
    if (!source) throw refusal(status, ": is the url right?");
    if (status !== 304) etag = headers.get("ETag");
    accept(source, version, program ? "local" : "values", at);
    if (!isLazy) return;
    isLazy = false;
    // Once nothing else is to be done; where a browser cannot tell, soon.
    ((globalThis as Partial<typeof globalThis>).requestIdleCallback ?? setTimeout)(start);
  };

  /** From now on programs are asked for, unless there is no engine. */
  const start = (): void => {
    if (signal.aborted) return;
    const loading = loadEngine(client);
    const loaded = (): Promise<void> => {
      engine = loading;
      etag = undefined;
      return refresh();
    };
    loading.then(loaded, (error: unknown) => client.failEngine(messageOf(error)));
  };

  /** Asks again when an answer may change; past that, since the clock of the edge is behind, after as long as it has been past. */
  const accept = (source: LocalProgram | Values, version: number, from: Status["source"], at: number, isOthers?: boolean): void => {
    const { until } = source;
    const now = Date.now();
    if (!signal.aborted) set(until > now ? until : now + Math.min(Math.max(now - until, FIRST_WAIT_MS), LONGEST_WAIT_MS));
    client.accept(source, version, from, at, until, isOthers);
  };
  const set = timer(refresh);

  /** The edge is there, and this is the newest version that it knows; 0 where it does not say. */
  const hear = (version: number): void => {
    newest = Math.max(version, newest);
    if (version > client.version) refreshing ??= catchUp();
    else if (!refreshing) isSure ? client.confirm() : void refresh();
  };

  const restore = ({ flags, version, nextChange, context, at = Infinity, etag: tag }: Snapshot, from: Status["source"]): void => {
    if (version < client.version) return;
    values = new Values(flags, nextChange);
    if (!engine) etag = tag;
    // The clock of whoever made it may be ahead.
    accept(values, version, from, Math.min(at, Date.now()), context && textOf(context) !== textOf(client.context));
  };

  /** The page may be gone in a moment. */
  const leave = (): void => {
    const snapshot = client.snapshot();
    // Answers for another context than that of now are not worth keeping.
    if (snapshot && !client.status.pending) save(place, name, { ...snapshot, etag: program ? null : etag ?? null });
    events?.leave();
  };

  const begin = (): void => {
    engine = loadEngine(client);
    // It may fail before it is waited for.
    engine.catch(() => undefined);
  };
  if (when === "eager" || verify) begin();
  // Before the first version there were no answers.
  if (bootstrap?.version) restore(bootstrap, "bootstrap");
  // Of the same version what was kept is better, if the other was made for somebody else.
  if (!verify && (!bootstrap || client.status.pending)) load(place, name, client.context, (stored) => restore(stored, "storage"));
  on("visibilitychange", () => isHidden() && leave(), signal);
  on("pagehide", leave, signal);
  void refresh();
  void follow(edge, hear, refresh);

  return {
    ...events,
    /** Rules that are here have answered already; only what the edge decided has to be asked for again. */
    contextChanged() {
      const isAnswered = program ? program.asks(program.asked, client).length === 0 : textOf(client.context) === asked;
      // Of answers it may be that they are on their way.
      if (isAnswered) return program && false;
      request?.end();
      request = undefined;
      void refresh();
      return true;
    },
    close() {
      closing.abort();
      set(Infinity);
      leave();
    },
  };
}
