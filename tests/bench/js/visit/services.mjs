// The services that the apps ask, all on this machine: Vexil's worker, and of each peer's service what it would answer.

import { once } from "node:events";
import { createServer, request } from "node:http";
import { setTimeout } from "node:timers/promises";
import { constants, brotliCompressSync, createBrotliCompress } from "node:zlib";
import { _DJB2 } from "@statsig/client-core";

import { startLocal, testSecrets } from "../../../../bindings/edge/local.mjs";
import { fetchSnapshot } from "../../../../bindings/browser/dist/server.js";

const ADMIN = testSecrets.VEXIL_ADMIN_TOKEN;
export const KEY = testSecrets.VEXIL_BROWSER_KEY;
/** As the worker allows it. */
const PREFLIGHT = { "access-control-allow-methods": "GET, POST, OPTIONS", "access-control-max-age": "7200" };
/** What a network in front of a worker compresses. Programs are none of it, nor are event streams. */
const COMPRESSED = /^(application\/json|application\/javascript|text\/(html|plain|css|javascript))\b/;
/** What services that make their answers for each request can afford. */
const FAST = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

export const compressed = (text) => brotliCompressSync(text, FAST);

/**
 * Starts them with each of `sets`, which are rulesets, contexts and answers by name.
 *
 * The address of a service is `url/SET/SERVICE`. While `state.isSilent` nobody answers; preflights wait for `state.preflightMs`.
 */
export async function startServices(sets) {
  const state = { isSilent: false, preflightMs: 0 };
  const edges = {};
  const answers = {};
  for (const [name, set] of Object.entries(sets)) {
    const base = `/${name}/edge`;
    edges[name] = await startEdge(set.ruleset, base);
    const bootstrap = await fetchSnapshot({ url: edges[name].origin + base, key: KEY, context: set.context });
    answers[name] = { ...peers(set), edge: { bootstrap } };
  }
  const server = createServer(async (asked, response) => {
    if (state.isSilent) return;
    if (asked.method === "OPTIONS" && state.preflightMs > 0) await setTimeout(state.preflightMs);
    const [, set, service, ...path] = asked.url.split("/");
    const answer = answers[set]?.[service];
    if (!answer) response.writeHead(404).end();
    else if (service === "edge") passOn(edges[set].origin, asked, response);
    else say(answer, path.join("/"), asked, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    state,
    bootstrap: (set, service) => answers[set][service]?.bootstrap,
    async close() {
      server.closeAllConnections();
      server.close();
      for (const { dispose } of Object.values(edges)) await dispose();
    },
  };
}

async function startEdge(ruleset, base) {
  const more = { unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] };
  const { runtime, dispose } = await startLocal({ secrets: { ...testSecrets, VEXIL_ALLOWED_ORIGINS: "*", VEXIL_BASE_PATH: base }, more });
  const { origin } = await runtime.unsafeGetDirectURL("vexil");
  const headers = { authorization: `Bearer ${ADMIN}`, "if-match": "*" };
  const published = await fetch(`${origin}${base}/admin/v1/ruleset`, { method: "PUT", headers, body: JSON.stringify(ruleset) });
  if (!published.ok) throw new Error(`publishing is answered with ${published.status}: ${await published.text()}`);
  return { origin, dispose };
}

/** To the worker, whose answers are compressed as the network in front of it would. */
function passOn(edge, asked, response) {
  const onward = request(edge + asked.url, { method: asked.method, headers: asked.headers }, (answer) => {
    const isCompressed = answer.statusCode === 200 && COMPRESSED.test(answer.headers["content-type"] ?? "");
    const { "content-length": length, ...kept } = answer.headers;
    response.writeHead(answer.statusCode, isCompressed ? { ...kept, "content-encoding": "br" } : answer.headers);
    if (isCompressed) answer.pipe(createBrotliCompress(FAST)).pipe(response);
    else answer.pipe(response);
  });
  onward.on("error", () => response.destroy());
  response.on("close", () => onward.destroy());
  asked.pipe(onward);
}

/** What is asked for is answered at once, and what the page has to tell is taken. */
function say({ paths, body }, path, asked, response) {
  asked.resume();
  const isAnswer = asked.method !== "OPTIONS" && paths.test(path);
  response.writeHead(200, {
    "access-control-allow-origin": "*",
    ...(asked.method === "OPTIONS" && { ...PREFLIGHT, "access-control-allow-headers": asked.headers["access-control-request-headers"] ?? "" }),
    "content-type": "application/json",
    ...(isAnswer && { "content-encoding": "br" }),
  });
  response.end(isAnswer ? body : path.includes("goals") ? "[]" : "{}");
}

/** Answers for one context: `values` by key. */
function peers({ values, context, growthbook }) {
  const flags = Object.entries(values);
  const of = (paths, answer, bootstrap) => ({ paths, body: compressed(JSON.stringify(answer)), bootstrap });
  const from = (entry) => Object.fromEntries(flags.map(entry));

  const evaluations = from(([key, value]) => [key, { version: 11, flagVersion: 7, value, variation: value === true ? 0 : 1, trackEvents: false }]);
  const state = from(([key, value]) => [key, { version: 7, variation: value === true ? 0 : 1 }]);

  // Its service leaves out what is off.
  const on = flags.filter(([, value]) => value !== false);
  const toggles = on.map(([name, value]) => {
    const isText = typeof value === "string";
    const variant = isText ? { name: value, payload: { type: "string", value }, enabled: true, feature_enabled: true } : { name: "disabled", enabled: false, feature_enabled: true };
    return { name, enabled: true, variant, impressionData: false };
  });

  const gate = (name, value) => ({ name, value, rule_id: "default", secondary_exposures: [] });
  const gates = flags.map(([key, value]) => [_DJB2(key), gate(_DJB2(key), value === true)]);
  const { targetingKey, country, email, ...custom } = context;
  const initialization = { feature_gates: Object.fromEntries(gates), dynamic_configs: {}, layer_configs: {}, has_updates: true, time: 1_790_000_000_000, hash_used: "djb2", user: { userID: targetingKey, country, email, custom } };

  const states = flags.map(([name, value], index) => ({ feature: { id: index, name, type: "STANDARD" }, enabled: value !== false, feature_state_value: typeof value === "string" ? value : null }));
  const held = from(([name, value], index) => [name, { id: index, enabled: value !== false, value: typeof value === "string" ? value : null }]);

  return {
    map: of(/^$/, values, JSON.stringify(values)),
    launchdarkly: of(/^sdk\/evalx\//, evaluations, { ...values, $flagsState: state, $valid: true }),
    unleash: of(/^frontend(\?|$)/, { toggles }, toggles),
    growthbook: of(/^api\/features\//, { status: 200, ...growthbook, dateUpdated: "2026-11-01T00:00:00.000Z" }, growthbook),
    statsig: of(/^initialize/, initialization, JSON.stringify(initialization)),
    flagsmith: of(/^(identities|flags)\//, { identifier: targetingKey, flags: states, traits: [] }, { api: "", flags: held }),
  };
}
