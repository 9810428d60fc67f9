import type { FlagClient } from "./client.js";
import { forget, Overrides } from "./overrides.js";
import type { Client } from "./types.js";

/** How the tools behave. */
export interface DevtoolsOptions {
  /** The keys that open and close them: `"Alt+Shift+V"` unless said otherwise, `null` for none. */
  readonly shortcut?: string | null;
  /** Explains in place of `vexil/explain`, which is loaded when somebody asks why; for bundlers that do not find its wasm. */
  readonly explain?: (flags: Client, flag: string) => Promise<{ readonly text: string }>;
}

const SWITCH = "vexil.devtools";

/**
 * Shows the tools, as {@link showDevtools} does, to those who want them: with `?vexil` in the address, in that tab from then
 * on; or with `localStorage["vexil.devtools"]` set, in every tab. `?vexil=off` ends both and forgets what was overridden.
 */
export function enableDevtools(flags: Client, options?: DevtoolsOptions): () => void {
  return isWanted() ? showDevtools(flags, options) : () => undefined;
}

/**
 * Shows each flag of `flags` with its answer, and lets it be overridden for this tab. Returns the function that takes the
 * tools away, and the overrides with them. Only now are they downloaded; overrides of before hold at once.
 *
 * A flag that is overridden has the reason `"OVERRIDE"`, and reads of it are not reported.
 */
export function showDevtools(flags: Client, options: DevtoolsOptions = {}): () => void {
  const client = flags as FlagClient;
  const overrides = new Overrides(client);
  let isRemoved = false;
  let unmount = (): void => undefined;
  import("./overlay.js").then(
    ({ mount }) => {
      if (!isRemoved) unmount = mount(client, overrides, options);
    },
    (error: unknown) => console.warn("vexil: the tools cannot be loaded", error),
  );
  return () => {
    if (isRemoved) return;
    isRemoved = true;
    unmount();
    overrides.end();
  };
}

function isWanted(): boolean {
  const { location } = globalThis as { readonly location?: Location };
  if (!location) return false;
  const asked = new URLSearchParams(location.search).get("vexil");
  try {
    const places = [sessionStorage, localStorage];
    if (asked === "off") {
      for (const place of places) place.removeItem(SWITCH);
      forget();
      return false;
    }
    if (asked !== null) sessionStorage.setItem(SWITCH, "on");
    return places.some((place) => place.getItem(SWITCH) !== null);
  } catch {
    // A page without storage.
    return asked !== null && asked !== "off";
  }
}
