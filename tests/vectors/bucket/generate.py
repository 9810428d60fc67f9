"""Writes positions.json beside it: where units fall, by an implementation of xxHash that is not Vexil's.

    pip install xxhash==4.1.0 && python3 tests/vectors/bucket/generate.py

The PyPI package `xxhash` wraps the reference in C of Cyan4973/xxHash.
"""

import json
import pathlib

import xxhash

SALTS = ["checkout", "release:checkout", "a", "0123456789abcdef0123456789abcdef", "one-page-checkout.2026-11-23.eu-central", "größe", "日本語", "🎉"]
UNITS = [
    "user-1",
    "user-2",
    "a",
    "ab",
    "abc",
    "abcd",
    "abcdefgh",
    "user-é",
    "日本",
    "🎉",
    "42",
    "0",
    "-1",
    "9007199254740991",
    " ",
    "\u0000",
    "0123456789abcdef0123456789abcde",
    "0123456789abcdef0123456789abcdef",
    "0123456789abcdef0123456789abcdef0",
    "7f9c24e5-0000-4000-8000-aaaaaaaaaaaa/7f9c24e5-0000-4000-8000-bbbbbbbbbbbb",
    "é" * 100,
]
# Found by trying: units at the very ends and around the middle.
RARE = [("checkout", unit) for unit in ["u0398ef3a0", "u14817032d", "u1be11efde", "u1a043c132"]]


def case(salt: str, unit: str) -> dict[str, object]:
    seed = xxhash.xxh64_intdigest(salt.encode(), seed=0)
    position = xxhash.xxh64_intdigest(unit.encode(), seed=seed) >> 32
    return {"salt": salt, "unit": unit, "seed": f"{seed:016x}", "position": position}


source = f"PyPI xxhash {xxhash.VERSION}, which holds the C reference xxHash {xxhash.XXHASH_VERSION} (Cyan4973/xxHash)"
pairs = [(salt, unit) for salt in SALTS for unit in UNITS]
lines = ",\n".join("    " + json.dumps(case(salt, unit), ensure_ascii=False) for salt, unit in [*pairs, *RARE])
text = f'{{\n  "source": {json.dumps(source)},\n  "cases": [\n{lines}\n  ]\n}}\n'
pathlib.Path(__file__).with_name("positions.json").write_text(text, encoding="utf-8")
