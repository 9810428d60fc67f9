// What the tests of one file play on: an edge, a relay before it, and clients that end with their test.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach } from "node:test";
import { createClient } from "vexil";
import { startEdge, startRelay } from "./support.mjs";

/** The parts of a flag that are mostly the same. */
export const on = { type: "boolean", variants: { on: true, off: false }, offVariant: "off", expose: "program" };

export let edge;
export let relay;
const clients = [];

/** Each test begins with `ruleset` published. */
export function setStage(ruleset) {
  before(async () => {
    edge = await startEdge();
  });
  beforeEach(async () => {
    await edge.publish(ruleset);
    relay = await startRelay(edge.url);
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await relay.close();
  });
  after(() => edge.close());
}

export function start(options) {
  const client = createClient({ url: relay.url, key: edge.key, engine: "eager", events: false, context: { targetingKey: "user-1", country: "DE" }, ...options });
  clients.push(client);
  return client;
}

export async function started(options) {
  const client = start(options);
  assert.deepEqual(await client.ready(), { state: "ready", source: "local" });
  return client;
}

/** The requests for programs. */
export const programs = () => relay.requests.filter(({ path }) => path === "/v1/program");
