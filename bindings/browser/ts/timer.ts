/** The longest that a timer of a browser can wait. */
const LONGEST_MS = 0x7fff_ffff;

/** A timer for `ring`. What it returns sets it for so many ms from now, whatever it was set for before; `Infinity` is never. */
export function timer(ring: () => void): (ms: number) => void {
  let set: ReturnType<typeof setTimeout> | undefined;
  return (ms) => {
    clearTimeout(set);
    if (ms < Infinity) set = setTimeout(ring, Math.min(ms, LONGEST_MS));
  };
}
