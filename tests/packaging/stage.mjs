// What the rows share: the tarball, folders that it is installed into, an edge, servers of files and a browser.

import { execFile, spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { startLocal, testSecrets } from "../../bindings/edge/local.mjs";

export const ROOT = join(import.meta.dirname, "../..");
const APPS = join(import.meta.dirname, "apps");
/** Under the tools, so that a program finds them as it would in a workspace; what it finds of Vexil it has itself. */
const FRESH = join(import.meta.dirname, "dist");
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
/** How long a program may take, and how long a server or a page may take to be there. */
const LONGEST_MS = 300_000;
const READY_MS = 30_000;

/** `checkout` is evaluated where the program is, `greeting` at the edge. */
const RULESET = {
  flags: {
    checkout: {
      type: "boolean",
      variants: { on: true, off: false },
      offVariant: "off",
      expose: "program",
      rules: [{ name: "dach", when: { attr: "country", in: ["DE", "AT", "CH"] }, serve: "on" }],
      default: "off",
    },
    greeting: {
      type: "string",
      variants: { german: "Servus", french: "Salut" },
      offVariant: "german",
      expose: "values",
      rules: [{ name: "france", when: { attr: "country", in: ["FR"] }, serve: "french" }],
      default: "german",
    },
  },
};

/** Packs the package. What else there is starts when a row first asks for it; `close` ends all of it. */
export async function openStage() {
  await mkdir(FRESH, { recursive: true });
  const folder = await mkdtemp(join(FRESH, "run-"));
  const closing = [() => rm(folder, { recursive: true, force: true })];
  const closed = (what, close) => (closing.push(close), what);
  const [packed] = JSON.parse(await run("npm", ["pack", "--json", "--pack-destination", folder], join(ROOT, "bindings/browser")));
  const tarball = join(folder, packed.filename);

  const edge = once(async () => {
    const local = await startLocal({ secrets: { ...testSecrets, VEXIL_ALLOWED_ORIGINS: "*" } });
    closing.push(local.dispose);
    const published = await fetch(`${local.url}/admin/v1/ruleset`, {
      method: "PUT",
      headers: { authorization: `Bearer ${testSecrets.VEXIL_ADMIN_TOKEN}`, "if-match": '"0"' },
      body: JSON.stringify(RULESET),
    });
    if (!published.ok) throw new Error(`publishing answered ${published.status}: ${await published.text()}`);
    return local.url;
  });
  const browser = once(async () => {
    const launched = await chromium.launch({ executablePath: process.env.VEXIL_CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
    return closed(launched, () => launched.close());
  });

  return {
    /** What `npm pack` says of it. */
    packed,
    tarball,
    edge,
    /** A folder called `name` with the files of `apps`, one over the other, and the tarball installed. */
    async install(name, ...apps) {
      const app = join(folder, name);
      for (const from of apps) await cp(join(APPS, from), app, { recursive: true });
      await run("npm", ["install", "--prefix", app, "--offline", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", tarball], app);
      return app;
    },
    /** Serves the files of a folder; answers with the address. */
    async serve(site, headers = {}) {
      const server = createServer((request, response) => answer(site, headers, request, response));
      await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
      closing.push(() => (server.closeAllConnections(), new Promise((ended) => server.close(ended))));
      return `http://127.0.0.1:${server.address().port}/`;
    },
    /** Starts a server of somebody else's; answers with the address that it prints. */
    async start(program, options, cwd, env = {}) {
      const child = spawn(tool(program), options, { cwd, env: environment(env), stdio: ["ignore", "pipe", "pipe"] });
      closing.push(() => ended(child));
      return printedAddress(child, program);
    },
    /** A page of its own, with nothing stored. */
    async page() {
      const context = await (await browser()).newContext();
      context.setDefaultTimeout(READY_MS);
      return closed(await context.newPage(), () => context.close());
    },
    /** The latest first: what is used ends after what uses it. */
    async close() {
      for (const close of closing.reverse()) await close();
    },
  };
}

/** The program that an npm package brings. */
export function tool(name) {
  return join(import.meta.dirname, "node_modules/.bin", name);
}

/** What a program that ends well prints. */
export async function run(program, options, cwd, env = {}) {
  try {
    return (await promisify(execFile)(program, options, { cwd, env: environment(env), timeout: LONGEST_MS, maxBuffer: 2 ** 26 })).stdout;
  } catch (error) {
    const said = `${error.stdout ?? ""}${error.stderr ?? ""}`.trim() || error.message;
    throw new Error(`${program} ${options.join(" ")}: ${said.slice(-2000)}`, { cause: error.code });
  }
}

/** Nothing here tells anybody anything, or draws in colours. */
function environment(more) {
  return { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NO_COLOR: "1", FORCE_COLOR: "0", ...more };
}

/** The version of a package that is installed here, or for all of the repository. */
export async function version(name, folder = import.meta.dirname) {
  const text = await readFile(join(folder, "node_modules", name, "package.json"), "utf8").catch(() => undefined);
  return text === undefined ? version(name, ROOT) : JSON.parse(text).version;
}

function once(make) {
  let made;
  return () => (made ??= make());
}

async function answer(site, headers, { url }, response) {
  const { pathname } = new URL(url, "http://127.0.0.1");
  const file = join(site, pathname === "/" ? "index.html" : pathname);
  if (!(await stat(file).catch(() => undefined))?.isFile()) return response.writeHead(404).end();
  response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream", ...headers });
  createReadStream(file).pipe(response);
}

/** The address among what a server prints; fails when it ends or takes too long instead. */
function printedAddress(child, program) {
  return new Promise((resolve, reject) => {
    let printed = "";
    const timer = setTimeout(() => reject(new Error(`${program} is not ready after ${READY_MS} ms: ${printed}`)), READY_MS);
    const hear = (chunk) => {
      printed += chunk;
      const [address] = printed.match(/http:\/\/(?:127\.0\.0\.1|localhost):\d+\/?/) ?? [];
      if (address) {
        clearTimeout(timer);
        resolve(address);
      }
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${program} ended with ${code}: ${printed}`)));
  });
}

function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return undefined;
  return new Promise((gone) => {
    child.once("exit", gone);
    child.kill();
  });
}
