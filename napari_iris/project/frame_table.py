"""All frames of a project as columns: a hundred thousand rows at a glance."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.frames.paths import FramePaths, natural_key
from napari_iris.labels import FRAME_CLASSES, STATUSES, FrameClass, Status

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from numpy.typing import NDArray

UNKNOWN = -1
"""Code of a class or part that is not set."""

PARTS = ("train", "validation", "test")

_STATUS_CODES: dict[str, int] = {status: code for code, status in enumerate(STATUSES)}
_SKY_CODES: dict[str | None, int] = {
    None: UNKNOWN,
    **{sky: code for code, sky in enumerate(FRAME_CLASSES)},
}
_PART_CODES: dict[str | None, int] = {
    None: UNKNOWN,
    **{part: code for code, part in enumerate(PARTS)},
}

SELECT = """
SELECT frame.id, path, time, status, sky, part, COALESCE(same_as, like, 0), same_as IS NOT NULL,
       auto.trust, model.uncertainty,
       COALESCE(human.cloud_fraction, model.cloud_fraction, auto.cloud_fraction),
       labelled_at
FROM frame
LEFT JOIN mask AS auto ON auto.id = frame.auto
LEFT JOIN mask AS model ON model.id = frame.model
LEFT JOIN mask AS human ON human.id = frame.human
"""


@dataclass(frozen=True, eq=False)
class FrameTable:
    """One row a frame, in order of time; frames without a time follow in natural order.

    Attributes
    ----------
    id : ndarray of int64, shape (frames,)
        Number of the frame in the database.
    packed : ndarray of bytes
        Absolute path, as in `FramePaths`.
    time : ndarray of datetime64[us]
        When it was taken, UTC; NaT where not known.
    status, sky, part : ndarray of int8
        Codes: places in ``STATUSES``, ``FRAME_CLASSES`` and ``PARTS``; -1 where not set.
    twin : ndarray of int64
        Earlier frame that is the same or looks the same; 0 for none.
    same : ndarray of bool
        Whether that twin has the same pixels.
    trust, uncertainty, cloud_fraction : ndarray of float32
        Of the automatic mask, of the model's mask, of the mask in force; 0 to 1, or NaN.
    labelled_at : ndarray of int64
        When a person last decided [us since 1970]; 0 for never.
    """

    id: NDArray[np.int64]
    packed: NDArray[np.bytes_]
    time: NDArray[np.datetime64]
    status: NDArray[np.int8]
    sky: NDArray[np.int8]
    part: NDArray[np.int8]
    twin: NDArray[np.int64]
    same: NDArray[np.bool_]
    trust: NDArray[np.float32]
    uncertainty: NDArray[np.float32]
    cloud_fraction: NDArray[np.float32]
    labelled_at: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.id)

    @classmethod
    def load(cls, folder: Path, connection: sqlite3.Connection) -> FrameTable:
        """Read all frames of the project in `folder`."""
        table = cls._of(folder, connection.execute(SELECT).fetchall())
        order = np.argsort(table.time)  # NaT sorts last
        if len(np.unique(table.time)) < len(table):
            names = np.array([natural_key(path) for path in table.packed.tolist()], np.bytes_)
            order = np.lexsort((names, table.time))
        return cls(*(getattr(table, field.name)[order] for field in fields(cls)))

    @classmethod
    def _of(cls, folder: Path, rows: list[tuple[Any, ...]]) -> FrameTable:
        def column(place: int, dtype: str, missing: float = 0) -> NDArray[Any]:
            values = map(itemgetter(place), rows)
            return np.array([missing if value is None else value for value in values], dtype)

        nat = np.iinfo(np.int64).min
        root = str(folder)
        paths = [os.fsencode(os.path.join(root, row[1])) for row in rows]  # noqa: PTH118 (speed)
        return cls(
            id=column(0, "i8"),
            packed=np.array(paths, np.bytes_),
            time=column(2, "i8", nat).astype("M8[us]"),
            status=np.array([_STATUS_CODES[row[3]] for row in rows], np.int8),
            sky=np.array([_SKY_CODES[row[4]] for row in rows], np.int8),
            part=np.array([_PART_CODES[row[5]] for row in rows], np.int8),
            twin=column(6, "i8"),
            same=column(7, "?"),
            trust=column(8, "f4", np.nan),
            uncertainty=column(9, "f4", np.nan),
            cloud_fraction=column(10, "f4", np.nan),
            labelled_at=column(11, "i8"),
        )

    @property
    def paths(self) -> FramePaths:
        """The frames' files."""
        return FramePaths(self.packed)

    def status_of(self, row: int) -> Status:
        """Status of one frame."""
        return STATUSES[int(self.status[row])]

    def class_of(self, row: int) -> FrameClass | None:
        """Class of one frame; None where not set."""
        return None if self.sky[row] == UNKNOWN else FRAME_CLASSES[int(self.sky[row])]

    def row_of(self, frame: int) -> int:
        """Row of the frame with a number in the database."""
        rows = np.flatnonzero(self.id == frame)
        if not len(rows):
            raise KeyError(f"no frame {frame}")
        return int(rows[0])

    def renew(self, folder: Path, connection: sqlite3.Connection, frame: int) -> None:
        """Read one frame again, in place; one that has come since is left for the next load."""
        if not np.any(self.id == frame):
            return
        found = connection.execute(f"{SELECT} WHERE frame.id = ?", (frame,)).fetchall()
        one, row = self._of(folder, found), self.row_of(frame)
        for field in fields(self):
            if field.name != "packed":
                getattr(self, field.name)[row] = getattr(one, field.name)[0]


def is_status(table: FrameTable, *statuses: Status) -> NDArray[np.bool_]:
    """Which frames have one of the statuses."""
    return np.isin(table.status, [_STATUS_CODES[status] for status in statuses])
