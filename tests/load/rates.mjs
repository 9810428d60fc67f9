// How many requests a second each worker answers, the workers taking turns.

import { readFile } from "node:fs/promises";
import path from "node:path";

import { CALLS } from "./calls.mjs";
import { Child } from "./child.mjs";
import { median } from "./numbers.mjs";
import { ask, publish, startConstant, startPeer, startVexil } from "./workers.mjs";

const PEERS = { flagd: "@openfeature/flagd-core", growthbook: "@growthbook/growthbook" };
/** Ticks of /proc/PID/stat in a second: Linux says so to every program. */
const TICKS = 100;

/**
 * @param {object} set flags, contexts and answers of tests/bench, in `folder`
 * @param {(line: object) => void} report
 * @param {{ rounds: number, seconds: number }} options
 */
export async function rates(set, report, { rounds, seconds }) {
  const generator = new Child("generator.mjs");
  const vexil = await startVexil();
  await publish(vexil.url, set.ruleset);
  const peers = await startPeers(set, report);
  const generators = [];
  for (const [name, call] of Object.entries(CALLS)) {
    const first = await ask(vexil.url, call.request(set.contexts[0]));
    const { etag } = first;
    const answer = call.request(set.contexts[0], etag).status === 304 ? await ask(vexil.url, call.request(set.contexts[0], etag)) : first;
    const constant = await startConstant(answer);
    const asked = [vexil, constant, ...(call.hasPeers ? peers : [])];
    const runs = asked.map(() => []);
    for (let round = -1; round < rounds; round++) {
      for (const [index, { url, pid }] of asked.entries()) {
        const before = await processorSeconds(pid);
        // The one before the first warms up.
        const run = await generator.ask({ url, name, contexts: set.contexts, etag, seconds });
        if (round >= 0) runs[index].push({ ...run, work: ((await processorSeconds(pid)) - before) / run.count });
      }
    }
    await constant.dispose();
    const [ours, theirs, ...others] = runs;
    const line = (suffix, key, scale, unit) => {
      const pairs = ours.map((run, round) => run[key] / theirs[round][key]);
      report({ name: `${name}${suffix}`, value: scale * middle(ours, key), unit, ratio: median(pairs) });
    };
    line("", "rate", 1, "requests/s");
    line(" p50", "p50", 1, "ms");
    line(" p99", "p99", 1, "ms");
    line(" processor", "work", 1e6, "µs a request");
    report({ name: `${name}, constant`, value: middle(theirs, "rate"), unit: "requests/s" });
    for (const [index, runs] of others.entries()) {
      const ratio = median(ours.map(({ rate }, round) => rate / runs[round].rate));
      report({ name: `${name}, ${peers[index].name}`, value: middle(runs, "rate"), unit: "requests/s", ratio });
    }
    generators.push({ name, value: 1e6 * middle(theirs, "asking"), ratio: median(theirs.map(({ asking, work }) => asking / work)) });
  }
  const [{ name, value, ratio }] = generators.toSorted((one, other) => other.ratio - one.ratio);
  report({ name: "generator processor", value, unit: `µs an answer, ${name}`, ratio });
  generator.end();
  for (const { dispose } of [vexil, ...peers]) await dispose();
}

/** The peers that run in workerd and have proved that they answer as the flags say. */
async function startPeers(set, report) {
  const peers = [];
  for (const [engine, name] of Object.entries(PEERS)) {
    const peer = await startPeer(engine, path.join(set.folder, `${engine}.json`));
    try {
      await proved(peer.url, set);
      peers.push({ name, ...peer });
    } catch (error) {
      report({ name: `ofrep bulk miss, ${name}`, value: null, unit: `cannot be measured: ${error.message}` });
      await peer.dispose();
    }
  }
  return peers;
}

/** Engines hash differently, so of splits and percentages only the type is known; flagd leaves out what is disabled. */
async function proved(url, { ruleset, flags, contexts, answers }) {
  for (const [row, context] of contexts.entries()) {
    const { body } = await ask(url, CALLS["ofrep bulk"].request(context));
    const values = new Map(JSON.parse(body).flags.map(({ key, value }) => [key, value]));
    for (const [column, { key, isHashed }] of flags.entries()) {
      const [got, want] = [values.get(key), answers[row][column]];
      const isLeftOut = got === undefined && ruleset.flags[key].enabled === false;
      if (!isLeftOut && (isHashed ? typeof got !== typeof want : got !== want)) throw new Error(`${key} is ${got}, not ${want}`);
    }
  }
}

/** What a process and its threads have worked so far. */
async function processorSeconds(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // The name, in brackets, may hold spaces; after it utime and stime are the 12th and 13th.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

const middle = (runs, key) => median(runs.map((run) => run[key]));
