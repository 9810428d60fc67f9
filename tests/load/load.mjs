// node load.mjs SET [--quick]: a line of JSON for each measurement. SET is the folder of 1,000 flags that tests/bench writes.

import { readFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";

import { kills } from "./kills.mjs";
import { memory } from "./memory.mjs";
import { rates } from "./rates.mjs";
import { startUp } from "./startup.mjs";

const { values: { quick }, positionals: [folder] } = parseArgs({ options: { quick: { type: "boolean" } }, allowPositionals: true });
const read = async (file) => JSON.parse(await readFile(path.join(folder, file), "utf8"));
const set = { folder, ruleset: await read("vexil.json"), ...(await read("set.json")) };
const report = (line) => console.log(JSON.stringify(line));

await rates(set, report, quick ? { rounds: 1, seconds: 0.1 } : { rounds: 7, seconds: 2 });
await kills(set, report, quick ? { streams: 50, kills: 3 } : { streams: 1_000, kills: 100 });
await startUp(report, { rounds: quick ? 1 : 11 });
await memory(set, report, { flags: quick ? 1_000 : 10_000 });
