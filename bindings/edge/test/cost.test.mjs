import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { BROWSER, RULESET, startEdge } from "./support.mjs";

const entry = fileURLToPath(new URL("../entry", import.meta.url));

/** The worker as it is, and at `/cost` the rows that its counters have written since that was last asked. */
const SOURCE = `
  import worker, { Counters as RealCounters } from "./worker.mjs";
  export { Environment, Hub } from "./worker.mjs";
  let cursors = [];
  const with_ = (target, replaced) => new Proxy(target, {
    get(target, name) {
      const value = name in replaced ? replaced[name] : target[name];
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  export class Counters extends RealCounters {
    create(ctx, env) {
      const exec = (...statement) => {
        const cursor = ctx.storage.sql.exec(...statement);
        cursors.push(cursor);
        return cursor;
      };
      const storage = with_(ctx.storage, { sql: with_(ctx.storage.sql, { exec }) });
      return super.create(with_(ctx, { storage }), env);
    }
  }
  export default {
    fetch(request, env, context) {
      if (new URL(request.url).pathname !== "/cost") return worker.fetch(request, env, context);
      const rows = cursors.reduce((sum, { rowsWritten }) => sum + rowsWritten, 0);
      cursors = [];
      return Response.json({ rows });
    },
  };`;

async function startMetered(t) {
  const script = mkdtempSync(join(tmpdir(), "vexil-cost-"));
  t.after(() => rmSync(script, { recursive: true, force: true }));
  const external = ["./worker.wasm", "cloudflare:*"];
  const outfile = join(script, "worker.mjs");
  await build({ stdin: { contents: SOURCE, resolveDir: entry, loader: "js" }, bundle: true, format: "esm", external, outfile });
  copyFileSync(join(entry, "../dist/worker.wasm"), join(script, "worker.wasm"));
  const edge = await startEdge({ script });
  assert.equal((await edge.publish(RULESET)).status, 200);
  return edge;
}

/** Sends `count` batches of the same events; how many rows that wrote. */
async function cost(edge, name, count, events) {
  await edge.call("GET", "/cost");
  for (let number = 0; number < count; number += 1) {
    const body = { key: BROWSER, batch: `${name}-${number}`, sent: Date.now(), events };
    const answer = await edge.call("POST", "/v1/events", { body });
    assert.deepEqual(answer.json, { accepted: events.length });
  }
  return (await edge.call("GET", "/cost")).json.rows;
}

test("a batch writes a row for each sum that it changes, and two for its id, however many events it has", async (t) => {
  const edge = await startMetered(t);
  const sums = [
    ...["on", "off"].map((variant) => ({ flag: "checkout", variant, version: 1, at: Date.now() })),
    ...["a", "b", "c"].map((metric) => ({ metric, value: 1, at: Date.now() })),
  ];
  const events = (count) => Array.from({ length: count }, (_, number) => sums[number % sums.length]);
  // The first makes the tables.
  await cost(edge, "first", 1, events(5));
  assert.equal(await cost(edge, "one", 1, events(1000)), 5 + 2);
  assert.equal(await cost(edge, "hundred", 100, events(10)), 100 * (5 + 2));
});
