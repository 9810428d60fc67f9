#!/usr/bin/env node
// Prints a line of JSON for each row of the matrix: `{ name, ok, detail }`. Rows can be named; `--quick` takes those that
// need neither a browser nor an edge.

import { argv, exit, stderr, stdout } from "node:process";
import { parseArgs } from "node:util";
import { bundlers } from "./rows/bundlers.mjs";
import { next } from "./rows/next.mjs";
import { contents } from "./rows/contents.mjs";
import { runtimes } from "./rows/runtimes.mjs";
import { openStage } from "./stage.mjs";

const rows = [...contents, ...runtimes, ...bundlers, ...next];

const { values, positionals } = parseArgs({ args: argv.slice(2), options: { quick: { type: "boolean" } }, allowPositionals: true });
const unknown = positionals.filter((name) => !rows.some((row) => row.name === name));
if (unknown.length > 0) {
  stderr.write(`no row is called ${unknown.join(", ")}; there are: ${rows.map(({ name }) => name).join(", ")}\n`);
  exit(2);
}
const isWanted = ({ name }) => (positionals.length > 0 ? positionals.includes(name) : !values.quick || contents.some((row) => row.name === name));

let areAllOk = true;
const stage = await openStage();
try {
  for (const { name, check } of rows.filter(isWanted)) {
    const { ok, detail } = await check(stage).then(
      (detail) => ({ ok: true, detail }),
      (error) => ({ ok: false, detail: String(error?.message ?? error) }),
    );
    areAllOk &&= ok;
    stdout.write(`${JSON.stringify({ name, ok, detail })}\n`);
  }
} finally {
  await stage.close();
}
exit(areAllOk ? 0 : 1);
