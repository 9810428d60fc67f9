import { backoff } from "./edge.js";
import type { Edge, Refusal } from "./edge.js";
import { isHidden, on, page, pause } from "./page.js";
import { attempt } from "./store.js";
import { partOf } from "./timer.js";

/** How long a stream may be silent: three heartbeats. */
const SILENCE_MS = 45_000;

/**
 * Follows the versions that the edge announces, by one stream for all tabs of a browser that can be seen.
 *
 * Calls `hear` with the newest version whenever the edge shows that it is there, `missed` when it may have said something meanwhile.
 */
export async function follow({ base, key, signal, ask }: Edge, hear: (version: number) => void, missed: () => Promise<void>): Promise<void> {
  const name = `vexil ${base} ${key}`;
  const channel = page() && attempt(() => new BroadcastChannel(name));
  let locks = channel && (navigator.locks as LockManager | undefined);
  if (channel) {
    channel.onmessage = ({ data }) => hear(data as number);
    signal.addEventListener("abort", () => channel.close());
  }
  let newest = 0;
  let failures = 0;
  while (!signal.aborted) {
    let retryAfterMs = 0;
    if (!isHidden()) {
      const part = partOf(signal);
      on("visibilitychange", () => isHidden() && part.end(), part.signal);
      const listen = async (): Promise<void> => {
        const wait = (): void => part.endAt(Date.now() + SILENCE_MS);
        wait();
        const response = await ask(`stream?key=${encodeURIComponent(key)}`, { headers: { Accept: "text/event-stream" }, signal: part.signal });
        const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
        let rest = "";
        for (let chunk; (chunk = (await reader?.read())?.value); ) {
          wait();
          rest = (rest + chunk).replace(/(?:id:(.*)|.*)\n/g, (_line, id?: string) => {
            newest = Math.max(newest, Number(id) || 0);
            return "";
          });
          failures = 0;
          hear(newest);
          channel?.postMessage(newest);
        }
      };
      // One that cannot be had, since the page leaves, is as one that ended.
      await (locks ? locks.request(name, { signal: part.signal }, listen) : listen()).catch((error: Partial<Refusal>) => {
        retryAfterMs = error.retryAfterMs ?? 0;
        // A page that may not keep anything may not share a stream either.
        if (error.name === "SecurityError") locks = undefined;
      });
      part.end();
    }
    if (signal.aborted) return;
    await (isHidden() ? pause(Infinity, signal) : pause(Math.max(backoff(failures++), retryAfterMs), signal, retryAfterMs > 0));
    if (!signal.aborted) await missed();
  }
}
