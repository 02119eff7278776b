"""``curves.csv``: ROC and precision-recall curves, as numbers to draw."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import FileError
from napari_iris.io.atomic import atomic_open
from napari_iris.metrics.ranking import Curve

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from napari_iris.evaluation.pooled_scores import PooledScores

CURVES = "curves.csv"
COLUMNS = ("of", "answer", "threshold", "hit", "false", "recall", "fall_out", "precision")

Curves = dict[str, dict[str, Curve]]
"""By what was counted, ``pixels`` or ``frames``, then by answer: ``model``, and ``against``."""


def write_curves(path: Path, blocks: Mapping[str, PooledScores | None]) -> None:
    """Write the curves of all probabilities, one line per threshold, from the highest down.

    Parameters
    ----------
    path : Path
        File to write.
    blocks : mapping of str to PooledScores or None
        By what was counted: ``pixels``, ``frames``.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    with atomic_open(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        table = csv.writer(text, lineterminator="\n")
        table.writerow(COLUMNS)
        for of, block in blocks.items():
            for answer, curve in {} if block is None else block.curves.items():
                parts = (curve.recall, curve.false_positive_rate, curve.precision)
                columns = (curve.threshold, curve.hit, curve.false, *parts)
                for row in zip(*(column.tolist() for column in columns), strict=True):
                    numbers = ("" if value != value else f"{value:.9g}" for value in row[3:])  # noqa: PLR0124
                    table.writerow((of, answer, f"{row[0]:.9g}", *row[1:3], *numbers))
        text.detach()


def read_curves(path: Path) -> Curves:
    """Read curves that `write_curves` has written.

    Parameters
    ----------
    path : Path
        File to read.

    Raises
    ------
    FileError
        If it cannot be read, or holds something else.
    """
    rows: dict[tuple[str, str], list[tuple[float, int, int]]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                point = float(row["threshold"]), int(row["hit"]), int(row["false"])
                rows.setdefault((row["of"], row["answer"]), []).append(point)
    except (OSError, KeyError, ValueError, TypeError, csv.Error) as error:
        raise FileError(path, f"holds no curves ({error})", "evaluate again") from error
    found: Curves = {}
    for (of, answer), points in rows.items():
        threshold, hit, false = zip(*points, strict=True)
        counts = np.array(hit, np.int64), np.array(false, np.int64)
        found.setdefault(of, {})[answer] = Curve(np.array(threshold, np.float32), *counts)
    return found
