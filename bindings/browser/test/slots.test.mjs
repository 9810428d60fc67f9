// What of a context reaches the engine.

import assert from "node:assert/strict";
import { test } from "node:test";
import { copy } from "../dist/context.js";
import { slotsOf } from "../dist/slots.js";

/** Reads back what the engine would, one value an attribute. */
function read(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = [];
  let at = 0;
  const value = () => {
    const tag = bytes[at++];
    const length = () => view.getUint32((at += 4) - 4, true);
    if (tag === 4) return view.getFloat64((at += 8) - 8, true);
    if (tag === 5) {
      const end = length() + at;
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(at, end));
      at = end;
      return text;
    }
    if (tag === 6) return Array.from({ length: length() }, value);
    return ["missing", null, false, true, undefined, undefined, undefined, "object"][tag];
  };
  while (at < bytes.length) values.push(value());
  return values;
}

/** What `attributes` are read as from `context`. */
function check(context, attributes, want) {
  assert.deepEqual(read(slotsOf(attributes).encode(copy(context))), want);
}

test("every kind of value arrives, in the order of the slots", () => {
  const context = { text: "käse 🧀", number: 2.5, yes: true, no: false, none: null, object: { a: 1 } };
  check(context, ["object", "none", "no", "yes", "number", "text", "other"], ["object", null, false, true, 2.5, "käse 🧀", "missing"]);
});

test("a member that is undefined is missing, and a number that is none is null", () => {
  check({ a: undefined, b: NaN, c: -Infinity, d: -0 }, ["a", "b", "c", "d"], ["missing", null, null, 0]);
});

test("a lone surrogate becomes U+FFFD, in keys too, and nothing else does", () => {
  check({ a: "x\ud800y", b: "\udc00", c: "🧀", d: "\\ud800" }, ["a", "b", "c", "d"], ["x\ufffdy", "\ufffd", "🧀", "\\ud800"]);
  check({ "\ud800": 1, "a\\\udfff": 2 }, ["\ufffd", "a\\\ufffd"], [1, 2]);
});

test("control characters and quotes come through as they are", () => {
  check({ a: 'tab\t, "quoted", \\, \u0000\u2028' }, ["a"], ['tab\t, "quoted", \\, \u0000\u2028']);
});

test("what every object inherits is missing, and a member of that name is not", () => {
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
  check({}, names, names.map(() => "missing"));
  check(JSON.parse('{"__proto__":"a","constructor":"b","toString":{},"hasOwnProperty":[]}'), names, ["a", "b", "object", []]);
  check({ a: JSON.parse('{"__proto__":{"polluted":1}}') }, ["/a/__proto__/polluted", "/a/polluted", "/a/constructor/name"], [1, "missing", "missing"]);
});

test("a pointer walks objects and arrays, with its escapes undone once", () => {
  const context = { app: { version: "2.1", "a/b": { "m~n": 1 }, "": 2, "~1": 3 }, list: [{ id: 4 }, "x"] };
  check(context, ["/app/version", "/app/a~1b/m~0n", "/app/", "/app/~01", "/list/0/id", "/list/1"], ["2.1", 1, 2, 3, 4, "x"]);
});

test("a pointer that leads nowhere is missing", () => {
  const context = { list: ["a"], text: "abc", none: null };
  const attributes = ["/list/1", "/list/-", "/list/00", "/list/length", "/text/0", "/text/length", "/none/a", "/", "list/0"];
  check(context, attributes, attributes.map(() => "missing"));
});

test("of an array the scalars arrive, and what nests in it as an object", () => {
  check({ a: ["x", 1, true, null, ["y"], { z: 1 }, undefined, NaN], b: [] }, ["a", "b"], [["x", 1, true, null, "object", "object", null, null], []]);
});

test("a context larger than the buffer arrives whole, and so does the next", () => {
  const slots = slotsOf(["a", "b"]);
  const large = { a: "é".repeat(10_000), b: Array.from({ length: 1000 }, (_, index) => index) };
  assert.deepEqual(read(slots.encode(large)), [large.a, large.b]);
  assert.deepEqual(read(slots.encode({ a: "x" })), ["x", "missing"]);
});

test("a room that moved away or was left is replaced, and what was written is not lost", () => {
  const rooms = [];
  const room = (length) => rooms[rooms.push(new Uint8Array(length)) - 1];
  const slots = slotsOf(["a", "b"], room);
  const encoded = (context) => read(slots.encode(context));
  assert.deepEqual(encoded({ a: "x", b: "y" }), ["x", "y"]);
  structuredClone(rooms[0].buffer, { transfer: [rooms[0].buffer] });
  assert.deepEqual(encoded({ a: "x", b: "z" }), ["x", "z"]);
  rooms[1].fill(9);
  slots.leave();
  assert.deepEqual(encoded({ a: "short", b: "é".repeat(5000) }), ["short", "é".repeat(5000)]);
  assert.ok(rooms[1].every((byte) => byte === 9), "what was left is not written to");
});
