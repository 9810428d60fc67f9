// What the README shows of OpenFeature and of servers, word for word, before a real edge.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { OpenFeature as Servers } from "@openfeature/server-sdk";
import { OpenFeature as Pages } from "@openfeature/web-sdk";
import { testSecrets } from "../../edge/local.mjs";
import { edge, on, setStage } from "./stage.mjs";

const ruleset = {
  flags: { "one-page-checkout": { ...on, rules: [{ when: { attr: "country", is: "DE" }, serve: "on" }], default: "off" } },
};
const serverKey = testSecrets.VEXIL_SERVER_KEY;

setStage(ruleset);
after(() => Promise.all([Servers.clearProviders(), Pages.clearProviders()]));

/** Runs the code under a heading with `given`; returns what each line that says its outcome in a comment came to. */
async function run(heading, given) {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const [, shown] = readme.slice(readme.indexOf(`\n## ${heading}\n`)).match(/```js\n([^]*?)```/);
  const names = Object.assign({}, given);
  const body = await replaced(shown, /^import \{ (.*) \} from "(.*)";$/gm, async ([, imported, from]) => {
    const module = await import(from);
    for (const name of imported.split(", ")) names[name] = module[name];
    return "";
  });
  const told = body.replace(/^(await )?(flags\..*); \/\/.*$/gm, (_, wait = "", call) => `outcomes.push(${wait}${call});`);
  const AsyncFunction = (async () => undefined).constructor;
  const outcomes = [];
  await new AsyncFunction("outcomes", ...Object.keys(names), told)(outcomes, ...Object.values(names));
  const said = [...body.matchAll(/^(?:await )?flags\..*; \/\/ (.*)$/gm)].map(([, comment]) => comment);
  return { outcomes, said };
}

async function replaced(text, pattern, by) {
  let result = text;
  for (const match of text.matchAll(pattern)) result = result.replace(match[0], await by(match));
  return result;
}

test("in a page", async () => {
  const { outcomes, said } = await run("OpenFeature", { url: edge.url, key: edge.key });
  const [{ value, variant, reason }, french] = outcomes;
  assert.deepEqual(said, [`{ value: ${value}, variant: ${JSON.stringify(variant)}, reason: ${JSON.stringify(reason)}, … }`, String(french)]);
});

test("for the first render", async () => {
  const sent = [];
  const response = { setHeader: (name, value) => sent.push(name, value), end: (text) => sent.push(text) };
  await run("Rendering on a server", { url: edge.url, key: edge.key, request: { headers: { cookie: "vexil.anonymousId=abc123" } }, response });
  const [name, cookie, page] = sent;
  assert.deepEqual([name, cookie.split(";")[0]], ["set-cookie", "vexil.anonymousId=abc123"]);
  const { flags, context } = JSON.parse(page.match(/^<script>window\.snapshot = (.*)<\/script>$/)[1]);
  assert.deepEqual([flags["one-page-checkout"].value, context.targetingKey], [true, "abc123"]);
});

test("on a server", async () => {
  const { outcomes, said } = await run("On a server", { url: edge.url, serverKey });
  assert.deepEqual(said, outcomes.map(String));
});
