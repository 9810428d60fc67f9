// The provider for servers in workerd, bundled as a worker is: one that lives as long as the request that set it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { testSecrets } from "../../edge/local.mjs";
import { edge, on, setStage } from "./stage.mjs";

const ruleset = {
  flags: { hidden: { ...on, expose: "server", rules: [{ when: { attr: "country", in: ["DE", "AT", "CH"] }, serve: "on" }], default: "off" } },
};

const WORKER = `
  import { OpenFeature } from "@openfeature/server-sdk";
  import { fetchSnapshot, VexilServerProvider } from "vexil/server";

  export default {
    async fetch(request) {
      const { url, key, browserKey } = await request.json();
      await OpenFeature.setProviderAndWait(new VexilServerProvider({ url, key }));
      const client = OpenFeature.getClient();
      const ask = (country) => client.getBooleanValue("hidden", false, { country });
      const answers = await Promise.all(["DE", "FR", "AT"].map(ask));
      await OpenFeature.clearProviders();
      const { flags } = await fetchSnapshot({ url, key: browserKey });
      return Response.json({ answers, flags });
    },
  };`;

setStage(ruleset);

test("a worker evaluates its own contexts, request after request", async (t) => {
  const bundled = await build({
    stdin: { contents: WORKER, resolveDir: import.meta.dirname },
    bundle: true,
    format: "esm",
    target: "es2022",
    conditions: ["workerd"],
    alias: { events: "node:events", async_hooks: "node:async_hooks" },
    external: ["*.wasm", "node:*"],
    write: false,
    logLevel: "error",
  });
  const engine = await readFile(new URL("../dist/engine.wasm", import.meta.url));
  const runtime = new Miniflare({
    host: "127.0.0.1",
    cf: false,
    telemetry: { enabled: false },
    compatibilityDate: "2026-07-01",
    compatibilityFlags: ["nodejs_compat"],
    modulesRoot: "/",
    // The bundle finds the engine where the module did that imports it.
    modules: [{ type: "ESModule", path: "/entry/worker.mjs", contents: bundled.outputFiles[0].text }, { type: "CompiledWasm", path: "/engine.wasm", contents: engine }],
  });
  t.after(() => runtime.dispose());
  const url = await runtime.ready;
  for (let request = 0; request < 3; request += 1) {
    const response = await fetch(url, { method: "POST", body: JSON.stringify({ url: edge.url, key: testSecrets.VEXIL_SERVER_KEY, browserKey: edge.key }) });
    const text = await response.text();
    assert.equal(response.status, 200, text);
    assert.deepEqual(JSON.parse(text), { answers: [true, false, true], flags: {} });
  }
});
