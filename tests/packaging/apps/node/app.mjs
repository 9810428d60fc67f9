// A program of somebody else's: `node app.mjs URL` prints what its flags came to, and why.

import { argv } from "node:process";
import { createClient } from "vexil";
import { explain } from "vexil/explain";

const flags = createClient({ url: argv[2], key: "test-browser", context: { country: "FR" }, engine: "eager" });
await flags.ready();
const greeting = flags.string("greeting", "…");
flags.setContext({ country: "DE" });
const german = flags.details("checkout", false);
flags.setContext({ country: "FR" });
const french = flags.details("checkout", false);
const { text: why } = await explain(flags, "checkout");
flags.close();
console.log(JSON.stringify({ greeting, german, french, why }));
