// The vectors in workerd. At the edge: rulesets published through the admin API, flags killed by it, answers asked for by
// OFREP. And by a worker that has the npm package.

import path from "node:path";
import { Miniflare } from "miniflare";
import { canonical } from "./canonical.mjs";
import { read } from "./client.mjs";

const root = path.resolve(import.meta.dirname, "../..");

/** One line for each case of each file, by a worker that loads the package. */
export async function answersOfPackage(files) {
  const dist = "bindings/browser/dist";
  const modules = ["client", "context", "edge", "events", "index", "local", "page", "remote", "slots", "store", "stream", "tables", "timer", "types", "values", "entry/workerd"].map((name) => `${dist}/${name}.js`);
  const worker = ["worker", "client", "canonical"].map((name) => `tests/bindings/${name}.mjs`);
  const runtime = new Miniflare({
    host: "127.0.0.1",
    cf: false,
    telemetry: { enabled: false },
    compatibilityDate: "2026-07-01",
    modulesRoot: root,
    modules: [
      ...[...worker, ...modules].map((name) => ({ type: "ESModule", path: path.join(root, name) })),
      { type: "CompiledWasm", path: path.join(root, dist, "engine.wasm") },
    ],
  });
  try {
    const response = await fetch(await runtime.ready, { method: "POST", body: JSON.stringify(files) });
    const text = await response.text();
    if (response.status !== 200) throw new Error(text);
    return JSON.parse(text);
  } finally {
    await runtime.dispose();
  }
}

/** One line for each case of each file that has a ruleset. */
export async function answers(edge, files) {
  const lines = [];
  for (const file of files.map(read).filter(({ ruleset }) => ruleset !== null)) {
    await edge.put(JSON.stringify(file.ruleset));
    for (const [name, progress] of Object.entries(file.started)) await edge.start(name, progress);
    for (const [number, item] of file.cases.entries()) {
      for (const key of item.killed) await edge.operate(key, "kill");
      lines.push(`${file.name}#${number} ${canonical(await edge.answer(item))}`);
      for (const key of item.killed) await edge.operate(key, "restore");
    }
    // The next ruleset does not have them.
    for (const name of Object.keys(file.started)) await edge.rollBack(name);
  }
  return lines;
}

/** What an operator and a server say to the edge at `url`. */
export function edgeAt(url, { VEXIL_ADMIN_TOKEN, VEXIL_SERVER_KEY }) {
  const send = (method, path, token, body, headers) =>
    fetch(new URL(path, url), { method, body, headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", ...headers } });

  async function expected(response, status) {
    const text = await response.text();
    if (response.status !== status) throw new Error(`${response.url}: ${response.status} ${text}`);
    return JSON.parse(text);
  }

  async function evaluate(path, context) {
    const response = await send("POST", path, VEXIL_SERVER_KEY, JSON.stringify({ context }));
    return { status: response.status, body: await response.json() };
  }

  return {
    /** Publishes a ruleset. */
    async put(ruleset) {
      return expected(await send("PUT", "/admin/v1/ruleset", VEXIL_ADMIN_TOKEN, ruleset, { "If-Match": "*" }), 200);
    },
    /** Publishes a ruleset that is refused, and gives the problem. */
    async refused(ruleset) {
      return expected(await send("PUT", "/admin/v1/ruleset", VEXIL_ADMIN_TOKEN, ruleset, { "If-Match": "*" }), 422);
    },
    /** Starts a release and moves it to a stage, where it exposes as much as the vector says. */
    async start(name, { stage, exposure }) {
      const move = async (action) => expected(await send("POST", `/admin/v1/releases/${encodeURIComponent(name)}/${action}`, VEXIL_ADMIN_TOKEN, "{}"), 200);
      let at = await move("start");
      while (at.stage !== stage) at = await move("advance");
      if (at.exposure !== exposure) throw new Error(`${name} exposes ${at.exposure} in ${stage}, not ${exposure}`);
    },
    /** Takes a release back. */
    async rollBack(name) {
      return expected(await send("POST", `/admin/v1/releases/${encodeURIComponent(name)}/rollback`, VEXIL_ADMIN_TOKEN, "{}"), 200);
    },
    async operate(key, action) {
      return expected(await send("POST", `/admin/v1/flags/${encodeURIComponent(key)}/${action}`, VEXIL_ADMIN_TOKEN, '{"reason":"a vector"}'), 200);
    },
    async answer({ flag, context }) {
      // A URL cannot end in a step of dots, so such a flag is asked for among all.
      const answer = /^\.\.?$/.test(flag) ? await one(flag, context) : await evaluate(`/ofrep/v1/evaluate/flags/${encodeURIComponent(flag)}`, context);
      return translated(flag, answer);
    },
  };

  async function one(flag, context) {
    const { status, body } = await evaluate("/ofrep/v1/evaluate/flags", context);
    return { status, body: body.flags?.find(({ key }) => key === flag) };
  }
}

/** An OFREP answer in the form that every runtime compares. */
function translated(flag, { status, body }) {
  if (status === 404) return { flag: body.key, errorCode: body.errorCode, reason: "ERROR" };
  if (status !== 200) throw new Error(`${flag}: ${status} ${JSON.stringify(body)}`);
  const { key, value, variant, reason, metadata = {} } = body;
  const { rule, stage, arm, missingUnit, prerequisiteFailed } = metadata;
  // OFREP's clients know OpenFeature's reasons alone.
  const own = prerequisiteFailed ? "PREREQUISITE_FAILED" : reason;
  return { flag: key, value, variant, reason: own, rule, stage, arm, missingUnit };
}
