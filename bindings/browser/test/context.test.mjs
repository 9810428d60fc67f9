// A copy of a context is what JSON makes of it, whichever way it is made.

import assert from "node:assert/strict";
import { test } from "node:test";
import { copy, freeze } from "../dist/context.js";

const CONTEXTS = 10_000;

/** What a copy has to be, said with JSON alone. Its parser keeps what its writer escapes, so that only lone surrogates differ. */
function byJson(context) {
  const well = (text) => text.toWellFormed?.() ?? text.replace(/[\ud800-\udfff]/gu, "\ufffd");
  return JSON.parse(JSON.stringify(context), (_, value) => {
    if (typeof value === "string") return well(value);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const renamed = {};
    for (const [key, member] of Object.entries(value)) Object.defineProperty(renamed, well(key), { value: member, writable: true, enumerable: true, configurable: true });
    return renamed;
  });
}

/** The same objects with the same members in the same order, all of them data, and frozen. */
function assertSame(got, want, path) {
  if (typeof want !== "object" || want === null) return assert.ok(Object.is(got, want), `${path} is ${String(got)}, not ${String(want)}`);
  assert.equal(Object.getPrototypeOf(got), Object.getPrototypeOf(want), path);
  assert.deepEqual(Reflect.ownKeys(got), Reflect.ownKeys(want), path);
  assert.ok(Object.isFrozen(got), `${path} is frozen`);
  for (const key of Object.keys(want)) assertSame(got[key], want[key], `${path}.${key}`);
}

/** Numbers below a bound, from a seed (mulberry32). */
function chance(seed) {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

/** Mostly what contexts are made of; one in `rarity` is something that needs care. */
function generated(below, rarity) {
  const pick = (items) => items[below(items.length)];
  const text = () => pick(["", "a", "user-1", "käse 🧀", "\\ud800", "\"\n\u2028", "x".repeat(70)]);
  const key = () => (below(rarity) > 0 ? pick(["targetingKey", "country", "plan", "7", "00", "name"]) : pick(["__proto__", "constructor", "toJSON", "length", "", "\ud800", "a\udfffb", "🧀"]));
  const scalar = () => (below(rarity) > 0 ? pick([text(), below(1000), -1.5, true, false, null]) : odd());
  const list = () => {
    const items = Array.from({ length: below(4) }, () => (below(rarity) > 0 ? scalar() : value()));
    if (below(rarity) === 0) items.length += 2;
    if (below(rarity) === 0) items.extra = 1;
    if (below(rarity) === 0) items.toJSON = () => "list";
    return items;
  };
  const odd = () => pick([undefined, NaN, Infinity, -Infinity, -0, () => 1, Symbol("s"), "\ud83c", "\udfffx", new Date(below(1e9)), new Date(NaN), new String("boxed"), new Number(-0), new Map([[1, 2]]), new (class extends Array {})(), /x/, new Uint8Array(2), { toJSON: () => undefined }, Object.create({ inherited: 1 })]);
  const value = () => pick([scalar, scalar, scalar, list, object])();
  const object = () => {
    const made = below(rarity) > 0 ? {} : pick([Object.create(null), Object.create({ inherited: "x" }), new (class Own { own = 1; get derived() { return 2; } })(), Object.create({ toJSON: () => ({ said: 1 }) })]);
    for (let count = below(6); count > 0; count--) Object.defineProperty(made, key(), described(made));
    if (below(rarity) === 0) made[Symbol("member")] = 1;
    if (below(rarity) === 0) Object.freeze(made);
    return made;
  };
  const described = () => {
    const held = value();
    const enumerable = below(rarity) > 0;
    return below(rarity) > 0 ? { value: held, enumerable, writable: true, configurable: true } : { get: () => held, enumerable, configurable: true };
  };
  return object();
}

/** Copies `CONTEXTS` of them. */
function check(seed) {
  const below = chance(seed);
  for (let index = 0; index < CONTEXTS; index++) {
    const context = generated(below, 2 + below(30));
    const want = byJson(context) ?? {};
    const path = `seed ${seed}, context ${index}: it`;
    if (typeof want === "object" && want !== null && !Array.isArray(want) && JSON.stringify(context) !== undefined) assertSame(freeze(copy(context)), want, path);
    else assert.throws(() => copy(context), TypeError, path);
  }
}

test("a copy is what JSON makes of a context", () => check(1));

test("it is the same where strings cannot say whether they are well formed", () => {
  const { isWellFormed } = String.prototype;
  delete String.prototype.isWellFormed;
  try {
    check(2);
  } finally {
    if (isWellFormed) Object.defineProperty(String.prototype, "isWellFormed", { value: isWellFormed, writable: true, configurable: true });
  }
});

test("what a page added to all objects is not in a copy", () => {
  Object.prototype.added = "by the page";
  try {
    assertSame(freeze(copy({ a: 1 })), { a: 1 }, "it");
  } finally {
    delete Object.prototype.added;
  }
});

test("the copy is frozen through and through, and the original is left alone", () => {
  const context = { a: { b: [{ c: 1 }] }, list: ["x"], when: new Date(0) };
  const frozen = freeze(copy(context));
  assert.deepEqual(frozen, { a: { b: [{ c: 1 }] }, list: ["x"], when: "1970-01-01T00:00:00.000Z" });
  assert.throws(() => (frozen.a.b[0].c = 2), TypeError);
  context.a.b[0].c = 3;
  assert.equal(frozen.a.b[0].c, 1);
  const flat = { list: ["x"] };
  assert.notEqual(freeze(copy(flat)).list, flat.list);
  flat.list.push("y");
});

test("a context that is no object, or that JSON cannot carry, is refused", () => {
  const loop = {};
  loop.loop = loop;
  for (const context of [null, undefined, [], "text", 1, () => 1, loop, { a: 1n }]) assert.throws(() => copy(context), TypeError, String(context));
});
