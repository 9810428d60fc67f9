// How long after the answer to a kill the last of many streams has been told.

import { Child } from "./child.mjs";
import { now, quantile } from "./numbers.mjs";
import { ask, OPERATE, publish, startVexil } from "./workers.mjs";

/** The first is not counted: it warms up. */
const WARM_UP = 1;

/**
 * @param {object} set flags, of which the first is killed
 * @param {(line: object) => void} report
 * @param {{ streams: number, kills: number }} options
 */
export async function kills({ ruleset, flags: [{ key }] }, report, { streams, kills }) {
  const vexil = await startVexil();
  await publish(vexil.url, ruleset);
  const listeners = new Child("listeners.mjs");
  await listeners.ask({ url: vexil.url, streams });
  const took = [];
  for (let turn = 0; turn < WARM_UP + kills; turn++) {
    const times = await change(vexil.url, listeners, key, "kill");
    if (turn >= WARM_UP) took.push(times);
    await change(vexil.url, listeners, key, "restore");
  }
  listeners.end();
  await vexil.dispose();
  for (const since of ["acknowledged", "asked for"]) {
    for (const share of [50, 99]) report({ name: `kill ${since} to last stream told p${share}`, value: quantile(took.map((times) => times[since]), share / 100), unit: "ms" });
  }
}

/** How many ms after the question and after its answer the last stream was told; less than 0 where that was before the answer. */
async function change(url, listeners, flag, verb) {
  const headers = { authorization: `Bearer ${OPERATE}` };
  const start = now();
  const { body } = await ask(url, { path: `/admin/v1/flags/${flag}/${verb}`, headers, body: JSON.stringify({ reason: "load" }) });
  const acknowledged = now();
  const { at } = await listeners.ask({ version: JSON.parse(body).version });
  return { acknowledged: at - acknowledged, "asked for": at - start };
}
