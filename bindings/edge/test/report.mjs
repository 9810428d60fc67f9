import assert from "node:assert/strict";

import { BROWSER, RULESET, startEdge } from "./support.mjs";

let made = 0;
export const id = () => `batch-${(made += 1)}`;
export const exposed = (flag, variant, more = {}) => ({ flag, variant, version: 1, at: Date.now(), ...more });
export const measured = (metric, more = {}) => ({ metric, at: Date.now(), ...more });
export const batch = (events, more = {}) => ({ batch: id(), sent: Date.now(), events, ...more });

/** Sends a batch as a page does. */
export const report = (edge, body) => edge.call("POST", "/v1/events", { headers: { "content-type": "text/plain" }, body: { key: BROWSER, ...body } });

/** What came of it all, without the instants. */
export async function counts(edge) {
  const answer = await edge.admin("GET", "events");
  assert.equal(answer.status, 200, answer.text);
  const { exposures, metrics, ...others } = answer.json;
  const timeless = ({ last, ...rest }) => rest;
  return { exposures: exposures.map(timeless), metrics: metrics.map(timeless), ...others };
}

/** A worker of its own, with a ruleset. */
export async function begin(options) {
  const edge = await startEdge(options);
  assert.equal((await edge.publish(RULESET)).status, 200);
  return edge;
}
