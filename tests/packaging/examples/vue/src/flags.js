import { createClient } from "vexil";
import { onScopeDispose, readonly, shallowRef } from "vue";

export const flags = createClient({
  url: import.meta.env.VITE_EDGE,
  key: import.meta.env.VITE_KEY,
  context: { country: "DE" },
});

/** The value of a flag, as long as the component is there. */
export function useFlag(key, fallback) {
  const read = () => flags.details(key, fallback).value;
  const value = shallowRef(read());
  onScopeDispose(flags.subscribe(key, () => (value.value = read())));
  return readonly(value);
}
