/**
 * What OFREP 0.3 says that bodies look like, as JSON Schema 2020-12.
 *
 * Source: the OpenAPI document of open-feature/protocol, version 0.3.0, and its ADR 0008 (event streams). Where an
 * integer is also a number, the document's `oneOf` cannot hold as written; here a value has one of its types.
 */

import Ajv from "ajv/dist/2020.js";

const details = { type: "string" };
const metadata = { type: "object", additionalProperties: { type: ["boolean", "string", "number"] } };
const failure = (codes) => ({
  type: "object",
  required: ["key", "errorCode"],
  properties: { key: { type: "string" }, errorCode: { enum: codes }, errorDetails: details, metadata },
});
const lastModified = { anyOf: [{ type: "integer", minimum: 0 }, { type: "string", minLength: 1 }] };

const DEFINITIONS = {
  /** Without a value, the caller's default counts. */
  evaluationSuccess: {
    type: "object",
    required: ["key"],
    not: { required: ["errorCode"] },
    properties: {
      key: { type: "string" },
      value: { type: ["boolean", "string", "number", "object"] },
      reason: { type: "string", minLength: 1 },
      variant: { type: "string" },
      metadata,
    },
  },
  evaluationFailure: failure(["PARSE_ERROR", "TARGETING_KEY_MISSING", "INVALID_CONTEXT", "GENERAL"]),
  flagNotFound: failure(["FLAG_NOT_FOUND"]),
  bulkEvaluationSuccess: {
    type: "object",
    required: ["flags"],
    properties: {
      flags: {
        type: "array",
        items: { anyOf: ["evaluationSuccess", "evaluationFailure", "flagNotFound"].map((name) => ({ $ref: `#/$defs/${name}` })) },
      },
      metadata,
      eventStreams: { type: "array", items: { $ref: "#/$defs/eventStream" } },
    },
  },
  bulkEvaluationFailure: {
    type: "object",
    required: ["errorCode"],
    properties: { errorCode: { type: "string", minLength: 1 }, errorDetails: details },
  },
  generalErrorResponse: { type: "object", properties: { errorDetails: details } },
  eventStream: {
    type: "object",
    required: ["type"],
    oneOf: [{ required: ["url"] }, { required: ["endpoint"] }],
    properties: {
      type: { type: "string", minLength: 1 },
      url: { type: "string", pattern: "^https?://" },
      endpoint: {
        type: "object",
        required: ["requestUri"],
        properties: { origin: { type: "string", pattern: "^https?://" }, requestUri: { type: "string", pattern: "^/" } },
      },
      inactivityDelaySec: { type: "integer", minimum: 1 },
    },
  },
  sseEventData: {
    type: "object",
    required: ["type"],
    properties: { type: { type: "string", minLength: 1 }, etag: { type: "string" }, lastModified },
  },
};

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true, strictRequired: false });
ajv.addSchema({ $id: "ofrep", $defs: DEFINITIONS });

/** What is wrong with `json` as a `name` of the document, in one sentence; `undefined` where nothing is. */
export function fault(name, json) {
  const validate = ajv.getSchema(`ofrep#/$defs/${name}`);
  return validate(json) ? undefined : `no ${name}: ${ajv.errorsText(validate.errors, { dataVar: "body" })}`;
}
