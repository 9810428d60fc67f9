// A library that brings the engine and the explainer itself, to be bundled into one file.

import { argv } from "node:process";
import wasm from "vexil/engine.wasm";
import explainer from "vexil/explainer.wasm";
import { createClient } from "vexil/slim";
import { explain } from "vexil/slim/explain";

const flags = createClient({ url: argv[2], key: "test-browser", context: { country: "DE" }, engine: "eager", wasm });
await flags.ready();
const { reason } = await explain(flags, "checkout", { wasm: explainer });
console.log(JSON.stringify([flags.boolean("checkout", false), reason]));
flags.close();
