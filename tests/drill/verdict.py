"""What is wrong with a run: one function for all runs."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import shutil
import sqlite3
import stat
import warnings
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from astropy.io import fits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.drill.process import Plan, Ran

CODES = (0, 1, 2, 130)
MOST = 300
"""Most characters of a line."""

CRASHES = ("Traceback (most", "Exception ignored", "Fatal Python error", "terminate called")
ANYWHERE = ("cache", "tmp")
"""Folders of the ground where any command may write."""

OUTSIDE = Path("/zz_out")
"""Where crafted projects want to write."""

Snapshot = dict[str, tuple[int, bytes]]


def snapshot(folder: Path) -> Snapshot:
    """Kind and content of everything in a folder."""
    return {str(path.relative_to(folder)): _content(path) for path in sorted(_walk(folder))}


def faults(
    plan: Plan, ran: Ran, ground: Path, before: Snapshot, outputs: list[str], *, last: bool
) -> list[str]:
    """List what is wrong with a run.

    `before` is what the ground held, `outputs` is where the command may write. Only the `last` run
    on a ground must have mended all: a kill may leave part files and the cut end of a table.
    """
    found = []
    if ran.code is None:
        found.append("does not end")
    elif ran.code not in CODES and ran.code != -plan.signal:
        found.append(f"exit code {ran.code}")
    printed = (ran.err + ran.out).replace(f"{ground.resolve()}/", "").replace(f"{ground}/", "")
    lines = [line for line in printed.splitlines() if line.strip() and line[0] not in "[{"]
    found += [f"says {word!r}" for word in CRASHES if word in printed]
    found += [f"line of {len(line)}: {line[:60]}" for line in lines if len(line) > MOST]
    found += [f"unprintable: {line[:60]!r}" for line in lines if not line.isprintable()]
    found += _naming(plan, ran, lines)
    if OUTSIDE.exists():
        found.append(f"wrote {OUTSIDE}")
    after = snapshot(ground)
    allowed = (*outputs, *ANYWHERE, *([plan.touched] if plan.touched else []))
    found += [f"changed {name!r}" for name in _changed(before, after, allowed)]
    if plan.meanwhile is None:
        found += [f"lost or changed {name}" for name in _lost(before, after)]
    found += [f"{name} stays" for name in after if last and name.endswith(".part")]
    copied = {*before.values()}
    damaged = plan.touched if plan.meanwhile else None  # by the drill
    for name, content in after.items():
        if content not in copied and name.startswith(tuple(outputs)) and name != damaged:
            found += _unwhole(ground / name, last=last)
    return found


def _naming(plan: Plan, ran: Ran, lines: list[str]) -> Iterator[str]:
    """A bad input is named once; a run that fails says why."""
    if ran.code not in (0, None) and ran.code > 0 and not lines and "err" not in plan.environment:
        yield "fails in silence"
    if plan.signal or ran.code not in (0, 1, 2):
        return
    times = sum(any(text in line for text in plan.bad) for line in lines)
    if plan.bad and times != 1 and (ran.code or times):
        yield f"bad input named {times} times"
    names = plan.named or plan.bad
    if names and ran.code and not any(text in line for text in names for line in lines):
        yield "bad input not named"


def _changed(before: Snapshot, after: Snapshot, allowed: tuple[str, ...]) -> list[str]:
    """What was written, removed or replaced outside of the output."""
    names = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
    return sorted(name for name in names if not name.startswith(allowed))


def _lost(before: Snapshot, after: Snapshot) -> list[str]:
    """Files of a person in the output that are not there, byte for byte."""
    return [name for name in before if "_kept" in name and after.get(name) != before[name]]


def _unwhole(path: Path, *, last: bool) -> Iterator[str]:
    """Say what cannot be read of an output."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _read(path, last=last)
    except Exception as error:
        yield f"{path.name} is not whole: {str(error)[:80]}"


def _read(path: Path, *, last: bool) -> None:
    if not path.is_file():
        return
    if path.name.endswith((".fits", ".fits.gz", ".fz")):
        with fits.open(path) as units:
            for unit in units:
                _ = unit.data
    elif path.suffix == ".json":
        json.loads(path.read_bytes())
    elif path.suffix == ".csv" and last:
        with path.open(newline="", errors="surrogateescape") as file:
            rows = list(csv.reader(file))
        assert all(len(row) == len(rows[0]) for row in rows), "a row is cut short"
    elif path.suffix == ".png":
        from PIL import Image

        with Image.open(path) as picture:
            picture.load()
    elif path.suffix == ".db":
        with TemporaryDirectory() as place:  # the disk of the database may be full
            for one in path.parent.glob(f"{path.name}*"):
                shutil.copy(one, place)
            database = sqlite3.connect(Path(place, path.name))
            (answer,) = database.execute("PRAGMA integrity_check").fetchone()
            database.close()
        assert answer == "ok", answer


def _walk(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            yield Path(place) / name


def _content(path: Path) -> tuple[int, bytes]:
    kind = path.lstat().st_mode
    if stat.S_ISLNK(kind):
        return stat.S_IFMT(kind), os.fsencode(path.readlink())
    content = b""
    if stat.S_ISREG(kind):
        with contextlib.suppress(OSError):
            content = blake2b(path.read_bytes(), digest_size=8).digest()
    return stat.S_IFMT(kind), content
