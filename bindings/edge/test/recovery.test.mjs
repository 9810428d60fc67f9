import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { Recovery } from "../entry/recovery.mjs";
import { runWorker } from "./fixture.mjs";
import { BROWSER, PAGE, RULESET, startEdge } from "./support.mjs";

const entry = fileURLToPath(new URL("../entry", import.meta.url));

/** (module (func (export "trap") unreachable)) */
const TRAP = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 8, 1, 4, 116, 114, 97, 112, 0, 0, 10, 5, 1, 3, 0, 0, 11);

const { exports } = new WebAssembly.Instance(new WebAssembly.Module(TRAP));
const read = (path = "/v1/values") => new Request(`http://edge${path}`, { method: "POST", body: "{}" });
const ok = async (request) => new Response(await request.text());

function recovery() {
  let restarts = 0;
  return { recovery: new Recovery(() => (restarts += 1)), restarts: () => restarts };
}

test("what traps once is answered by the fresh instance, with its body", async () => {
  const { recovery: once, restarts } = recovery();
  const response = await once.answer(read(), (request) => (restarts() === 0 ? exports.trap() : ok(request)));
  assert.deepEqual([response.status, await response.text(), restarts(), once.generation], [200, "{}", 1, 1]);
});

test("what traps again, and a write that trapped, is unavailable", async () => {
  const { recovery: always, restarts } = recovery();
  const again = await always.answer(read(), () => exports.trap());
  assert.deepEqual([again.status, again.headers.get("retry-after"), restarts()], [503, "1", 2]);
  const write = await always.answer(read("/admin/v1/flags/a/kill"), () => exports.trap());
  assert.deepEqual([write.status, restarts()], [503, 3]);
  // What an isolate counted would be counted twice; and calls may lie below a path of the deployment's own.
  for (const [path, attempts] of [
    ["/counts", 1],
    ["/below/admin/v1/flags/a/kill", 1],
    ["/v1/values/more", 1],
    ["/below/v1/program", 2],
    ["/ofrep/v1/evaluate/flags", 2],
    ["/below/ofrep/v1/evaluate/flags/a%2Fb", 2],
  ]) {
    const before = restarts();
    await always.answer(read(path), () => exports.trap());
    assert.equal(restarts() - before, attempts, path);
  }
});

test("a trap ends every request under way, and each is answered again", async () => {
  const { recovery: shared, restarts } = recovery();
  const never = () => new Promise(() => {});
  const waiting = [1, 2, 3].map(() => shared.answer(read(), (request) => (restarts() === 0 ? never() : ok(request))));
  // As the runtime reports a trap in code that a promise resumed.
  assert.throws(exports.trap, (error) => shared.notice(error));
  for (const response of await Promise.all(waiting)) {
    assert.equal(response.status, 200);
  }
  assert.equal(restarts(), 1);
});

test("an error that is no trap passes through and restarts nothing", async () => {
  const { recovery: calm, restarts } = recovery();
  await assert.rejects(calm.answer(read(), () => Promise.reject(new TypeError("no"))), TypeError);
  assert.equal(calm.notice(new Error("other")), false);
  assert.equal(restarts(), 0);
});

test("workerd reports a trap in resumed code, and the request that waits for it is answered", async (t) => {
  const source = `
    import { Recovery } from "./recovery.mjs";
    import wasm from "./trap.wasm";
    let instances = 1;
    const recovery = new Recovery(() => (instances += 1));
    addEventListener("error", (event) => recovery.notice(event.error));
    const { exports } = new WebAssembly.Instance(wasm);
    const resumedTrap = () => new Promise(() => queueMicrotask(exports.trap));
    export default {
      fetch: (request) => recovery.answer(request, () => (instances === 1 ? resumedTrap() : new Response(String(instances)))),
    };`;
  const response = await fetch(await runWorker(t, source, { "trap.wasm": TRAP }));
  assert.deepEqual([response.status, await response.text()], [200, "2"]);
});

/**
 * Puts between the entry and its glue a `fetch` that fails as a trap does, after the request began: once, or always.
 * Where `x-trap` says `at-once` it is the answer without waiting that fails, once.
 */
const saboteur = {
  name: "saboteur",
  setup(build) {
    build.onResolve({ filter: /dist\/worker\.js$/ }, ({ namespace }) =>
      namespace === "saboteur" ? undefined : { path: "saboteur", namespace: "saboteur" },
    );
    build.onLoad({ filter: /./, namespace: "saboteur" }, () => ({
      resolveDir: entry,
      contents: `
        import * as glue from "../dist/worker.js";
        export * from "../dist/worker.js";
        let isSpent = false;
        export function answerAtOnce(request, ...rest) {
          const trap = request.headers.get("x-trap");
          if (trap === "at-once" && !isSpent) {
            isSpent = true;
            throw new WebAssembly.RuntimeError("unreachable");
          }
          return trap === null ? glue.answerAtOnce(request, ...rest) : undefined;
        }
        export function fetch(request, env, context) {
          const trap = request.headers.get("x-trap");
          if (trap === "always" || (trap === "once" && !isSpent)) {
            isSpent = true;
            queueMicrotask(() => { throw new WebAssembly.RuntimeError("unreachable"); });
          }
          return glue.fetch(request, env, context);
        }`,
    }));
  },
};

async function startSabotaged(t) {
  const script = mkdtempSync(join(tmpdir(), "vexil-saboteur-"));
  t.after(() => rmSync(script, { recursive: true, force: true }));
  const outfile = join(script, "worker.mjs");
  const external = ["./worker.wasm", "cloudflare:*"];
  const entryPoints = [join(entry, "worker.mjs")];
  await build({ entryPoints, bundle: true, format: "esm", external, outfile, plugins: [saboteur] });
  copyFileSync(join(entry, "../dist/worker.wasm"), join(script, "worker.wasm"));
  const edge = await startEdge({ script });
  await edge.publish(RULESET);
  return edge;
}

test("the whole worker goes on with a fresh instance, and so does its environment", async (t) => {
  const edge = await startSabotaged(t);
  const version = (await edge.kill("limit")).json.version;

  const bystanders = Array.from({ length: 20 }, () => edge.one("checkout", { country: "DE" }));
  const culprit = edge.all({}, BROWSER, { "x-trap": "once" });
  for (const answer of await Promise.all([...bystanders, culprit])) {
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("vexil-version"), String(version));
  }
  assert.equal((await edge.restore("limit")).json.version, version + 1);
  assert.equal((await edge.one("limit")).json.reason, "DEFAULT");
});

test("what traps while it is answered at once is answered by the fresh instance, with its body", async (t) => {
  const edge = await startSabotaged(t);
  const before = await edge.one("checkout", { country: "DE" });
  const bystanders = Array.from({ length: 20 }, () => edge.one("checkout", { country: "DE" }));
  const culprit = edge.call("POST", "/ofrep/v1/evaluate/flags/checkout", { key: BROWSER, headers: { "x-trap": "at-once" }, body: { context: { country: "DE" } } });
  for (const { status, json } of await Promise.all([...bystanders, culprit])) {
    assert.deepEqual([status, json], [200, before.json]);
  }
  assert.equal((await edge.kill("checkout")).status, 200);
});

test("a page may read that the worker failed, and when to ask again, where it may read anything", async (t) => {
  const edge = await startSabotaged(t);
  for (const [path, origin, allowed] of [
    ["/v1/values", PAGE, PAGE],
    ["/ofrep/v1/evaluate/flags", PAGE, PAGE],
    ["/v1/values", "https://evil.example", null],
    ["/admin/v1/flags/limit/kill", PAGE, null],
  ]) {
    const failed = await edge.call("POST", path, { key: BROWSER, headers: { "x-trap": "always", origin }, body: "{}" });
    assert.deepEqual([failed.status, failed.headers.get("retry-after")], [503, "1"], path);
    assert.equal(failed.headers.get("access-control-allow-origin"), allowed, `${path} ${origin}`);
    assert.equal(/Retry-After/.test(failed.headers.get("access-control-expose-headers")), allowed !== null);
  }
  assert.equal((await edge.one("checkout", { country: "DE" })).json.value, true);
});
