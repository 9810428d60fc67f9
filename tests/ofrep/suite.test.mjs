import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { FAULTS, FIXTURE, startReference } from "./reference.mjs";
import { expectations } from "./suite.mjs";

/** The expectations that a server with `fault` does not meet, of those whose name begins with `name`. */
async function unmet(fault, name = "") {
  // Only the rule that waits for an event can take long, and only where none comes.
  const server = await startReference(fault);
  try {
    const found = [];
    const asked = expectations(FIXTURE, server).filter((expectation) => expectation.name.startsWith(name));
    assert.ok(asked.length > 0, `no expectation begins with ${name}`);
    for (const { name: what, skip, run } of asked) {
      assert.ok(!skip, `${what}: ${skip}`);
      await run().catch((error) => found.push(`${what}: ${error.message}`));
    }
    return found;
  } finally {
    server.stop();
  }
}

test("a right server meets every expectation, and none is skipped", async () => {
  assert.deepEqual(await unmet(undefined), []);
});

test("each fault is found by the expectation that is there for it", { concurrency: 8 }, async (t) => {
  await Promise.all(
    Object.entries(FAULTS).map(([fault, name]) => t.test(fault, async () => {
      const found = await unmet(fault, name);
      assert.ok(found.length > 0, `${name} is met in spite of it`);
      t.diagnostic(`${fault}: ${found[0]}`);
    })),
  );
});

test("the command prints a line for each, and fails where one that must be met is not", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "ofrep-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const fixture = join(folder, "fixture.json");
  writeFileSync(fixture, JSON.stringify({ ...FIXTURE, rateLimit: undefined }));
  const command = async (fault, ...more) => {
    const server = await startReference(fault);
    const words = [fileURLToPath(new URL("suite.mjs", import.meta.url)), "--url", server.url, "--key", server.key, "--fixture", fixture, "--json", ...more];
    const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
    let printed = "";
    child.stdout.on("data", (text) => {
      printed += text;
    });
    const code = await new Promise((resolve) => {
      child.on("close", resolve);
    });
    server.stop();
    const lines = printed.trim().split("\n").map((line) => JSON.parse(line));
    return [code, lines.filter(({ outcome }) => outcome === "unmet").map(({ name }) => name)];
  };
  assert.deepEqual(await command(undefined), [0, []]);
  assert.deepEqual(await command("a flag twice"), [1, ["bulk: every flag is there once"]]);
  assert.deepEqual(await command("star not read"), [0, ["If-None-Match: * is 304"]]);
  assert.deepEqual(await command("star not read", "--strict"), [1, ["If-None-Match: * is 304"]]);
});
