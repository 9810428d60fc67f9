// A program of somebody else's: `node app.mjs URL` prints what its flags came to, and why.

import { argv } from "node:process";
import { setTimeout } from "node:timers/promises";
import { createClient } from "vexil";
import { explain } from "vexil/explain";

const flags = createClient({ url: argv[2], key: "test-browser", context: { country: "FR" } });
await flags.ready();
const greeting = flags.string("greeting", "…");
// A client that has its engine answers for a new context when `setContext` returns.
let german;
do {
  await setTimeout(10);
  flags.setContext({ country: "FR" });
  flags.setContext({ country: "DE" });
  german = flags.details("checkout", false);
  flags.setContext({ country: "FR" });
} while (!german.value);
const french = flags.details("checkout", false);
const { text: why } = await explain(flags, "checkout");
flags.close();
console.log(JSON.stringify({ greeting, german, french, why }));
