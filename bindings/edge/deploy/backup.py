#!/usr/bin/env python3
"""Copies the storage of a running worker, so that another can start from the copy.

    python3 backup.py STATE COPY

Each SQLite database under the folder STATE is copied by SQLite's own online backup: the copy is what the database held
at one moment, and the worker goes on writing meanwhile. COPY must not exist yet; it appears only once it is whole.
An environment in the copy is marked as copied: a worker that starts from it knows that versions may have come since,
and numbers on above them.
Needs nothing but Python 3.8.
"""

import os
import shutil
import sqlite3
import sys
import time


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    state, copy = sys.argv[1:]
    if not os.path.isdir(state):
        sys.exit(f"no folder {state}: give the one that the worker got as --state")
    if os.path.exists(copy):
        sys.exit(f"{copy} is there already: give a folder that is not")
    unfinished = f"{copy}.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    databases = 0
    for folder, _, files in os.walk(state):
        into = os.path.join(unfinished, os.path.relpath(folder, state))
        os.makedirs(into, exist_ok=True)
        for name in files:
            source = os.path.join(folder, name)
            if name.endswith(".sqlite"):
                back_up(source, os.path.join(into, name))
                databases += 1
            elif not name.endswith((".sqlite-wal", ".sqlite-shm")):
                shutil.copy2(source, os.path.join(into, name))
    if databases == 0:
        shutil.rmtree(unfinished)
        sys.exit(f"no database in {state}: is it the folder that the worker got as --state?")
    os.rename(unfinished, copy)
    print(f"{databases} databases copied to {copy}")


def back_up(source: str, target: str) -> None:
    copied = int(time.time() * 1000)
    with sqlite3.connect(f"file:{source}?mode=ro", uri=True) as one, sqlite3.connect(target) as other:
        one.backup(other)
        if other.execute("SELECT 1 FROM sqlite_master WHERE name = 'versions'").fetchone():
            other.execute("CREATE TABLE IF NOT EXISTS copied (at INTEGER NOT NULL)")
            other.execute("INSERT INTO copied (at) VALUES (?)", (copied,))
    one.close()
    other.close()


if __name__ == "__main__":
    main()
