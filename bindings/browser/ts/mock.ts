import { answers, choose } from "./chosen.js";
import type { Chosen, Exposure, Metric } from "./chosen.js";
import type { AnyFlags, JsonValue, Snapshot } from "./types.js";

/** What is used of a page or a browser context of Playwright. */
export interface Routes {
  route(url: RegExp, handler: (route: Route) => unknown): Promise<unknown>;
}

interface Route {
  request(): { url(): string; postData(): string | null };
  fulfill(response: { status?: number; headers?: Record<string, string>; body?: string }): Promise<void>;
  fallback(): Promise<void>;
}

/** Answers in place of an edge. A page that follows it has what was `set` within a second or two. */
export interface MockEdge<Flags extends object = AnyFlags> extends Chosen<Flags> {
  /** What clients told that they read: they do within 10 s, or when `flush` is called. */
  readonly exposures: readonly Exposure[];
  /** What clients told that happened, as late. */
  readonly metrics: readonly Metric[];
}

/** Which edge is replaced. */
export interface MockOptions {
  /** The address of the edge, or the end of it; every edge unless said otherwise. */
  readonly url?: string;
}

const ASKED = /^(.*)\/v1\/(values|program|stream|events)(?:\?.*)?$/;
/** Above what a snapshot in the page may have: a client refuses what is older. */
const FIRST_VERSION = 2 ** 40;
/** The length of a program, and no program. A client then leaves evaluating to the edge, for good. */
const NO_PROGRAM = "\0\0\0\0";

/**
 * Answers what clients in `page` ask an edge, so that their flags come to `flags`, whatever the context. To be called
 * before the page is opened. What does not come from a client goes on as if this were not here.
 */
export async function mockEdge<Flags extends object = AnyFlags>(page: Routes, flags: Partial<Flags> = {}, { url = "" }: MockOptions = {}): Promise<MockEdge<Flags>> {
  const end = url.replace(/\/+$/, "");
  const exposures: Exposure[] = [];
  const metrics: Metric[] = [];
  const batches = new Set<string>();
  /** Who waits for news. */
  let streams: Route[] = [];
  let chosen = choose({}, flags);
  let version = FIRST_VERSION;
  /** By version. */
  const published: Snapshot["flags"][] = [answers(chosen)];
  /** The version that was asked for last. */
  let served = version;

  const fulfill = (route: Route, body: string, type: string, status = 200): Promise<void> => {
    const headers = {
      "Access-Control-Allow-Origin": "*",
      "Access-Control-Expose-Headers": "Vexil-Version",
      "Cache-Control": "no-store",
      "Content-Type": type,
      "Vexil-Version": String(version),
    };
    // Whoever asked may be gone.
    return route.fulfill({ status, headers, body }).catch(() => undefined);
  };
  const announce = (route: Route): Promise<void> => fulfill(route, `id: ${version}\ndata: {}\n\n`, "text/event-stream");

  const note = ({ batch, events }: Told): void => {
    if (batches.has(batch)) return;
    batches.add(batch);
    for (const { flag, metric, value, version = FIRST_VERSION } of events) {
      if (flag !== undefined) exposures.push({ flag, value: published[version - FIRST_VERSION]?.[flag]?.value ?? null });
      if (metric !== undefined) metrics.push({ metric, ...(value !== undefined && { value }) });
    }
  };

  await page.route(ASKED, (route) => {
    const asked = route.request();
    const [, base = "", what = ""] = asked.url().match(ASKED) ?? [];
    const question = read(what === "stream" ? JSON.stringify(Object.fromEntries(new URL(asked.url()).searchParams)) : asked.postData());
    if (typeof question?.key !== "string" || !base.endsWith(end)) return route.fallback();
    if (what === "program") return fulfill(route, NO_PROGRAM, "application/octet-stream");
    if (what === "events") {
      note(question as Told);
      return fulfill(route, "", "text/plain", 202);
    }
    if (what === "stream") return served < version ? announce(route) : streams.push(route);
    served = version;
    return fulfill(route, JSON.stringify({ flags: published.at(-1) }), "application/json");
  });

  const set = (first: object | string, value?: unknown): void => {
    chosen = choose(chosen, first, value);
    published.push(answers(chosen));
    version += 1;
    for (const route of streams) void announce(route);
    streams = [];
  };
  return { exposures, metrics, set } as MockEdge<any>;
}

/** A batch of events. */
interface Told {
  readonly key?: JsonValue;
  readonly batch: string;
  readonly events: readonly { readonly flag?: string; readonly version?: number; readonly metric?: string; readonly value?: number }[];
}

function read(json: string | null): Partial<Told> | undefined {
  try {
    return JSON.parse(json ?? "null") as Partial<Told>;
  } catch {
    return undefined;
  }
}
