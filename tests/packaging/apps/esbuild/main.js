// esbuild does not follow `new URL(…, import.meta.url)`, but gives the address of a file that is imported.

import wasm from "vexil/engine.wasm";
import { createClient } from "vexil/slim";
import { show } from "./show.js";

const url = new URLSearchParams(location.search).get("edge");
show(createClient({ url, key: "test-browser", context: { country: "DE" }, wasm }));
