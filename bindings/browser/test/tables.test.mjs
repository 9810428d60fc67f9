import assert from "node:assert/strict";
import { test } from "node:test";
import { tablesOf } from "../dist/tables.js";

test("a list that says it is longer than all lists ends with them", () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const words = new Uint32Array(memory.buffer);
  // The table of sections begins at word 10, two words a section: see `layout.rs` of the core.
  const place = (section, word, count) => words.set([4 * word, count], 10 + 2 * section);
  const [POOL, FLAGS] = [4, 6];
  place(POOL, 100, 3);
  place(FLAGS, 200, 1);
  words.set([0xffff_ffff, 0xffff_ffff, 0xffff_ffff], 100);
  // The edge folded the attributes of the list at 0, of which there is none.
  words.set([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xffff_ffff], 200);
  assert.deepEqual(tablesOf(memory, 0).asks.get(0), [undefined, undefined, undefined]);
});
