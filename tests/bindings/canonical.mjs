// Answers as bytes that can be compared: JSON without spaces, keys sorted (RFC 8785). Runs in every JavaScript.

/** @param {unknown} value JSON; members that are `undefined` are left out. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const keys = Object.keys(value).filter((key) => value[key] !== undefined).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
}
