"""Writes recipes.json beside it: where units fall by the recipes of other vendors, by implementations that are not Vexil's.

    pip install mmh3==5.3.1 && python3 tests/vectors/bucket/recipes.py

SHA-1 and MD5 are those of Python's hashlib (OpenSSL), CRC-32 that of its zlib, MurmurHash3 that of the PyPI package `mmh3`, which wraps the
C++ of its author; FNV-1a is the five lines below.
"""

import hashlib
import json
import pathlib
import ssl
import sys
import zlib
from importlib.metadata import version

import mmh3

ALL = 1 << 32
SALTS = ["checkout", "größe", "a"]
UNITS = ["user-1", "user-2", "a", "ab", "abc", "abcd", "7f9c24e5-0000-4000-8000-aaaaaaaaaaaa", "user-é", "日本", "🎉", "0", "42", "-1", "9007199254740991", " "]


def fnv1a(text: str) -> int:
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) % ALL
    return value


def murmur(text: str, seed: int = 0) -> int:
    return mmh3.hash(text.encode(), seed, signed=False)


def signed(number: int) -> int:
    return number - ALL if number >= ALL // 2 else number


def bucketed(number: int, buckets: int) -> int:
    return number % buckets * ALL // buckets


RECIPES = {
    "launchdarkly-sha1": lambda s, u: int(hashlib.sha1(f"{s}.{u}".encode()).hexdigest()[:15], 16) >> 28,
    "unleash-murmur3": lambda s, u: bucketed(murmur(f"{s}:{u}"), 100),
    "unleash-murmur3-variant": lambda s, u: bucketed(murmur(f"{s}:{u}", 86028157), 1000),
    # In as many parts as the weights add up to: these cases are asked of splits whose weights add up to 2^32.
    "unleash-murmur3-weights": lambda s, u: bucketed(murmur(f"{s}:{u}", 86028157), ALL),
    "growthbook-fnv1a-v1": lambda s, u: bucketed(fnv1a(u + s), 1000),
    "growthbook-fnv1a-v2": lambda s, u: bucketed(fnv1a(str(fnv1a(s + u))), 10000),
    "flagd-murmur3-v1": lambda s, u: min(abs(signed(murmur(s + u))) * 2, ALL - 1),
    "flagd-murmur3-v2": lambda s, u: murmur(s + u),
    "eppo-md5": lambda s, u: bucketed(int.from_bytes(hashlib.md5(f"{s}-{u}".encode()).digest()[:4], "big"), 10000),
    "flipt-crc32": lambda s, u: bucketed(zlib.crc32((s + u).encode()), 1000),
    "flipt-crc32-threshold": lambda s, u: bucketed(zlib.crc32((u + s).encode()), 100),
}
# Found by trying: units in the lowest, the highest and a middle bucket; and, for MurmurHash3, by running it backwards:
# units whose hashes are 0, 2^32 - 1, 2^31 and 2^31 - 1.
ENDS = ["abt2e3a6", "ab6f9gwc", "acizwaru", "aet0jl63"]
RARE = {
    "launchdarkly-sha1": ["u100839", "u33214", "u127866"],
    "unleash-murmur3": ["u291", "u19", "u222"],
    "unleash-murmur3-variant": ["u1862", "u544", "u318"],
    "unleash-murmur3-weights": ["u1862", "u544", "u318"],
    "growthbook-fnv1a-v1": ["u783", "u272", "u743"],
    "growthbook-fnv1a-v2": ["u2862", "u18545", "u5174"],
    "flagd-murmur3-v1": ENDS,
    "flagd-murmur3-v2": ENDS,
    "eppo-md5": ["u470", "u1735", "u1513"],
    "flipt-crc32": ["u623", "u794", "u36"],
    "flipt-crc32-threshold": ["u106", "u178", "u29"],
}


def cases():
    pairs = [(salt, unit) for salt in SALTS for unit in UNITS]
    for recipe, position in RECIPES.items():
        # Every unit under one salt, a few under the others.
        few = [pair for pair in pairs if pair[0] == SALTS[0] or pair[1] in UNITS[:2] + UNITS[7:8]]
        for salt, unit in [*few, *[("checkout", unit) for unit in RARE[recipe]]]:
            yield {"hash": recipe, "salt": salt, "unit": unit, "position": position(salt, unit)}


source = f"Python {sys.version.split()[0]} hashlib ({ssl.OPENSSL_VERSION}) and zlib, PyPI mmh3 {version('mmh3')}, FNV-1a written out"
lines = ",\n".join("    " + json.dumps(case, ensure_ascii=False) for case in cases())
text = f'{{\n  "source": {json.dumps(source)},\n  "cases": [\n{lines}\n  ]\n}}\n'
pathlib.Path(__file__).with_name("recipes.json").write_text(text, encoding="utf-8")
