import { partOf } from "./timer.js";

/** The page that this runs in, if it is one. */
export function page(): Document | undefined {
  return (globalThis as { readonly document?: Document }).document;
}

export function isHidden(): boolean {
  return page()?.visibilityState === "hidden";
}

/** Listens to what the browser says of itself and of its pages, until `signal`. */
export function on(type: "online" | "pagehide" | "visibilitychange", listener: () => void, signal: AbortSignal): void {
  globalThis.addEventListener?.(type, listener, { signal });
}

/** Resolves in `ms`, or when `whole` ends; unless it `isFirm`, also when the page is seen, or the browser has a network again. */
export function pause(ms: number, whole: AbortSignal, isFirm = false): Promise<void> {
  return new Promise((resolve) => {
    const { signal, end, endAt } = partOf(whole);
    signal.addEventListener("abort", () => resolve());
    endAt(Date.now() + ms);
    if (isFirm) return;
    on("online", end, signal);
    on("visibilitychange", end, signal);
  });
}
