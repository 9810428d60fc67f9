// node js/node.mjs SETS WASM ROUNDS [WORKLOAD…]: a line of JSON for each engine and workload.

import { readFile } from "node:fs/promises";
import path from "node:path";
import * as configcatNode from "@configcat/sdk/node";
import { configcat } from "./engines/configcat.mjs";
import { eppo } from "./engines/eppo.mjs";
import { flagd } from "./engines/flagd.mjs";
import { flipt } from "./engines/flipt.mjs";
import { floor, map } from "./engines/floor.mjs";
import { growthbook } from "./engines/growthbook.mjs";
import { launchdarkly } from "./engines/launchdarkly.mjs";
import { unleash } from "./engines/unleash.mjs";
import { vexil } from "./engines/vexil.mjs";
import { measure } from "./workloads.mjs";

const [sets, wasm, rounds, ...workloads] = process.argv.slice(2);

const engines = [await vexil(await readFile(wasm)), map, floor, flagd, configcat(configcatNode), growthbook, eppo, launchdarkly, unleash, flipt];

async function set(name) {
  const read = (file) => readFile(path.join(sets, name, file), "utf8");
  const files = { "vexil.program": new Uint8Array(await readFile(path.join(sets, name, "vexil.program"))) };
  for (const { language } of engines) files[language] ??= await read(language);
  return { ...JSON.parse(await read("set.json")), files };
}

await measure(engines, set, (line) => console.log(JSON.stringify({ runtime: "node", ...line })), { workloads, rounds: Number(rounds), isFastest: "VEXIL_BENCH_FASTEST" in process.env });
process.exit();
