import type { ContextValue, EvaluationContext } from "./types.js";

/**
 * A copy of `context` with what JSON can say of it, so that the engine in the page and the one at the edge read the same.
 * Nobody may see it before it is frozen, which takes as long as to copy it: until then symbols may name members too.
 *
 * @throws {TypeError} if it is not an object that JSON can carry.
 */
export function copy(context: EvaluationContext): EvaluationContext {
  return plain(context) ?? read(context);
}

/** Freezes what {@link copy} or JSON made, through and through, without members that symbols name. */
export function freeze<T>(value: T): T {
  // What is no object is frozen.
  if (!Object.isFrozen(value)) {
    for (const symbol of Object.getOwnPropertySymbols(value)) delete value[symbol as keyof T];
    Object.values(Object.freeze(value) as object).forEach(freeze);
  }
  return value;
}

function read(context: EvaluationContext): EvaluationContext {
  const json = JSON.stringify(context) as string | undefined;
  if (json?.[0] !== "{") throw new TypeError("the context must be an object");
  return JSON.parse(json.replace(ESCAPE, (escape) => (escape[2] ? "\ufffd" : escape))) as EvaluationContext;
}

/** Every escape is matched, so that a backslash which is itself escaped starts none. A surrogate is escaped only if it is alone. */
const ESCAPE = /\\(?:ud[89a-f]..|.)/g;

/** What JSON would make of a context that holds scalars and lists of scalars; `undefined` where it may make something else of it. */
function plain(context: EvaluationContext): EvaluationContext | undefined {
  if (Object.getPrototypeOf(context ?? 0) !== Object.prototype || "toJSON" in context) return undefined;
  const copy: Record<string, ContextValue> = { ...context };
  for (const key in copy) {
    const value = copy[key];
    if (!isScalar(key)) return undefined;
    if (isScalar(value)) continue;
    if (!Array.isArray(value) || "toJSON" in value) return undefined;
    const items = (copy[key] = [...(value as readonly ContextValue[])]);
    if (!items.every(isScalar)) return undefined;
  }
  return copy;
}

/** Whether JSON has it as it is. Browsers before 2024 cannot tell of a string. */
function isScalar(value: unknown): boolean | undefined {
  if (typeof value === "string") return (value as { isWellFormed?: () => boolean }).isWellFormed?.();
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0);
  return typeof value === "boolean" || value === null;
}
