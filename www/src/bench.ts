// Compiles a ruleset with the playground's module and evaluates the program with the npm package, all in the page.

import { createClient } from "vexil";
import type { Client, Details, EvaluationContext, JsonValue } from "vexil";
import type * as Playground from "../../bindings/playground/dist/playground.js";

/** One mistake in a ruleset: where, as a JSON Pointer, and what. */
export interface Issue {
  readonly path: string;
  readonly message: string;
}

/** What one flag of the compiled ruleset says. */
export interface Answer {
  readonly key: string;
  readonly details: Details<JsonValue | undefined>;
}

/** What became of a text: issues, or a program of some bytes. */
export interface Outcome {
  readonly issues: readonly Issue[];
  readonly size: number;
  /** How long checking and compiling took. */
  readonly tookMs: number;
}

/** The last ruleset that compiled, ready to be asked. */
export class Bench {
  #module: Promise<typeof Playground> | undefined;
  #client: Client | undefined;

  /** Compiles `text`; where it has no issues, {@link answers} are of it from here on. */
  async compile(text: string, context: EvaluationContext): Promise<Outcome> {
    const { compile } = await (this.#module ??= load());
    const started = performance.now();
    const { issues, program } = compile(text);
    const tookMs = performance.now() - started;
    if (program === undefined) return { issues, size: 0, tookMs };
    const client = createClient({ url: location.origin, key: "playground", context, engine: "eager", events: false, storage: null, anonymous: false, fetch: edgeOf(program) });
    await client.ready();
    this.#client?.close();
    this.#client = client;
    return { issues, size: program.length, tookMs };
  }

  /** Every flag, answered for `context`. */
  answers(context: EvaluationContext): readonly Answer[] {
    const client = this.#client;
    if (client === undefined) return [];
    client.setContext(context);
    return client.flags().map((key) => ({ key, details: client.details(key) }));
  }
}

async function load(): Promise<typeof Playground> {
  const module = await import("../../bindings/playground/dist/playground.js");
  await module.default({ module_or_path: new URL("playground.wasm", import.meta.url) });
  return module;
}

/** Live state 0: nothing is killed, no release runs, nothing is rehearsed. It follows the program in what an edge answers. */
const NOTHING_KILLED = Uint8Array.of(0x56, 0x58, 0x4c, 0x56, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

/** An edge inside the page: it serves this program, and its stream stays silent. Nothing leaves the browser. */
function edgeOf(program: Uint8Array): typeof fetch {
  return (input) => {
    const url = input instanceof Request ? input.url : String(input);
    if (url.includes("/v1/stream")) return Promise.resolve(new Response(new ReadableStream(), { headers: { "content-type": "text/event-stream" } }));
    const length = new DataView(new ArrayBuffer(4));
    length.setUint32(0, program.length, true);
    return Promise.resolve(new Response(new Blob([length, program as BlobPart, NOTHING_KILLED]), { headers: { "vexil-version": "1", etag: '"playground"' } }));
  };
}
