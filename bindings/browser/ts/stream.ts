import { isHidden, page } from "./edge.js";
import type { Edge } from "./edge.js";

/** How long a stream may be silent: three heartbeats. */
const SILENCE_MS = 45_000;

/** Follows the versions that the edge announces, by one stream for all tabs of a browser that can be seen. */
export class Stream {
  readonly #edge: Edge;
  readonly #hear: (version: number) => void;
  readonly #missed: () => Promise<void>;
  readonly #name: string;
  #channel: BroadcastChannel | undefined;
  #newest = 0;

  /** Calls `hear` with the newest version whenever the edge shows that it is there, `missed` when it may have said something meanwhile. */
  constructor(edge: Edge, hear: (version: number) => void, missed: () => Promise<void>) {
    this.#edge = edge;
    this.#hear = hear;
    this.#missed = missed;
    this.#name = `vexil ${edge.base} ${edge.key}`;
    void this.#follow();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#edge;
    const locks = page() && (navigator.locks as LockManager | undefined);
    if (locks) {
      const channel = (this.#channel = new BroadcastChannel(this.#name));
      channel.onmessage = ({ data }) => this.#hear(data as number);
      signal.addEventListener("abort", () => channel.close());
    }
    while (!signal.aborted) {
      const leaving = new AbortController();
      const leave = (): void => leaving.abort();
      const options = { signal: leaving.signal };
      signal.addEventListener("abort", leave, options);
      page()?.addEventListener("visibilitychange", () => isHidden() && leave(), options);
      const listen = (): Promise<void> => this.#listen(leaving.signal);
      // One that cannot be had, since the page leaves, is as one that ended.
      await (isHidden() ? undefined : locks ? locks.request(this.#name, options, listen) : listen())?.catch(() => (this.#edge.failures += 1));
      leave();
      if (isHidden()) await new Promise((seen) => page()?.addEventListener("visibilitychange", seen, { once: true, signal }));
      else await this.#edge.wait();
      if (!signal.aborted) await this.#missed();
    }
  }

  async #listen(signal: AbortSignal): Promise<void> {
    const stream = new AbortController();
    const silent = (): void => stream.abort();
    signal.addEventListener("abort", silent);
    let timer = setTimeout(silent, SILENCE_MS);
    try {
      const headers = { Accept: "text/event-stream" };
      const response = await this.#edge.ask(`stream?key=${encodeURIComponent(this.#edge.key)}`, { headers, signal: stream.signal });
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (let chunk = await reader?.read(); chunk?.value !== undefined; chunk = await reader?.read()) {
        clearTimeout(timer);
        timer = setTimeout(silent, SILENCE_MS);
        const lines = (rest + chunk.value).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) if (line.startsWith("id:")) this.#newest = Math.max(this.#newest, Number(line.slice(3)) || 0);
        this.#hear(this.#newest);
        this.#channel?.postMessage(this.#newest);
      }
    } finally {
      clearTimeout(timer);
    }
  }
}
