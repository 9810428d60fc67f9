// node js/visit.mjs SETS ROUNDS [WORKLOAD…]: a line of JSON for each SDK and workload, of visits to pages in Chromium.

import { readFile } from "node:fs/promises";
import path from "node:path";

import { answers } from "./visit/answers.mjs";
import { bundles } from "./visit/bundles.mjs";
import { download, heaps, read } from "./visit/held.mjs";
import { startServices } from "./visit/services.mjs";
import { startSite } from "./visit/site.mjs";
import { startBrowser } from "./visit/visits.mjs";

/** `never` has what an SDK cannot begin with, or what is measured of it otherwise. */
const PEERS = [
  { name: "Map.get", app: "map" },
  { name: "launchdarkly-js-client-sdk", app: "launchdarkly" },
  { name: "unleash-proxy-client", app: "unleash" },
  { name: "@openfeature/ofrep-web-provider", app: "ofrep", never: ["bootstrap"] },
  { name: "@growthbook/growthbook", app: "growthbook" },
  { name: "@statsig/js-client", app: "statsig" },
  { name: "@flagsmith/flagsmith", app: "flagsmith" },
];
const VEXIL = { name: "vexil", app: "vexil" };
const EAGER = { name: "vexil, eager", app: "vexil", engine: "eager", never: ["bootstrap", "storage"] };
const REMOTE = { name: "vexil, no engine", app: "vexil", engine: "off" };
/** Whose answers the services have. */
const CONTEXT = 0;
/** How many samples of a read there are for each visit. */
const READS = 3;

const [sets, count, ...workloads] = process.argv.slice(2);
const rounds = Number(count);
const isWanted = (workload) => workloads.length === 0 || workloads.includes(workload);
const report = (line) => console.log(JSON.stringify({ runtime: "page", ...line }));

const text = async (file) => JSON.parse(await readFile(path.join(sets, "mix-1000", file), "utf8"));
const [ruleset, growthbook, { flags, contexts, answers: wants }] = await Promise.all(["vexil.json", "growthbook.json", "set.json"].map(text));
const context = contexts[CONTEXT];
const services = await startServices({ full: set(flags.length), bare: set(1) });
const site = await startSite(await bundles([VEXIL, ...PEERS].map(({ app }) => app)), services, context);
const browser = await startBrowser();
try {
  for (const subject of [VEXIL, ...PEERS]) {
    if (isWanted("download")) await download(browser, site, subject, report);
  }
  await answers(browser, site, services, [VEXIL, EAGER, ...PEERS], report, { rounds, isWanted });
  const asked = flags.map(({ key, isBoolean, isHashed }, index) => ({ key, isBoolean, want: isBoolean && !isHashed ? wants[CONTEXT][index] : undefined }));
  for (const subject of [VEXIL, REMOTE, ...PEERS]) {
    if (isWanted("read")) await read(browser, site, subject, asked, report, { rounds: READS * rounds, isFastest: "VEXIL_BENCH_FASTEST" in process.env });
  }
  if (isWanted("heap")) await heaps(browser, site, [VEXIL, REMOTE, ...PEERS], flags, report, { rounds: Math.ceil(rounds / 2) });
} finally {
  await browser.close();
  site.close();
  await services.close();
}

/** The first `count` flags, and what they come to. */
function set(count) {
  const keys = flags.slice(0, count).map(({ key }) => key);
  const only = (all) => Object.fromEntries(keys.map((key) => [key, all[key]]));
  return {
    ruleset: { ...ruleset, flags: only(ruleset.flags) },
    growthbook: { ...growthbook, features: only(growthbook.features) },
    values: Object.fromEntries(keys.map((key, index) => [key, wants[CONTEXT][index]])),
    context,
  };
}
