// The playground's module, built and loaded as the page loads it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { compile, explain, importFrom, initSync } from "./dist/playground.js";

initSync({ module: await readFile(new URL("dist/playground.wasm", import.meta.url)) });

const banner = { type: "boolean", variants: { on: true, off: false }, offVariant: "off", default: "on" };

test("a ruleset becomes a program", () => {
  const { issues, program } = compile(JSON.stringify({ flags: { banner } }));
  assert.deepEqual(issues, []);
  assert.ok(program instanceof Uint8Array);
  assert.ok(Buffer.from(program).includes("banner"));
});

test("every issue comes back with its place, its code and a sentence", () => {
  const { issues, program } = compile(JSON.stringify({ flags: { banner: { ...banner, default: "onn", colour: 1 } } }));
  assert.equal(program, undefined);
  assert.deepEqual(issues.map(({ path }) => path).sort(), ["/flags/banner/colour", "/flags/banner/default"]);
  const unknown = issues.find(({ path }) => path === "/flags/banner/default");
  assert.deepEqual(unknown, {
    path: "/flags/banner/default",
    code: "unknown-variant",
    message: "unknown variant `onn` (did you mean `on`?)",
  });
});

test("an answer comes with the steps that led to it", () => {
  const rules = [{ name: "dach", when: { attr: "/geo/country", in: ["DE", "AT"] }, serve: "off" }];
  const { program } = compile(JSON.stringify({ flags: { banner: { ...banner, rules } } }));
  assert.deepEqual(explain(program, "banner", { geo: { country: "FR" } }, 0), {
    flag: "banner",
    variant: "on",
    value: true,
    reason: "DEFAULT",
    state: "on",
    steps: [
      {
        part: "rule",
        rule: 0,
        name: "dach",
        asked: [{ holds: false, attr: "/geo/country", in: ["DE", "AT"], found: "FR", why: "different" }],
      },
      { part: "default", serves: "on" },
    ],
  });
  assert.equal(explain(program, "baner", {}, 0), undefined);
  assert.throws(() => explain(new Uint8Array(8), "banner", {}, 0));
});

test("a text that is no JSON is one issue", () => {
  assert.equal(compile("{").issues.length, 1);
});

test("a flagd file becomes a ruleset that compiles, and notes", () => {
  const file = {
    flags: {
      banner: {
        state: "ENABLED",
        variants: { on: true, off: false },
        defaultVariant: "off",
        targeting: { if: [{ fractional: [] }, "on", { ends_with: [{ var: "email" }, "@example.com"] }, "on"] },
      },
    },
  };
  const { ruleset, notes } = importFrom("flagd", JSON.stringify(file));
  // What is about the file as a whole, and what is about one place.
  assert.deepEqual(notes.map(({ path }) => path), ["", "/flags/banner/targeting/if/0/fractional"]);
  assert.deepEqual(compile(ruleset).issues, []);
  assert.deepEqual(JSON.parse(ruleset).flags.banner.rules, [{ when: { attr: "email", endsWith: "@example.com" }, serve: "on" }]);
});

test("a vendor that nobody knows is an error, which names those that there are", () => {
  assert.throws(() => importFrom("flgd", "{}"), /there is no importer for `flgd`, only for `launchdarkly`, `flagd`/);
});

test("what is no flagd file is notes alone", () => {
  const { ruleset, notes } = importFrom("flagd", "[]");
  assert.equal(ruleset, undefined);
  assert.deepEqual(notes, [{ path: "/flags", reason: "expected flags by key, or a list of them" }]);
});
