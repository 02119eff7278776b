"""A project that is open: its frames, their masks, and what was said of each."""

from __future__ import annotations

import json
import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from napari_iris.errors import ProjectError
from napari_iris.io.atomic import make_folder
from napari_iris.labels import FRAME_CLASSES, STATUSES, TAGS, Tag
from napari_iris.project.database import connect, told
from napari_iris.project.folder import MASKS, check_there, take_lock
from napari_iris.project.frame_table import FrameTable
from napari_iris.project.history import Decision, Entry, MaskFacts, moment
from napari_iris.project.mask_store import MaskStore

if TYPE_CHECKING:
    from types import TracebackType

    from numpy.typing import NDArray

HISTORY = """
SELECT at, by, 'mask', tag || ': ' || method, id FROM mask WHERE frame = ?
UNION ALL SELECT at, by, what, value, NULL FROM event WHERE frame = ? ORDER BY at
"""


class OpenProject:
    """A project folder as it can be looked at: ``iris.db`` and ``masks/``.

    Parameters
    ----------
    folder : Path or str
        The project folder; made, with an empty project, if need be.
    read_only : bool
        Whether to look only; then the project must exist.
    alone : bool
        Whether to hold the lock of whoever labels.

    Attributes
    ----------
    table : FrameTable
        Its frames.
    store : MaskStore
        Its masks.
    connection : Connection
        Its database.

    Raises
    ------
    ProjectError
        If it is no project, damaged, locked, or of a newer version.
    """

    def __init__(
        self,
        folder: Path | str,
        *,
        read_only: bool = False,
        alone: bool = False,
    ) -> None:
        self.folder = Path(os.path.abspath(folder))  # noqa: PTH100 (Path.absolute keeps the dots)
        self.read_only = read_only
        self.store = MaskStore(self.folder / MASKS)
        check_there(self.folder, read_only=read_only)
        make_folder(self.folder)
        self._lock = take_lock(self.folder) if alone else None
        try:
            self.connection = connect(self.folder, read_only=read_only)
            self.reload()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database; nothing is pending."""
        if hasattr(self, "connection"):
            self.connection.close()
        if self._lock is not None:
            self._lock.release()

    def reload(self) -> None:
        """Read all frames again, as another program left them."""
        with told(self.folder):
            self.table = FrameTable.load(self.folder, self.connection)

    @property
    def sources(self) -> list[str]:
        """Files, folders and globs that frames were taken from, to look there again."""
        with told(self.folder):
            row = self.connection.execute(
                "SELECT value FROM project WHERE key = 'sources'"
            ).fetchone()
        return list(json.loads(row[0])) if row else []

    def shape_of(self, row: int) -> tuple[int, int]:
        """Rows and columns of the frame in a row of the table."""
        rows, columns = self._one(
            "SELECT rows, columns FROM frame WHERE id = ?", int(self.table.id[row])
        )
        return rows, columns

    def status(self) -> dict[str, object]:
        """Count frames by status and class, masks by tag, and duplicates."""
        table = self.table
        with told(self.folder):
            masks = self.connection.execute(
                f"SELECT {', '.join(f'COUNT({tag})' for tag in TAGS)} FROM frame"
            ).fetchone()
        return {
            "frames": len(table),
            "status": {
                name: int(np.count_nonzero(table.status == code))
                for code, name in enumerate(STATUSES)
            },
            "class": {
                name: int(np.count_nonzero(table.sky == code))
                for code, name in enumerate(FRAME_CLASSES)
            },
            "masks": dict(zip(TAGS, map(int, masks), strict=True)),
            "duplicates": {
                "same": int(np.count_nonzero(table.same)),
                "alike": int(np.count_nonzero((table.twin > 0) & ~table.same)),
            },
        }

    def decision(self, frame: int) -> Decision:
        """Give what is known of a frame's label."""
        row = self._one(
            "SELECT status, sky, reason, note, COALESCE(labelled_by, ''),"
            " COALESCE(labelled_how, ''), COALESCE(labelled_at, 0) FROM frame WHERE id = ?",
            frame,
        )
        return Decision(*row)

    def mask(self, frame: int, tag: Tag | None = None) -> NDArray[np.uint8] | None:
        """Mask in force of a frame: of a tag, or the best there is: human, model, auto.

        Returns
        -------
        ndarray of uint8, shape (rows, columns), or None
            0 sky, 1 cloud, 2 ignore; None where there is none.

        Raises
        ------
        MaskError
            If its file is missing or damaged.
        """
        tags = [tag] if tag else list(reversed(TAGS))
        for one in tags:
            found = self._one(
                f"SELECT object FROM frame LEFT JOIN mask ON mask.id = frame.{one}"
                " WHERE frame.id = ?",
                frame,
            )[0]
            if found:
                return self.store.read(found)
        return None

    def mask_facts(self, frame: int, tag: Tag | None = None) -> MaskFacts | None:
        """Give what is known of the mask that `mask` gives; None where there is none."""
        for one in [tag] if tag else reversed(TAGS):
            row = self._one(
                "SELECT tag, object, cloud_fraction, trust, uncertainty, threshold, method, by, at"
                f" FROM frame LEFT JOIN mask ON mask.id = frame.{one} WHERE frame.id = ?",
                frame,
            )
            if row[0]:
                return MaskFacts(*row)
        return None

    def tags(self, frame: int) -> tuple[Tag, ...]:
        """Tags a frame has masks of."""
        found = self._one(f"SELECT {', '.join(TAGS)} FROM frame WHERE id = ?", frame)
        return tuple(tag for tag, mask in zip(TAGS, found, strict=True) if mask)

    def history(self, frame: int) -> list[Entry]:
        """All that was ever decided of a frame, oldest first."""
        with told(self.folder):
            rows = self.connection.execute(HISTORY, (frame, frame)).fetchall()
        return [Entry(moment(at), by, what, value, mask) for at, by, what, value, mask in rows]

    def _one(self, query: str, frame: int) -> tuple[Any, ...]:
        with told(self.folder):
            row = self.connection.execute(query, (frame,)).fetchone()
        if row is None:
            raise ProjectError(self.folder, f"has no frame {frame}", "reload the project")
        return tuple(row)


def read_table(folder: Path) -> FrameTable:
    """Read all frames of a project, in any thread."""
    with told(folder), closing(connect(folder, read_only=True)) as connection:
        return FrameTable.load(folder, connection)
