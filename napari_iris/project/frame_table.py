"""All frames of a project as columns."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.frames.paths import FramePaths, natural_key
from napari_iris.labels import FRAME_CLASSES, PARTS, STATUSES, FrameClass, Status
from napari_iris.project.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

UNKNOWN = -1
"""Code of a class or part of the split that is not set."""

_STATUS_CODES: dict[str, int] = {status: code for code, status in enumerate(STATUSES)}
_CLASS_CODES: dict[str | None, int] = {
    None: UNKNOWN,
    **{name: code for code, name in enumerate(FRAME_CLASSES)},
}
_PART_CODES: dict[str | None, int] = {
    None: UNKNOWN,
    **{part: code for code, part in enumerate(PARTS)},
}


@dataclass(frozen=True, eq=False)
class FrameTable:
    """One row per frame, in order of time; frames without a time follow in natural order.

    Attributes
    ----------
    id : ndarray of int64, shape (frames,)
        Number of the frame in the database.
    packed : ndarray of bytes
        Absolute path, as in `FramePaths`.
    time : ndarray of datetime64[us]
        Observation time, UTC; NaT where unknown.
    status, frame_class, part : ndarray of int8
        Codes: indices into ``STATUSES``, ``FRAME_CLASSES`` and ``PARTS``; -1 where not set.
    duplicate_of : ndarray of int64
        Number of the earliest frame that is the same or looks the same; 0 for none.
    is_copy : ndarray of bool
        Whether that frame has the same pixels.
    trust, uncertainty, cloud_fraction : ndarray of float32
        Of the automatic mask, the model's mask and the best active mask, 0 to 1; NaN for none.
    labelled_at : ndarray of int64
        When a person last decided [us since 1970, UTC]; 0 for never.
    floor, median : ndarray of float32
        Level of the frame's coldest part, and its median [ADU]; NaN where not known.
    level, excess : ndarray of float32
        Level of the clear sky in the frame, and the frame's median excess above it [ADU]; NaN where
        the automatic mask rests on no clear-sky reference.
    undecided, disagreement : ndarray of float32
        Part of the frame that is neither surely clear nor surely cloud, and how far structure and
        level disagree, 0 to 1; NaN as above.
    novelty : ndarray of float32
        How unlike the model's training frames the frame is; above 1 it is unlike them. NaN where
        not known.
    from_model : ndarray of bool
        Whether the active mask is a model's: the frame has one, and no human mask.
    """

    id: NDArray[np.int64]
    packed: NDArray[np.bytes_]
    time: NDArray[np.datetime64]
    status: NDArray[np.int8]
    frame_class: NDArray[np.int8]
    part: NDArray[np.int8]
    duplicate_of: NDArray[np.int64]
    is_copy: NDArray[np.bool_]
    trust: NDArray[np.float32]
    uncertainty: NDArray[np.float32]
    cloud_fraction: NDArray[np.float32]
    labelled_at: NDArray[np.int64]
    floor: NDArray[np.float32]
    median: NDArray[np.float32]
    level: NDArray[np.float32]
    excess: NDArray[np.float32]
    undecided: NDArray[np.float32]
    disagreement: NDArray[np.float32]
    novelty: NDArray[np.float32]
    from_model: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.id)

    @classmethod
    def load(cls, repository: Repository) -> FrameTable:
        """Read all frames of a project."""
        table = cls._of(repository.folder, repository.table_rows())
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
            frame_class=np.array([_CLASS_CODES[row[4]] for row in rows], np.int8),
            part=np.array([_PART_CODES[row[5]] for row in rows], np.int8),
            duplicate_of=column(6, "i8"),
            is_copy=column(7, "?"),
            trust=column(8, "f4", np.nan),
            uncertainty=column(9, "f4", np.nan),
            cloud_fraction=column(10, "f4", np.nan),
            labelled_at=column(11, "i8"),
            floor=column(12, "f4", np.nan),
            median=column(13, "f4", np.nan),
            level=column(14, "f4", np.nan),
            excess=column(15, "f4", np.nan),
            undecided=column(16, "f4", np.nan),
            disagreement=column(17, "f4", np.nan),
            novelty=column(18, "f4", np.nan),
            from_model=column(19, "?"),
        )

    @property
    def paths(self) -> FramePaths:
        """Files of the frames."""
        return FramePaths(self.packed)

    def status_of(self, row: int) -> Status:
        """Status of one frame."""
        return STATUSES[int(self.status[row])]

    def class_of(self, row: int) -> FrameClass | None:
        """Class of one frame; None where not set."""
        code = int(self.frame_class[row])
        return None if code == UNKNOWN else FRAME_CLASSES[code]

    def row_of(self, frame: int) -> int:
        """Row of a frame, by its number in the database; KeyError where it is not in the table."""
        rows = np.flatnonzero(self.id == frame)
        if not len(rows):
            raise KeyError(f"no frame {frame}")
        return int(rows[0])

    def refresh(self, repository: Repository, *frames: int) -> None:
        """Read some frames again, in place; those that are not in the table are left out."""
        some = self._of(repository.folder, repository.table_rows(frames))
        rows = np.flatnonzero(np.isin(self.id, some.id))
        order = np.argsort(some.id)
        places = order[np.searchsorted(some.id, self.id[rows], sorter=order)]
        for field in fields(self):
            if field.name != "packed":
                getattr(self, field.name)[rows] = getattr(some, field.name)[places]


def read_table(folder: Path) -> FrameTable:
    """Read all frames of a project, in any thread.

    Parameters
    ----------
    folder : Path
        The project folder, absolute.

    Returns
    -------
    FrameTable
        Of its current state.

    Raises
    ------
    ProjectError
        If it cannot be read.
    """
    with Repository(folder, read_only=True) as repository:
        return FrameTable.load(repository)


def is_status(table: FrameTable, *statuses: Status) -> NDArray[np.bool_]:
    """Select frames by status.

    Parameters
    ----------
    table : FrameTable
        The frames.
    *statuses : Status
        Statuses to select.

    Returns
    -------
    ndarray of bool, shape (frames,)
        Whether each frame has one of the statuses.
    """
    return np.isin(table.status, [_STATUS_CODES[status] for status in statuses])
