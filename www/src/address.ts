// What the address brings along after `#`: an operate token and a browser key, taken out of it at once.

/** What the fragment said. */
export interface Carried {
  readonly token: string | undefined;
  readonly key: string | undefined;
}

/** Reads `#token=…&key=…` and removes the token from the address bar and the history entry. */
export function takeFragment(): Carried {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const token = fragment.get("token") ?? undefined;
  const key = fragment.get("key") ?? undefined;
  if (token !== undefined) {
    const rest = key === undefined ? "" : `#${new URLSearchParams({ key })}`;
    history.replaceState(history.state, "", `${location.pathname}${location.search}${rest}`);
  }
  return { token, key };
}
