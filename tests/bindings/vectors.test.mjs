// Law 10: native, node, Chromium and workerd print the same bytes for every vector.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { createClient } from "vexil";
import { explain } from "vexil/explain";
import { startLocal, testSecrets } from "../../bindings/edge/local.mjs";
import * as chromium from "./chromium.mjs";
import * as client from "./client.mjs";
import { broken, files, lines } from "./native.mjs";
import * as workerd from "./workerd.mjs";

const agreed = new Set();
let native;
let given;
let local;

before(async () => {
  native = lines();
  given = files();
  local = await startLocal({ secrets: testSecrets });
});

after(async () => {
  await local?.dispose();
  if (agreed.size === 4) console.log(`${native.length} cases × 4 runtimes agree`);
});

/** Compares line by line, so that a difference names its case. */
function agrees(runtime, printed, wanted = native) {
  compare(runtime, printed, wanted);
  agreed.add(runtime);
}

function compare(runtime, printed, wanted) {
  const different = wanted.flatMap((line, number) => (printed[number] === line ? [] : [`- ${line}\n+ ${printed[number]}`]));
  assert.equal(different.slice(0, 20).join("\n"), "", `${different.length} cases differ from native in ${runtime}`);
  assert.equal(printed.length, wanted.length);
}

test("node answers every vector as native does", async () => {
  agrees("node", await client.answers(createClient, given));
});

test("Chromium answers every vector as native does", async () => {
  agrees("Chromium", await chromium.answers(given));
});

for (const [runtime, explained] of [["node", () => client.explained(createClient, explain, given)], ["Chromium", () => chromium.explained(given)]]) {
  test(`${runtime} explains every vector, and comes to the same answers`, async () => {
    const { lines, members } = await explained();
    compare(`explanations in ${runtime}`, lines, native);
    const types = await readFile(new URL("../../bindings/browser/dist/explanation.d.ts", import.meta.url), "utf8");
    assert.ok(members.length > 40, members.join());
    assert.deepEqual(members.filter((member) => !types.includes(`readonly ${member}: `) && !types.includes(`readonly ${member}?: `)), [], "members without a type");
  });
}

test("workerd answers every vector as native does", async () => {
  agrees("workerd", await workerd.answersOfPackage(given));
});

test("the edge answers every ruleset as native does", async () => {
  const published = native.filter((line) => !line.startsWith("specialise/"));
  assert.ok(published.length < native.length);
  agrees("the edge", await workerd.answers(workerd.edgeAt(local.url, testSecrets), given), published);
});

test("workerd refuses every broken ruleset with the issues that native finds", async () => {
  const edge = workerd.edgeAt(local.url, testSecrets);
  for (const { name, ruleset, issues } of broken()) {
    assert.deepEqual((await edge.refused(ruleset)).issues, issues, name);
  }
});
