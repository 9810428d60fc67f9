// What the page of chromium.mjs runs.

import * as configcatBrowser from "@configcat/sdk/browser";
import { configcat } from "./engines/configcat.mjs";
import { eppo } from "./engines/eppo.mjs";
import { flagd } from "./engines/flagd.mjs";
import { floor, map } from "./engines/floor.mjs";
import { growthbook } from "./engines/growthbook.mjs";
import { vexil } from "./engines/vexil.mjs";
import { measure } from "./workloads.mjs";

/** @param {(line: object) => void} report */
globalThis.run = async (report, options) => {
  if (!crossOriginIsolated) throw new Error("the page is not isolated: its clock is coarse");
  const bytes = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
  const engines = [await vexil(await bytes("/engine.wasm")), map, floor, flagd, configcat(configcatBrowser), growthbook, eppo];
  const set = async (name) => {
    const text = async (file) => (await fetch(`/sets/${name}/${file}`)).text();
    const files = { "vexil.program": await bytes(`/sets/${name}/vexil.program`) };
    for (const { language } of engines) files[language] ??= await text(language);
    return { ...JSON.parse(await text("set.json")), files };
  };
  await measure(engines, set, report, options);
};
