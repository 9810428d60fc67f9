/** The longest that a timer of a browser can wait. */
const LONGEST_MS = 0x7fff_ffff;

/**
 * A timer for `ring`. What it returns sets it for an instant, in ms since 1970, whatever it was set for before; `Infinity`
 * is never. It may ring early where the instant is weeks away.
 */
export function timer(ring: () => void): (at: number) => void {
  let set = Infinity;
  let id: ReturnType<typeof setTimeout> | undefined;
  const rung = (): void => {
    set = Infinity;
    ring();
  };
  return (at) => {
    // To set it costs more than all the rest of a new context.
    if (at === set) return;
    set = at;
    clearTimeout(id);
    if (at < Infinity) id = setTimeout(rung, Math.min(at - Date.now(), LONGEST_MS));
  };
}

/** Something that ends when it is told to, which it must be some time, or with what it is a part of. */
export interface Part {
  readonly signal: AbortSignal;
  end(): void;
  /** Sets an instant at which it ends by itself, in ms since 1970. */
  endAt(at: number): void;
}

/** Of what `whole` ends. Browsers that do not know `AbortSignal.any` run on phones that get no new ones. */
export function partOf(whole: AbortSignal): Part {
  const controller = new AbortController();
  const { signal } = controller;
  const end = (): void => controller.abort();
  const endAt = timer(end);
  whole.addEventListener("abort", end, { signal });
  signal.addEventListener("abort", () => endAt(Infinity));
  return { signal, end, endAt };
}
