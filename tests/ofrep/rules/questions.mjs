/** Bodies that ask nothing, or ask strangely. */

import { expect, expectAnswer } from "../server.mjs";

const CODES = ["PARSE_ERROR", "INVALID_CONTEXT"];

/** Both calls refuse `body`, each with the failure that the OpenAPI document gives it. */
const refused = (name, body, codes = CODES) => ({
  name: `400 for ${name}`,
  run: async ({ server, fixture }) => {
    for (const [answer, schema] of [
      [await server.single(fixture.cases[0].key, body), "evaluationFailure"],
      [await server.bulk(body), "bulkEvaluationFailure"],
    ]) {
      expectAnswer(answer, [400], schema);
      const { errorCode } = answer.json;
      expect(codes.includes(errorCode), `${answer.asked}: errorCode ${errorCode}, expected ${codes.join(" or ")}`);
    }
  },
});

/** Both calls answer `body` or refuse it, and either way as the document says. */
const decided = (name, body, { statuses = [400], headers } = {}) => ({
  name: `an answer or a refusal for ${name}`,
  run: async ({ server, fixture }) => {
    for (const [answer, success, failure] of [
      [await server.single(fixture.cases[0].key, body, { headers }), "evaluationSuccess", "evaluationFailure"],
      [await server.bulk(body, { headers }), "bulkEvaluationSuccess", "bulkEvaluationFailure"],
    ]) {
      // Only 400 has a body that the document describes.
      const schema = { 200: success, 400: failure }[answer.status];
      expectAnswer(answer, [200, ...statuses], schema);
    }
  },
});

const utf8 = (text) => new TextEncoder().encode(text);
const DEEP = 50_000;

export const questions = () => [
  refused("malformed JSON", '{"context":'),
  refused("text after the JSON", '{"context":{}} x'),
  refused("bytes that are not UTF-8", new Uint8Array([...utf8('{"context":{"a":"'), 0xff, 0xfe, ...utf8('"}}')])),
  refused("a body that is a list", []),
  refused("a body that is null", "null"),
  refused("a body that is a number", "7"),
  refused("a context that is a list", { context: [] }),
  refused("a context that is a text", { context: "user" }),
  refused("a context that is a number", { context: 7 }),
  refused("a context that is a boolean", { context: true }),
  decided("no body", undefined),
  decided("an empty body", ""),
  decided("a body without context", {}),
  decided("a context that is null", { context: null }),
  decided("a context without targetingKey", { context: {} }),
  decided("a targetingKey that is no text", { context: { targetingKey: 7 } }),
  decided("nested and null attributes", { context: { targetingKey: "u", a: { b: [null, { c: [1, "x"] }] }, d: null } }),
  decided("a lone surrogate", '{"context":{"targetingKey":"u","a":"\\ud800"}}'),
  decided("a number beyond all doubles", '{"context":{"targetingKey":"u","a":1e999}}'),
  decided("__proto__ as an attribute", '{"context":{"targetingKey":"u","__proto__":{"polluted":true}}}'),
  decided("unknown members", { context: { targetingKey: "u" }, other: 1 }),
  decided("another content type", '{"context":{"targetingKey":"u"}}', { statuses: [400, 415], headers: { "content-type": "text/plain" } }),
  decided("deep nesting", `{"context":{"a":${"[".repeat(DEEP)}${"]".repeat(DEEP)}}}`, { statuses: [400, 413] }),
  decided("a body of 256 KiB", { context: { targetingKey: "u", a: "x".repeat(256 << 10) } }, { statuses: [400, 413] }),
  {
    name: "a charset beside the content type changes nothing",
    run: async ({ server, fixture }) => {
      const headers = { "content-type": "application/json; charset=utf-8" };
      const [{ key, context }] = fixture.cases;
      expectAnswer(await server.single(key, { context }, { headers }), [200], "evaluationSuccess");
      await server.all(context, { headers });
    },
  },
];
