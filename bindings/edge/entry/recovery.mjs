/**
 * Answers requests from one WebAssembly instance, and from a fresh one when it traps.
 *
 * A trap leaves the instance's memory in any state, so nothing of it is used again: every request that was under
 * way ends with it, whoever caused the trap. Those that only read are answered again by the fresh instance, once;
 * the others are told to ask again.
 */
export class Recovery {
  #restart;
  #generation = 0;
  /** What ends each request under way. */
  #underway = new Set();

  /** @param {() => void} restart puts a fresh instance in the place of the old one. */
  constructor(restart) {
    this.#restart = restart;
  }

  /** Counts the instances. What belongs to an earlier one must not be called. */
  get generation() {
    return this.#generation;
  }

  /**
   * Answers `request` with what `call` makes of it.
   *
   * @param {Request} request
   * @param {(request: Request) => Promise<Response>} call
   * @param {(response: Response) => void} [finish] is shown the response that says that `call` failed
   * @returns {Promise<Response>}
   */
  async answer(request, call, finish = () => {}) {
    const again = isRead(request) ? request.clone() : undefined;
    const response = await this.#attempt(() => call(request));
    if (response !== undefined) {
      return response;
    }
    const second = again && (await this.#attempt(() => call(again)));
    if (second !== undefined) {
      return second;
    }
    const failed = unavailable();
    finish(failed);
    return failed;
  }

  /**
   * Runs `call`, which nobody waits for.
   *
   * @param {() => Promise<unknown>} call
   * @throws where the instance traps, so that whoever runs it does so again
   */
  async run(call) {
    if ((await this.#attempt(call)) === undefined) {
      throw new Error("the worker failed and has started afresh");
    }
  }

  /** Takes note of an error that surfaced outside of any request: code that runs later traps there. */
  notice(error) {
    if (!isTrap(error)) {
      return false;
    }
    this.#generation += 1;
    this.#restart();
    for (const end of this.#underway) {
      end();
    }
    this.#underway.clear();
    return true;
  }

  /** What `call` resolves to, or `undefined` if the instance does not live to tell. */
  async #attempt(call) {
    let end;
    const ended = new Promise((resolve) => {
      end = resolve;
    });
    this.#underway.add(end);
    try {
      return await Promise.race([call(), ended]);
    } catch (error) {
      if (this.notice(error)) {
        return undefined;
      }
      throw error;
    } finally {
      this.#underway.delete(end);
    }
  }
}

/** What is asked with a body, and changes nothing. */
const READS = /\/(v1\/(values|program)|ofrep\/v1\/evaluate\/flags(\/[^/]+)?)$/;

/** Whether doing it twice does no more than doing it once. */
function isRead(request) {
  return request.method === "GET" || request.method === "HEAD" || (request.method === "POST" && READS.test(new URL(request.url).pathname));
}

/** A panic ends in a trap; recursion without end overflows the runtime's own stack. */
function isTrap(error) {
  return error instanceof WebAssembly.RuntimeError || (error instanceof RangeError && /call stack/.test(error.message));
}

function unavailable() {
  const problem = {
    type: "about:blank",
    title: "Service Unavailable",
    status: 503,
    detail: "the worker failed while answering and has started afresh",
  };
  const headers = { "content-type": "application/problem+json", "cache-control": "no-store", "retry-after": "1" };
  return new Response(JSON.stringify(problem), { status: 503, headers });
}
