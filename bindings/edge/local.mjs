#!/usr/bin/env node
/** The worker on this machine: workerd, with storage on disk or in memory. */

import { existsSync, fstatSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { argv, env, exit, stdin, stdout, stderr } from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

import { Miniflare } from "miniflare";

const here = dirname(fileURLToPath(import.meta.url));
/** As in wrangler.toml. */
const COMPATIBILITY_DATE = "2026-07-01";
/** The bindings that configure the worker; wrangler.toml says what each is. */
const BINDINGS = [
  "VEXIL_ADMIN_TOKEN",
  "VEXIL_OPERATE_TOKEN",
  "VEXIL_SERVER_KEY",
  "VEXIL_BROWSER_KEY",
  "VEXIL_ENVIRONMENTS",
  "VEXIL_BASE_PATH",
  "VEXIL_ALLOWED_ORIGINS",
  "VEXIL_HUB_SHARDS",
  "VEXIL_HUB_LISTENERS",
  "VEXIL_ADDRESS_STREAMS",
  "VEXIL_KEPT_VERSIONS",
  "VEXIL_COUNTER_SHARDS",
  "VEXIL_MAX_AGE_S",
  "VEXIL_SIGNING_KEY",
  "VEXIL_CONTEXT_KEYS",
  "VEXIL_ADDRESS_LIMIT",
  "VEXIL_KEY_LIMIT",
  "VEXIL_EVENTS_ADDRESS_LIMIT",
  "VEXIL_EVENTS_KEY_LIMIT",
  "VEXIL_REFUSED_LIMIT",
];

/** Keys for tests, who ask as often as they like. Nobody keeps a secret with them. */
export const testSecrets = {
  VEXIL_ADMIN_TOKEN: "test-admin",
  VEXIL_OPERATE_TOKEN: "test-operate",
  VEXIL_SERVER_KEY: "test-server",
  VEXIL_BROWSER_KEY: "test-browser",
  VEXIL_ADDRESS_LIMIT: "off",
  VEXIL_KEY_LIMIT: "off",
  VEXIL_EVENTS_ADDRESS_LIMIT: "off",
  VEXIL_EVENTS_KEY_LIMIT: "off",
  VEXIL_REFUSED_LIMIT: "off",
};

/**
 * Starts the worker on 127.0.0.1.
 *
 * @param {object} options
 * @param {number} [options.port] a free one by default
 * @param {string} [options.state] the folder that keeps its storage; in memory by default
 * @param {Record<string, string>} options.secrets keys and settings, by the names of their bindings
 * @param {string} [options.assets] the folder of the built page
 * @param {string} [options.script] the folder of the built worker
 * @param {Partial<import("miniflare").MiniflareOptions>} [options.more] what else its runtime is told
 * @returns {Promise<{ url: string, runtime: Miniflare, dispose: () => Promise<void> }>}
 */
export async function startLocal({ port = 0, state, secrets, assets, script = join(here, "dist"), more = {} }) {
  const runtime = new Miniflare({
    host: "127.0.0.1",
    port,
    cf: false,
    telemetry: { enabled: false },
    // One process gains nothing by telling several. What a client says of itself to the runtime is no fact.
    ...workerOptions({ secrets: { VEXIL_HUB_SHARDS: "1", VEXIL_COUNTER_SHARDS: "1", VEXIL_REQUEST_CF: more.cf ? "on" : "off", ...secrets }, script }),
    ...(state && { defaultPersistRoot: resolve(state) }),
    ...(assets && { assets: pageAssets(resolve(assets)) }),
    ...more,
  });
  const url = await runtime.ready;
  return { url: url.origin, runtime, dispose: () => runtime.dispose() };
}

/**
 * What Miniflare is told of the worker: its modules and its bindings.
 *
 * @param {object} options as of `startLocal`
 */
export function workerOptions({ secrets, script = join(here, "dist") }) {
  return {
    name: "vexil",
    compatibilityDate: COMPATIBILITY_DATE,
    modulesRoot: resolve(script),
    modules: [
      { type: "ESModule", path: resolve(script, "worker.mjs") },
      { type: "CompiledWasm", path: resolve(script, "worker.wasm") },
    ],
    bindings: secrets,
    kvNamespaces: ["PROGRAMS"],
    durableObjects: {
      ENVIRONMENT: { className: "Environment", useSQLite: true },
      HUB: { className: "Hub", useSQLite: true },
      COUNTERS: { className: "Counters", useSQLite: true },
    },
  };
}

/** The worker sees every request first: it adds the security headers. */
function pageAssets(directory) {
  return {
    directory,
    binding: "ASSETS",
    workerName: "vexil",
    routerConfig: { has_user_worker: true, invoke_user_worker_ahead_of_assets: true },
  };
}

/** Whether the worker can listen at `port`. The runtime says so too, after pages of its own addresses. */
function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", ({ code }) => resolve(code !== "EADDRINUSE"));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

async function main() {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "8787" },
      state: { type: "string", default: ".vexil/state" },
      assets: { type: "string" },
      script: { type: "string" },
    },
  });
  const folders = [["edge", values.script ?? join(here, "dist")], ["www", values.assets]];
  for (const [area, folder] of folders) {
    if (folder !== undefined && !existsSync(folder)) {
      stderr.write(`no folder ${folder}: \`cargo xtask build ${area}\` makes it\n`);
      exit(1);
    }
  }
  if (!env.VEXIL_ADMIN_TOKEN) {
    stderr.write("VEXIL_ADMIN_TOKEN is not set: nobody can publish, nor issue keys (deploy/README.md)\n");
  }
  const secrets = Object.fromEntries(BINDINGS.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
  const port = Number(values.port);
  if (!(await isFree(port))) {
    stderr.write(`port ${port} is in use: give another with --port\n`);
    exit(1);
  }
  const local = await startLocal({ ...values, port, secrets });
  stdout.write(`listening ${local.url}\n`);

  let isStopping = false;
  const stop = async () => {
    if (!isStopping) {
      isStopping = true;
      await local.dispose();
      exit(0);
    }
  };
  for (const signal of ["SIGINT", "SIGTERM"]) {
    // Miniflare's own listener would end the process before the storage is closed.
    process.removeAllListeners(signal).on(signal, stop);
  }
  // Whoever started this and has gone, however it went, left a closed pipe behind. A service manager gives no pipe.
  const input = fstatSync(stdin.fd);
  if (input.isFIFO() || input.isSocket()) {
    stdin.once("end", stop).once("close", stop).resume();
  }
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(resolve(argv[1])).href) {
  await main();
}
