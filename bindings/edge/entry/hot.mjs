/** The calls that are made most. Whether one is answered at once is decided in Rust; what is none of these is not asked there. */
const CALLS = /^https?:\/\/[^/?#]+(?:\/[^?#]*)?\/(?:v1\/values|ofrep\/v1\/evaluate\/flags)(?:[/?]|$)/;
/** What Rust looks at of a request's head (`src/delivery/at_once.rs`). */
const HEADERS = ["authorization", "x-api-key", "vexil-environment", "if-none-match", "origin", "cf-connecting-ip"];
/** Bytes of a body that is read at once; a larger one, or one that does not say how large it is, is read in Rust. */
const MOST_BYTES = 16_384;
const NOTHING = new Uint8Array();

/** Has the WebAssembly instance answer in one crossing where it can; else a call is made as any other. */
export class Hot {
  #recovery;
  #glue;

  /**
   * @param {import("./recovery.mjs").Recovery} recovery
   * @param {{ answerAtOnce: Function }} glue
   */
  constructor(recovery, glue) {
    this.#recovery = recovery;
    this.#glue = glue;
  }

  /**
   * Answers `request`, or has `call` answer it.
   *
   * @param {Request} request
   * @param {(request: Request, env: object, context: object) => Promise<Response>} call
   * @returns {Response | Promise<Response>}
   */
  answer(request, env, context, call) {
    const { url } = request;
    if (!CALLS.test(url)) {
      return call(request, env, context);
    }
    const began = Date.now();
    const { method, headers } = request;
    if (method === "GET") {
      return this.#atOnce(request, env, context, head(method, url, headers), NOTHING, began) ?? call(request, env, context);
    }
    const length = method === "POST" ? headers.get("content-length") : null;
    // Of one that comes in chunks the length says nothing.
    if (length === null || !(Number(length) <= MOST_BYTES) || headers.has("transfer-encoding")) {
      return call(request, env, context);
    }
    return this.#posted(request, env, context, head(method, url, headers), began, call);
  }

  async #posted(request, env, context, head, began, call) {
    let body;
    try {
      body = new Uint8Array(await request.arrayBuffer());
    } catch (error) {
      body = new ReadableStream({ start: (controller) => controller.error(error) });
      return call(new Request(request, { body }), env, context);
    }
    return this.#atOnce(request, env, context, head, body, began) ?? call(new Request(request, { body }), env, context);
  }

  #atOnce(request, env, context, head, body, began) {
    try {
      return this.#glue.answerAtOnce(request, env, context, head, body, began);
    } catch (error) {
      // After a trap the call is made anew, and the fresh instance answers it.
      if (!this.#recovery.notice(error)) {
        throw error;
      }
    }
  }
}

/** The method, the URL, and a line for each header that is there. */
function head(method, url, headers) {
  let text = `${method}\n${url}`;
  for (const name of HEADERS) {
    const value = headers.get(name);
    if (value !== null) {
      text += `\n${name}:${value}`;
    }
  }
  return text;
}
