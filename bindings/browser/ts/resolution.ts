import type { ErrorCode, ResolutionDetails } from "@openfeature/core";
import type { Details, JsonValue } from "./types.js";

const MESSAGES: Readonly<Record<string, string>> = {
  PROVIDER_NOT_READY: "there are no flags yet",
  FLAG_NOT_FOUND: "there is no such flag, or this key may not see it",
  TYPE_MISMATCH: "its value is of another type",
};

/** What OpenFeature is told of a flag whose value has to be of `type`. */
export function resolution<T extends JsonValue>(details: Partial<Details<JsonValue | undefined>> | undefined, fallback: T, type: string): ResolutionDetails<T> {
  const { value, variant, reason = "ERROR", errorCode = wrong(details, type), ...flagMetadata } = details ?? {};
  // A variant that is null leaves the answer to the caller.
  if (errorCode === undefined) return { value: (value ?? fallback) as T, ...(variant !== undefined && { variant }), reason, flagMetadata };
  return { value: fallback, reason: "ERROR", errorCode: errorCode as ErrorCode, errorMessage: MESSAGES[errorCode] ?? errorCode, flagMetadata };
}

function wrong(details: object | undefined, type: string): string | undefined {
  if (!details) return "PROVIDER_NOT_READY";
  const { value } = details as { readonly value?: unknown };
  return value === null || typeof value === type ? undefined : "TYPE_MISMATCH";
}
