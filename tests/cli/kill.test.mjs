import assert from "node:assert/strict";
import { before, test } from "node:test";

import { OPERATE, RULESET, atTerminal, start } from "./support.mjs";

let edge, vexil, folder;
before(async () => {
  ({ edge, vexil, folder } = await start());
  await edge.publish(RULESET);
});

const operator = { variables: { VEXIL_TOKEN: OPERATE } };
const answer = async () => (await edge.one("checkout", { country: "DE" })).json.value;

test("a kill is one call of an operator, and so is its end", async () => {
  const killed = await vexil(["kill", "checkout", "--yes", "--reason", "errors at the till"], operator);
  assert.equal(killed.code, 0, killed.notes);
  assert.match(killed.out, /^checkout is killed in production \(http:.*\): version 2, in \d+ ms\n$/);
  assert.equal(await answer(), false);
  const { author, reason } = (await edge.admin("GET", "versions")).json.versions[0];
  assert.deepEqual([author, reason], ["operator", "errors at the till"]);
  const again = await vexil(["kill", "checkout", "-y"], operator);
  assert.match(again.out, /version 2/, "twice changes nothing");

  const restored = await vexil(["restore", "checkout", "--yes"], operator);
  assert.match(restored.out, /^checkout is restored in production .*: version 3, in \d+ ms\n$/);
  assert.equal(await answer(), true);
});

test("each says itself in JSON", async () => {
  const { lines: [killed] } = await vexil(["kill", "checkout", "--yes", "--json"], operator);
  const { ms, version, ...rest } = killed;
  assert.deepEqual(rest, { environment: "production", url: edge.url, flag: "checkout", killed: true });
  assert.ok(Number.isInteger(ms) && version > 3);
  const { lines: [restored] } = await vexil(["restore", "checkout", "--yes", "--json"], operator);
  assert.deepEqual([restored.killed, restored.version], [false, version + 1]);
});

test("with `--watch` it waits until who listens was told, and counts them", async () => {
  const events = edge.events();
  await events.next();
  const next = events.next();
  const { code, lines: [said], notes } = await vexil(["kill", "checkout", "--yes", "--watch", "--json"]);
  assert.equal(code, 0, notes);
  assert.equal(said.streams, 1);
  assert.equal(Number((await next).value.id), said.version);
  await events.return();
  const text = await vexil(["restore", "checkout", "--yes", "--watch"]);
  assert.match(text.out, /\nevery push was acknowledged within \d+ ms: \w+ pages? listens?\n$/);
  const blind = await vexil(["kill", "checkout", "--yes", "--watch"], operator);
  assert.deepEqual([blind.code, await answer()], [5, false], "it is killed, and nobody may look");
  assert.match(blind.out, /^checkout is killed/);
  await edge.restore("checkout");
});

test("a flag that is mistyped is not killed, and the right one is suggested", async () => {
  const { code, out, notes } = await vexil(["kill", "chekout", "--yes"], operator);
  assert.deepEqual([code, out, notes], [5, "", "production refused: no flag `chekout` (did you mean `checkout`?)\n"]);
  const odd = await vexil(["kill", "../tokens?a=b#c", "--yes"], operator);
  assert.deepEqual([odd.code, odd.notes], [5, "production refused: no flag `../tokens?a=b#c`\n"]);
});

test("both ask at a terminal, once", async () => {
  const no = await atTerminal(["kill", "checkout"], { cwd: folder, input: "n\n" });
  assert.equal(no.code, 1, no.out);
  assert.match(no.out, /Kill checkout in production \(http:.*\)\? \[y\/N\]/);
  assert.equal(await answer(), true);
  const yes = await atTerminal(["kill", "checkout"], { cwd: folder, input: "y\n" });
  assert.equal(yes.code, 0, yes.out);
  assert.equal(await answer(), false);
  const back = await atTerminal(["restore", "checkout"], { cwd: folder, input: "yes\n" });
  assert.match(back.out, /Let checkout answer by its rules again in production .*\? \[y\/N\]/);
  assert.equal(await answer(), true);
  for (const verb of ["kill", "restore"]) {
    const { code, notes } = await vexil([verb, "checkout"], operator);
    assert.equal(code, 2);
    assert.match(notes, /needs `--yes`/);
  }
});
