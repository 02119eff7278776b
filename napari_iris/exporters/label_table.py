"""``labels.csv``: one line per frame, to be joined with other tables."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.exporters.existing_files import refuse_foreign
from napari_iris.io.tables import write_table
from napari_iris.labels import PARTS
from napari_iris.project.frame_table import UNKNOWN
from napari_iris.project.timestamps import from_us

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_iris.exporters.frame_label import FrameLabel, WrittenFiles
    from napari_iris.io.table_cells import TableWriter
    from napari_iris.project.frame_table import FrameTable

LABELS = "labels.csv"

COLUMNS = (
    *("frame", "date_obs", "status", "class", "cloud_fraction", "trust", "uncertainty", "part"),
    *("labelled_by", "labelled_at", "how", "note", "reason", "same_as", "mask", "image"),
)
"""Columns of the table; empty where unknown.

``cloud_fraction`` is the exported mask's, ``trust`` the automatic mask's, ``uncertainty`` the
model's, 0 to 1; times are UTC; ``same_as`` is an earlier frame with the same pixels; ``mask`` and
``image`` are relative to the table's folder, or absolute for a mask in the project.
"""


class LabelTable:
    """The lines of ``labels.csv``.

    Parameters
    ----------
    table : FrameTable
        All frames of the project.
    writer : TableWriter
        Where the lines are written.
    """

    def __init__(self, table: FrameTable, writer: TableWriter) -> None:
        self._table = table
        self._writer = writer
        self._order = np.argsort(table.id)

    def add(self, row: int, label: FrameLabel, written: WrittenFiles) -> None:
        """Add the line of the frame in one row of the table."""
        table, decision, facts = self._table, label.decision, label.facts
        part = int(table.part[row])
        values = (
            *(label.path, label.date_obs, decision.status, decision.frame_class or ""),
            _number(facts.cloud_fraction if facts else None),
            *(_number(table.trust[row]), _number(table.uncertainty[row])),
            *("" if part == UNKNOWN else PARTS[part], decision.by),
            from_us(decision.at).isoformat(timespec="seconds") if decision.at else "",
            *(decision.how, decision.note, decision.reason, self._same_as(row)),
            *(written.mask, written.image),
        )
        self._writer.writerow(values)

    def _same_as(self, row: int) -> str:
        """File of the earlier frame with the same pixels."""
        if not self._table.is_copy[row]:
            return ""
        place = np.searchsorted(self._table.id, self._table.duplicate_of[row], sorter=self._order)
        return str(self._table.paths[int(self._order[place])])


@contextmanager
def open_label_table(path: Path, table: FrameTable) -> Iterator[LabelTable]:
    """Write a new table, which replaces an older one when the block ends without an error.

    Parameters
    ----------
    path : Path
        File to write.
    table : FrameTable
        All frames of the project.

    Yields
    ------
    LabelTable
        Where to add the lines.

    Raises
    ------
    FileError
        If a file of another kind has its name, or it cannot be written.
    """
    refuse_foreign(path, ",".join(COLUMNS).encode())
    with write_table(path, COLUMNS) as writer:
        yield LabelTable(table, writer)


def _number(value: float | None) -> str:
    return "" if value is None or np.isnan(value) else f"{value:.6g}"
