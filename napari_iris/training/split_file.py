"""``run/split.csv``: which frame a run learnt from, was judged by, or left for a test."""

from __future__ import annotations

import csv
import io
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import ModelError
from napari_iris.frames.paths import FramePaths
from napari_iris.io.atomic import atomic_open
from napari_iris.project.frame_table import PARTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.dataset import Parts, Samples, Source

LEFT_OUT = "left_out"
"""Part of a frame that is in none: not labelled, a copy, or too near another part."""

FIX = "train the model again"

SPLIT_PARTS = (*PARTS, LEFT_OUT)
COLUMNS = ("frame", "part", "time", "path", "hash")


@dataclass(frozen=True, eq=False)
class Identities:
    """Frames by what they are known again by: their file, and their pixels whatever the file.

    Attributes
    ----------
    paths : frozenset of str
        Their files.
    hashes : frozenset of bytes
        Their content hashes.
    """

    paths: frozenset[str] = frozenset()
    hashes: frozenset[bytes] = frozenset()

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str]]) -> Identities:
        """Make them of files and content hashes as hexadecimal digits; either may be empty."""
        known = list(rows)
        hashes = (bytes.fromhex(digits) for _, digits in known if digits)
        return cls(frozenset(path for path, _ in known if path), frozenset(hashes))

    def __or__(self, other: Identities) -> Identities:
        return Identities(self.paths | other.paths, self.hashes | other.hashes)

    def among(self, samples: Samples) -> NDArray[np.bool_]:
        """Tell which samples are among these frames."""
        pairs = zip(samples.paths.packed.tolist(), samples.facts.frame_hash, strict=True)
        found = (os.fsdecode(path) in self.paths or one in self.hashes for path, one in pairs)
        return np.fromiter(found, np.bool_, len(samples))


def write_split(path: Path, source: Source, parts: Parts) -> None:
    """Write the part of every sample, row by row.

    Parameters
    ----------
    path : Path
        File to write.
    source : Source
        The samples.
    parts : Parts
        Their split. Samples after those that were split are simulated ones, to train on; they have
        no path.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    with atomic_open(path) as file:
        text = io.TextIOWrapper(file, "utf-8", errors="surrogateescape", newline="")
        table = csv.writer(text, lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows(_rows(source, parts))
        text.detach()  # flushes, and leaves the file to be closed by the one who opened it


def read_split(path: Path) -> dict[str, FramePaths]:
    """Read the frames of each part.

    Parameters
    ----------
    path : Path
        File that `write_split` wrote.

    Returns
    -------
    dict of str to FramePaths
        By 'train', 'validation', 'test' and 'left out'; simulated frames are not among them.

    Raises
    ------
    ModelError
        If it is missing or damaged.
    """
    return {
        part: FramePaths(np.array([os.fsencode(row[0]) for row in rows], np.bytes_))
        for part, rows in _read(path).items()
    }


def read_identities(path: Path) -> dict[str, Identities]:
    """Read the frames of each part, to know them again; see `read_split`."""
    try:
        return {part: Identities.of(rows) for part, rows in _read(path).items()}
    except ValueError as error:
        raise ModelError(path, f"is damaged ({error})", FIX) from error


def _read(path: Path) -> dict[str, list[tuple[str, str]]]:
    """Read file and content hash of each frame, by part."""
    found: dict[str, list[tuple[str, str]]] = {part: [] for part in SPLIT_PARTS}
    try:
        with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            for row in csv.DictReader(file):
                if row["path"]:
                    found[row["part"]].append((row["path"], row.get("hash") or ""))
    except FileNotFoundError as error:
        raise ModelError(path, "is missing", FIX) from error
    except (OSError, KeyError, csv.Error) as error:
        raise ModelError(path, f"is damaged ({error})", FIX) from error
    return found


def _rows(source: Source, parts: Parts) -> Iterator[tuple[str, ...]]:
    members = [getattr(parts, part) for part in PARTS]
    real = sum(map(len, members)) + parts.left_out
    codes = np.full(len(source), PARTS.index("train"), np.int8)
    codes[:real] = SPLIT_PARTS.index(LEFT_OUT)
    for code, rows in enumerate(members):
        codes[rows] = code
    for row, code in enumerate(codes.tolist()):
        sample = source[row]
        time = "" if np.isnat(sample.time) else str(sample.time)
        path = str(sample.path) if row < real else ""
        digits = source.facts.frame_hash[row].hex() if row < real else ""
        yield sample.name, SPLIT_PARTS[code], time, path, digits
