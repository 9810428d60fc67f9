// A library that brings the engine itself, to be bundled into one file.

import { argv } from "node:process";
import wasm from "vexil/engine.wasm";
import { createClient } from "vexil/slim";

const flags = createClient({ url: argv[2], key: "test-browser", context: { country: "DE" }, wasm });
await flags.ready();
console.log(JSON.stringify(flags.boolean("checkout", false)));
flags.close();
