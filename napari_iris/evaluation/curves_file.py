"""``curves.csv``: ROC and precision-recall curves, as numbers to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.io.tables import read_table, write_table
from napari_iris.metrics.ranking import Curve

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from napari_iris.evaluation.pooled_scores import PooledScores

CURVES = "curves.csv"
COLUMNS = ("of", "answer", "threshold", "hit", "false", "recall", "fall_out", "precision")
NEEDED = COLUMNS[:5]
"""Columns that a curve is read from."""

Curves = dict[str, dict[str, Curve]]
"""By what was counted, ``pixels`` or ``frames``, then by method: ``model``, and ``against``."""


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
    with write_table(path, COLUMNS) as table:
        for of, block in blocks.items():
            for method, curve in {} if block is None else block.curves.items():
                parts = (curve.recall, curve.false_positive_rate, curve.precision)
                columns = (curve.threshold, curve.hit, curve.false, *parts)
                for row in zip(*(column.tolist() for column in columns), strict=True):
                    numbers = ("" if value != value else f"{value:.9g}" for value in row[3:])  # noqa: PLR0124
                    table.writerow((of, method, f"{row[0]:.9g}", *row[1:3], *numbers))


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
    for curve, point in read_table(path, NEEDED, _point, fix="evaluate again"):
        rows.setdefault(curve, []).append(point)
    found: Curves = {}
    for (of, method), points in rows.items():
        threshold, hit, false = zip(*points, strict=True)
        counts = np.array(hit, np.int64), np.array(false, np.int64)
        found.setdefault(of, {})[method] = Curve(np.array(threshold, np.float32), *counts)
    return found


def _point(row: dict[str, str]) -> tuple[tuple[str, str], tuple[float, int, int]]:
    """Curve that a row belongs to, and its threshold, hits and false alarms."""
    point = float(row["threshold"]), int(np.int64(row["hit"])), int(np.int64(row["false"]))
    return (row["of"], row["answer"]), point
