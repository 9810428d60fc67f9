// What is asked. A call makes a request for a context; `etag` is that of the answer to its first request.

import { KEY } from "./workers.mjs";

const bearer = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
const plain = { "content-type": "text/plain;charset=UTF-8" };
/** A flag with five rules. */
const SINGLE = "flag-0004";

const values = { path: "/v1/values", headers: plain };
const bulk = { path: "/ofrep/v1/evaluate/flags", headers: bearer };
const posted = (context, etag) => JSON.stringify({ key: KEY, context, etag });
const asked = (context) => JSON.stringify({ context });

/** `isFresh`: a new context each time; else always the same. */
export const CALLS = {
  "values hit": { request: (context) => ({ ...values, body: posted(context) }) },
  "values miss": { isFresh: true, request: (context) => ({ ...values, body: posted(context) }) },
  "values 304": { request: (context, etag) => ({ ...values, body: posted(context, etag), ...(etag && { status: 304 }) }) },
  "values get": {
    request: (context) => ({ method: "GET", path: `/v1/values?context=${Buffer.from(JSON.stringify(context)).toString("base64url")}`, headers: bearer }),
  },
  "ofrep single": { request: (context) => ({ path: `/ofrep/v1/evaluate/flags/${SINGLE}`, headers: bearer, body: asked(context) }) },
  "ofrep bulk": { request: (context) => ({ ...bulk, body: asked(context) }) },
  "ofrep bulk miss": { isFresh: true, hasPeers: true, request: (context) => ({ ...bulk, body: asked(context) }) },
  program: { request: (context) => ({ path: "/v1/program", headers: plain, body: posted(context) }) },
};
