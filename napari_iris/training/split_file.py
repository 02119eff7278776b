"""``run/split.csv``: the part of every frame of a run, and how to find these frames again."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import ModelError
from napari_iris.frames.names import frame_stem
from napari_iris.frames.paths import FramePaths
from napari_iris.io.tables import read_table, write_table
from napari_iris.labels import PARTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.dataset.samples import Samples, SampleSource
    from napari_iris.dataset.split import Split

LEFT_OUT = "left_out"
"""Part of a frame in none of the three: not labelled, a duplicate, or within the gap."""

FIX = "train the model again"

SPLIT_PARTS = (*PARTS, LEFT_OUT)
COLUMNS = ("frame", "part", "time", "path", "hash")


@dataclass(frozen=True, eq=False)
class FrameIdentities:
    """A set of frames, each identified by its file and by a hash of its pixels.

    The hash finds a frame again after its file was moved or renamed.

    Attributes
    ----------
    paths : frozenset of str
        Files.
    hashes : frozenset of bytes
        Content hashes.
    """

    paths: frozenset[str] = frozenset()
    hashes: frozenset[bytes] = frozenset()

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str]]) -> FrameIdentities:
        """Make the set from files and hexadecimal content hashes; either may be empty."""
        known = list(rows)
        hashes = (bytes.fromhex(digits) for _, digits in known if digits)
        return cls(frozenset(path for path, _ in known if path), frozenset(hashes))

    def __or__(self, other: FrameIdentities) -> FrameIdentities:
        return FrameIdentities(self.paths | other.paths, self.hashes | other.hashes)

    def find_in(self, samples: Samples) -> NDArray[np.bool_]:
        """Find the samples that are frames of this set.

        Parameters
        ----------
        samples : Samples
            The samples.

        Returns
        -------
        ndarray of bool, shape (samples,)
            True where the file or the pixels are in this set.
        """
        pairs = zip(samples.paths.packed.tolist(), samples.table.frame_hash, strict=True)
        found = (os.fsdecode(path) in self.paths or one in self.hashes for path, one in pairs)
        return np.fromiter(found, np.bool_, len(samples))


def write_split(path: Path, source: SampleSource, split: Split, files: int | None = None) -> None:
    """Write the part of every sample, row by row.

    Parameters
    ----------
    path : Path
        File to write.
    source : SampleSource
        The samples; simulated ones have no path.
    split : Split
        Their split; those after the ones that were split are training frames.
    files : int, optional
        How many have files: the first ones; by default, those that were split.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    with write_table(path, COLUMNS) as table:
        table.writerows(_rows(source, split, files))


def read_split(path: Path) -> dict[str, FramePaths]:
    """Read the frames of each part.

    Parameters
    ----------
    path : Path
        File written by `write_split`.

    Returns
    -------
    dict of str to FramePaths
        By 'train', 'validation', 'test' and 'left_out'; without the simulated frames.

    Raises
    ------
    ModelError
        If it is missing or damaged.
    """
    return {
        part: FramePaths(np.array([os.fsencode(row[0]) for row in rows], np.bytes_))
        for part, rows in _read(path).items()
    }


def read_identities(path: Path) -> dict[str, FrameIdentities]:
    """Read the frames of each part, to find them in other data.

    Parameters
    ----------
    path : Path
        File written by `write_split`.

    Returns
    -------
    dict of str to FrameIdentities
        By 'train', 'validation', 'test' and 'left_out'; without the simulated frames.

    Raises
    ------
    ModelError
        If it is missing or damaged.
    """
    try:
        return {part: FrameIdentities.of(rows) for part, rows in _read(path).items()}
    except ValueError as error:
        raise ModelError(path, f"is damaged ({error})", FIX) from error


def _read(path: Path) -> dict[str, list[tuple[str, str]]]:
    """Read file and content hash of each frame, by part."""
    found: dict[str, list[tuple[str, str]]] = {part: [] for part in SPLIT_PARTS}

    def add(row: dict[str, str]) -> None:
        if row["path"]:
            found[row["part"]].append((row["path"], row.get("hash") or ""))

    for _ in read_table(path, ("part", "path"), add, fix=FIX, error=ModelError):
        pass
    return found


def _rows(source: SampleSource, split: Split, files: int | None) -> Iterator[tuple[str, ...]]:
    members = [getattr(split, part) for part in PARTS]
    real = sum(map(len, members)) + split.left_out
    files = real if files is None else files
    codes = np.full(len(source), PARTS.index("train"), np.int8)
    codes[:real] = SPLIT_PARTS.index(LEFT_OUT)
    for code, rows in enumerate(members):
        codes[rows] = code
    for row, code in enumerate(codes.tolist()):
        time, file = source.table.time[row], source.path(row)
        date = "" if np.isnat(time) else str(time)
        path = str(file) if row < files else ""
        digits = source.table.frame_hash[row].hex() if row < files else ""
        yield frame_stem(file), SPLIT_PARTS[code], date, path, digits
