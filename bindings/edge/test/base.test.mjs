import assert from "node:assert/strict";
import { before, test } from "node:test";

import { testSecrets } from "../local.mjs";
import { CALLS } from "./calls.mjs";
import { ADMIN, BROWSER, PAGE, RULESET, startEdge } from "./support.mjs";

const BASE = "/team/flags";

let edge;
before(async () => {
  edge = await startEdge({ secrets: { ...testSecrets, VEXIL_BASE_PATH: `${BASE}/`, VEXIL_ALLOWED_ORIGINS: PAGE } });
  const headers = { "if-match": "*" };
  const published = await edge.call("PUT", `${BASE}/admin/v1/ruleset`, { key: ADMIN, headers, body: RULESET });
  assert.deepEqual([published.status, published.json.version], [200, 1]);
});

test("every call is below the base path, and none elsewhere", async () => {
  for (const { method, path } of CALLS) {
    const [below, elsewhere, beside] = await Promise.all(
      [`${BASE}${path}`, path, `${BASE}x${path}`].map((path) => edge.call("OPTIONS", path)),
    );
    assert.equal(below.status, 204, path);
    assert.ok(below.headers.get("allow").split(", ").includes(method), path);
    assert.deepEqual([elsewhere.status, beside.status], [404, 404], path);
  }
});

test("pages, servers and operations are answered there", async () => {
  const context = { country: "DE" };
  const values = await edge.call("POST", `${BASE}/v1/values`, { headers: { origin: PAGE }, body: { key: BROWSER, context } });
  assert.deepEqual([values.status, values.json.flags.checkout.value], [200, true]);
  assert.equal(values.headers.get("access-control-allow-origin"), PAGE);
  for (const elsewhere of ["/v1/values", `${BASE}x/v1/values`]) {
    assert.equal((await edge.call("POST", elsewhere, { body: { key: BROWSER, context } })).status, 404, elsewhere);
  }
  const killed = await edge.call("POST", `${BASE}/admin/v1/flags/checkout/kill`, { key: ADMIN });
  assert.equal(killed.json.version, 2);
  const bulk = await edge.call("POST", `${BASE}/ofrep/v1/evaluate/flags`, { key: BROWSER, body: { context } });
  const { requestUri } = bulk.json.eventStreams[0].endpoint;
  assert.ok(requestUri.startsWith(`${BASE}/v1/stream?`), requestUri);
  const stream = await edge.call("HEAD", requestUri);
  assert.deepEqual([stream.status, stream.type], [200, "text/event-stream"]);
  const broken = await edge.call("POST", `${BASE}/ofrep/v1/evaluate/flags`, { key: BROWSER, body: "{" });
  assert.equal(broken.json.errorCode, "PARSE_ERROR");
});
