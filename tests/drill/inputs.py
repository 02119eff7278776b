"""Hostile and unlucky inputs: paths, lists, frames, options."""

from __future__ import annotations

import gzip
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from astropy.io import fits

from tests.drill.ground import frame, time_of, write_frame
from tests.drill.limits import without_rights
from tests.drill.process import Plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from tests.drill.commands import Leaf, Slot

BAD = "zz_bad"
"""Begin of the name of each bad input."""

LONG = "n" * 300
ESCAPE = "\x1b[31m\x07"
LISTS = {
    "names itself": b"@zz_bad.txt\n",
    "binary": bytes(range(1, 256)) * 9,
    "Latin-1": "zz_bad\xe4.fits\n".encode("latin-1"),
    "with NUL": b"zz_bad\0.fits\n",
    "one long line": b"zz_bad" * 9000,
    "escapes": f"zz_bad{ESCAPE}\n".encode(),
    "empty": b"",
    "options": b"--zz_bad\n",
    "missing list": b"@zz_bad_list\n",
}
MADE: dict[str, Callable[[Path], object]] = {
    "link that loops": lambda path: path.symlink_to(path.name),
    "link to nothing": lambda path: path.symlink_to("nothing"),
    "pipe": os.mkfifo,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "full device": lambda path: path.symlink_to("/dev/full"),
    "empty folder": os.mkdir,
    "empty file": Path.touch,
    "text": lambda path: path.write_text("no FITS, no model, nothing\n"),
    "below a file": lambda path: path.with_suffix("").touch(),
}
"""Paths that are there, but of another kind."""

NAMED = {
    "missing": (BAD, (BAD,)),
    "empty": ("", ("''",)),
    "name too long": (LONG, (LONG[:40],)),
    "path too long": ("zz_bad/" * 900, ("zz_bad/",)),
    "controls": (f"{BAD}{ESCAPE}", (BAD,)),
    "line end": (f"{BAD}\nname", (BAD,)),
    "not UTF-8": (f"{BAD}\udcff\udcfe", (BAD,)),
    "address": ("http://localhost:9/zz_bad.fits", (BAD,)),
    "a bracket": (f"{BAD}[", (BAD,)),
    "a glob": (f"{BAD}/**/*", (BAD,)),
    "an option": (f"--{BAD}", ()),
    "of nobody": ("~nobody/zz_bad", (BAD,)),
}
"""Paths that are not there."""

ODD = (ESCAPE, " ", "\n", "\udcff", "=1+1", "%s{0}", "\u202e", "n" * 200)
"""Parts of hostile names."""


def is_output(slot: Slot, leaf: Leaf) -> bool:
    """Whether an argument names what is written."""
    return slot.given.partition("/")[0] in leaf.outputs


def path_kinds() -> list[str]:
    """Names of all bad paths."""
    lists = (f"list: {name}" for name in LISTS)
    return [*NAMED, *MADE, *lists, "no permission", "a folder as list", "a copy of a hostile name"]


def bad_path(kind: str, ground: Path, leaf: Leaf, slot: Slot, rng: Random) -> Plan:
    """A run with a bad path in one of its slots."""
    if kind in NAMED:
        word, texts = NAMED[kind]
        touched = {"of nobody": "~nobody", "address": "http:"}.get(kind, BAD)
        return Plan(
            leaf.words({slot: [word]}), bad=texts, touched=touched if is_output(slot, leaf) else ""
        )
    if kind.startswith("list: "):
        (ground / f"{BAD}.txt").write_bytes(LISTS[kind[6:]])
        return Plan(leaf.words({slot: [f"@{BAD}.txt"]}), touched=BAD)
    if kind == "a folder as list":
        return Plan(leaf.words({slot: ["@night"]}), bad=("night",))
    path = ground / f"{BAD}{Path(slot.given).suffix}"
    if kind == "no permission":
        _copy(ground / slot.given, path)
        path.chmod(0)
        plan = Plan(leaf.words({slot: [path.name]}), bad=(BAD,), limits=[without_rights])
        plan.after = lambda: path.chmod(0o700)
        return plan
    if kind == "a copy of a hostile name":
        source = ground / slot.given
        start = rng.choice([ESCAPE, " ", "\n", "\udcff", "=1+1", "%s{0}"])
        path = source.with_name(start + path.name)
        _copy(source, path)
        touched = path.name if is_output(slot, leaf) else ""
        return Plan(leaf.words({slot: [str(path.relative_to(ground))]}), touched=touched)
    path = path.with_suffix("") if kind == "below a file" else path
    MADE[kind](path)
    word = f"{path.name}/below" if kind == "below a file" else path.name
    return Plan(
        leaf.words({slot: [word]}), bad=(BAD,), touched=BAD if is_output(slot, leaf) else ""
    )


def _copy(source: Path, path: Path) -> None:
    """Copy a file or folder; an output is not there yet, and is made as a folder."""
    if source.is_file():
        shutil.copy(source, path)
    elif source.is_dir():
        shutil.copytree(source, path)
    else:
        path.mkdir(parents=True)


def _cards(**cards: object) -> Callable[[Path, Random], None]:
    known = {key.replace("_", "-"): value for key, value in cards.items()}
    return lambda path, rng: write_frame(path, frame(0), time_of(0), **known)


def _pixels(make: Callable[[np.ndarray], np.ndarray]) -> Callable[[Path, Random], None]:
    return lambda path, rng: write_frame(path, make(frame(0)), time_of(0))


def _bytes(change: Callable[[bytearray, Random], object]) -> Callable[[Path, Random], None]:
    def write(path: Path, rng: Random) -> None:
        write_frame(path, frame(0), time_of(0))
        content = bytearray(path.read_bytes())
        change(content, rng)
        path.write_bytes(content)

    return write


def _card(old: bytes, new: bytes) -> Callable[[Path, Random], None]:
    """Replace a part of the header by as many bytes."""

    def change(content: bytearray, rng: Random) -> None:
        at = content.index(old)
        content[at : at + len(new)] = new

    return _bytes(change)


def _flip(content: bytearray, rng: Random, end: int) -> None:
    for _ in range(rng.randint(1, 30)):
        content[rng.randrange(end)] = rng.randrange(256)


def _table(path: Path, rng: Random) -> None:
    table = fits.BinTableHDU(np.zeros(3, [("x", "f4")]))
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(path)


def _squeezed(path: Path, rng: Random) -> None:
    write_frame(path, frame(0), time_of(0))
    content = bytearray(gzip.compress(path.read_bytes()))
    _flip(content, rng, len(content))
    path.write_bytes(content)


FRAMES: dict[str, Callable[[Path, Random], None]] = {
    "year 1": _cards(DATE_OBS="0001-01-01T00:00:00+14:00"),
    "year 9999": _cards(DATE_OBS="9999-12-31T23:59:59.999999-14:00"),
    "start of time": _cards(DATE_OBS="0001-01-01T00:00:00"),
    "end of time": _cards(DATE_OBS="9999-12-31T23:59:59.999999"),
    "year 0": _cards(DATE_OBS="0000-00-00T00:00:00"),
    "odd date": _cards(DATE_OBS="2024-02-30T25:61:61"),
    "date is a number": _cards(DATE_OBS=20240115),
    "late MJD": lambda path, rng: write_frame(path, frame(0), "", **{"MJD-OBS": 1e300}),
    "huge temperature": _cards(FPA_TEMP=1e300, CAMERA="x" * 60),
    "text as temperature": _cards(FPA_TEMP="warm", BSCALE=0.0),
    "not a number": _pixels(lambda data: np.full(data.shape, np.nan, np.float32)),
    "infinite": _pixels(lambda data: np.where(data > 600, np.inf, -np.inf).astype(np.float32)),
    "some NaN": _pixels(lambda data: np.where(data > 620, np.nan, data).astype(np.float32)),
    "huge values": _pixels(lambda data: data.astype(np.float64) * 1e300),
    "constant": _pixels(np.zeros_like),
    "one pixel": _pixels(lambda data: data[:1, :1]),
    "one row": _pixels(lambda data: data[:1]),
    "a line": _pixels(lambda data: data[0]),
    "a cube": _pixels(lambda data: np.stack([data] * 3)),
    "five axes": _pixels(lambda data: np.zeros((2, 2, 2, 2, 2), np.int16)),
    "other shape": _pixels(lambda data: np.zeros((77, 13), np.int16)),
    "bytes": _pixels(lambda data: data.astype(np.uint8)),
    "64 bit": _pixels(lambda data: data.astype(np.int64) << 50),
    "a table": _table,
    "gzip, damaged": _squeezed,
    "empty": lambda path, rng: path.touch(),
    "noise": lambda path, rng: path.write_bytes(rng.randbytes(9000)),
    "cut short": _bytes(lambda data, rng: data.__delitem__(slice(rng.randrange(9, 40000), None))),
    "flipped header": _bytes(lambda data, rng: _flip(data, rng, 2880)),
    "flipped": _bytes(lambda data, rng: _flip(data, rng, len(data))),
    "no END": _card(b"END   ", b"ENT   "),
    "huge sides": _card(b"NAXIS1  =                  160", b"NAXIS1  =           1000000160"),
    "negative side": _card(b"NAXIS1  =                  160", b"NAXIS1  =                 -160"),
    "no side": _card(b"NAXIS1  =                  160", b"NAXIS1  =                    x"),
    "odd BITPIX": _card(b"BITPIX  =                   16", b"BITPIX  =                   17"),
    "many axes": _card(b"NAXIS   =                    2", b"NAXIS   =                  999"),
    "not ASCII": _card(b"CAMERA  = 'TAU2", b"CAMERA  = '\xff\xfe\x1b["),
    "no SIMPLE": _card(b"SIMPLE  =                    T", b"SIMPLE  =                    F"),
    "trailing bytes": _bytes(lambda data, rng: data.extend(rng.randbytes(5000))),
}
"""Bad frames, and some that are odd."""


def bad_frame(kind: str, ground: Path, leaf: Leaf, slot: Slot, rng: Random) -> Plan:
    """A run on a night with one such frame."""
    suffix = "_mask.fits" if slot.given == "masks" else "_pred.fits"
    name = f"{BAD}{'.fits' if slot.given == 'night' else suffix}"
    FRAMES[kind](ground / slot.given / name, rng)
    return Plan(leaf.words(), named=(BAD,) if slot.given == "night" else ())


VALUES = (
    "",
    "-1",
    "0",
    "nan",
    "inf",
    "-inf",
    "1e400",
    "9" * 30,
    "x" * 5000,
    "٣",
    "1_0",
    "0x10",
    " ",
)
TEXTS = ("", "zz_bad", ESCAPE, "n" * 5000, "\udcff", "*", "\n", "nan", "None", "zz_bad/..")
UNBOUNDED = ("--count", "--epochs", "--nights", "--simulated", "--settle-s", "--patience")
"""Options that say how much is to be done: a huge value is not a fault."""


def bad_option(ground: Path, leaf: Leaf, slot: Slot, rng: Random) -> Plan:
    """A run with a hostile value for an option."""
    values = VALUES if slot.is_number else TEXTS
    if slot.flag in UNBOUNDED:
        values = ("", "-1", "nan", "1e400", "x" * 5000, "٣")
    if slot.many == 0:
        return Plan([*leaf.words(), slot.flag, slot.flag])
    times = slot.many if isinstance(slot.many, int) else rng.choice((1, 1, 2, 9))
    chosen = [rng.choice(values) for _ in range(times)]
    return Plan(leaf.words({slot: chosen}), touched=chosen[0] or BAD)
