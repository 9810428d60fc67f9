// A library that brings the engine and the explainer itself, to be bundled into one file.

import { argv } from "node:process";
import { setTimeout } from "node:timers/promises";
import wasm from "vexil/engine.wasm";
import explainer from "vexil/explainer.wasm";
import { createClient } from "vexil/slim";
import { explain } from "vexil/slim/explain";

const flags = createClient({ url: argv[2], key: "test-browser", context: { country: "DE" }, engine: "eager", wasm });
await flags.ready();
// There are no steps to tell before the engine is there.
let why;
while ((why = await explain(flags, "checkout", { wasm: explainer })).problem === "NOT_LOCAL") await setTimeout(10);
console.log(JSON.stringify([flags.boolean("checkout", false), why.reason ?? why.problem]));
flags.close();
