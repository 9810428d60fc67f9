// Law 10: native, node, Chromium and workerd print the same bytes for every vector.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createClient } from "vexil";
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
  const different = wanted.flatMap((line, number) => (printed[number] === line ? [] : [`- ${line}\n+ ${printed[number]}`]));
  assert.equal(different.slice(0, 20).join("\n"), "", `${different.length} cases differ from native in ${runtime}`);
  assert.equal(printed.length, wanted.length);
  agreed.add(runtime);
}

test("node answers every vector as native does", async () => {
  agrees("node", await client.answers(createClient, given));
});

test("Chromium answers every vector as native does", async () => {
  agrees("Chromium", await chromium.answers(given));
});

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
