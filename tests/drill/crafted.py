"""Crafted models, projects, predictions, sets, references: one of their files is changed."""

from __future__ import annotations

import csv
import json
import os
import shutil
import sqlite3
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

from tests.drill.process import Plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from random import Random

    from tests.drill.commands import Leaf, Slot

VALUES = (
    "../../zz_out", "/zz_out", "", "zz\0bad", "\x1b[31m", "=1+1", "x" * 1_000_000, "nan", "zz_bad",
    -1, 0, 1e308, 1 << 62, None, True, [], {}, [[]], float("nan"), "9999-12-31T23:59:60", "\u202e",
)  # fmt: skip
"""Hostile values of a field."""

JSON = (
    b"",
    b"[]",
    b"null",
    b"{}",
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'"' + b"x" * 10**6,
)


def _bytes(path: Path, rng: Random) -> None:
    path.write_bytes(rng.randbytes(rng.choice((0, 1, 100, 10_000))))


def _cut(path: Path, rng: Random) -> None:
    os.truncate(path, rng.randrange(path.stat().st_size + 1))


def _flip(path: Path, rng: Random) -> None:
    content = bytearray(path.read_bytes())
    for _ in range(rng.randint(1, 20)):
        content[rng.randrange(min(len(content), rng.choice((200, 10**9))))] = rng.randrange(256)
    path.write_bytes(content)


def _grow(path: Path, rng: Random) -> None:
    with path.open("ab") as file:
        file.write(rng.choice((rng.randbytes(3000), b"\0" * 10_000, b"a,b,c\n" * 500)))


def _kind(path: Path, rng: Random) -> None:
    path.unlink()
    make: Callable[[], object] = rng.choice(
        (path.mkdir, lambda: os.mkfifo(path), lambda: path.symlink_to(path.name), lambda: None)
    )
    make()


def _swap(path: Path, rng: Random) -> None:
    others = [one for one in path.parent.parent.rglob("*") if one.is_file() and one != path]
    shutil.copy(rng.choice(others), path)


def _json(path: Path, rng: Random) -> None:
    """Replace one field of a JSON file, or all of it."""
    if rng.random() < 0.3:
        path.write_bytes(rng.choice(JSON))
        return
    whole = json.loads(path.read_bytes())
    places = list(_places(whole))
    inside, key = rng.choice(places)
    if rng.random() < 0.2:
        del inside[key]
    else:
        inside[key] = rng.choice(VALUES)
    path.write_text(json.dumps(whole))


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every place of a JSON value, as what holds it and the key."""
    keys = value.keys() if isinstance(value, dict) else range(len(value))
    found = []
    for key in keys if isinstance(value, dict | list) else ():
        found.append((value, key))
        if isinstance(value[key], dict | list):
            found += _places(value[key])
    return found


def _csv(path: Path, rng: Random) -> None:
    """Replace, add or drop a cell of a table."""
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    row = rng.choice(rows)
    how = rng.random()
    if how < 0.7:
        row[rng.randrange(len(row))] = str(rng.choice(VALUES))
    elif how < 0.85:
        row.append("zz_bad")
    else:
        row.pop()
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)


def _database(path: Path, rng: Random) -> None:
    """Replace a value in a database, or add to what it is made of."""
    with closing(sqlite3.connect(path)) as base, base:
        tables = [
            name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        table = rng.choice(tables)
        columns = [row[1] for row in base.execute(f'PRAGMA table_info("{table}")')]
        column = rng.choice(columns)
        if rng.random() < 0.15:
            base.execute(rng.choice((
                f'CREATE VIEW zz_bad AS SELECT * FROM "{table}"',
                f'ALTER TABLE "{table}" ADD zz_bad',
                f'DROP TABLE "{table}"', "PRAGMA user_version = 999", f'DELETE FROM "{table}"',
            )))  # fmt: skip
            return
        value = rng.choice((b"\xff\0blob", *VALUES))
        value = json.dumps(value) if isinstance(value, list | dict) else value
        base.execute("PRAGMA ignore_check_constraints = 1")
        first = f'"{column}" IS (SELECT "{column}" FROM "{table}")'  # not all tables have a rowid
        with suppress(sqlite3.IntegrityError):  # a key of integers takes nothing else
            base.execute(f'UPDATE OR IGNORE "{table}" SET "{column}" = ? WHERE {first}', (value,))


BY_SUFFIX = {".json": _json, ".csv": _csv, ".db": _database}
ANY = (_bytes, _cut, _flip, _grow, _kind, _swap)


def crafted(ground: Path, leaf: Leaf, slot: Slot, rng: Random) -> Plan:
    """A run on a folder or file of which one part has been changed."""
    given = ground / slot.given
    files = sorted(one for one in given.rglob("*") if one.is_file() and "_kept" not in one.name)
    path = rng.choice(files or [given])
    special = BY_SUFFIX.get(path.suffix)
    (special if special and rng.random() < 0.7 else rng.choice(ANY))(path, rng)
    return Plan(leaf.words(), named=(path.name, path.stem, slot.given))
