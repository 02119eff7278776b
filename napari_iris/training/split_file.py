"""``run/split.csv``: which frame a run learnt from, was judged by, or left for a test."""

from __future__ import annotations

import csv
import io
import os
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import ModelError
from napari_iris.frames.paths import FramePaths
from napari_iris.frames.write import atomic_open
from napari_iris.project.frame_table import PARTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_iris.dataset import Parts, Source

LEFT_OUT = "left_out"
"""Part of a frame that is in none: not labelled, a copy, or too near another part."""

SPLIT_PARTS = (*PARTS, LEFT_OUT)
COLUMNS = ("frame", "part", "time", "path")


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
    fix = "train the model again"
    found: dict[str, list[bytes]] = {part: [] for part in SPLIT_PARTS}
    try:
        with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            for row in csv.DictReader(file):
                if row["path"]:
                    found[row["part"]].append(os.fsencode(row["path"]))
    except FileNotFoundError as error:
        raise ModelError(path, "is missing", fix) from error
    except (OSError, KeyError, csv.Error) as error:
        raise ModelError(path, f"is damaged ({error})", fix) from error
    return {part: FramePaths(np.array(paths, np.bytes_)) for part, paths in found.items()}


def _rows(source: Source, parts: Parts) -> Iterator[tuple[str, str, str, str]]:
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
        yield sample.name, SPLIT_PARTS[code], time, path
