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
