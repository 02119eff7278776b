"""All queries of a project's database; `Transaction` has the changes."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from napari_iris.errors import ProjectError
from napari_iris.labels import TAGS
from napari_iris.project.database import connect, transaction
from napari_iris.project.folder import stored_path
from napari_iris.project.queries import GROWING, HISTORY, LABEL_COUNTS, MASK, TABLE_ROW
from napari_iris.project.records import (
    Decision,
    FrameHashes,
    HistoryEntry,
    LabelCounts,
    LabelState,
    MaskFacts,
    SampleRow,
)
from napari_iris.project.row_check import check_rows
from napari_iris.project.sqlite_errors import sqlite_errors
from napari_iris.project.timestamps import from_us
from napari_iris.project.transaction import AT_ONCE, Transaction, marks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_iris.labels import Tag

BEST: tuple[Tag, ...] = ("human", "model", "auto")
"""Tags of the masks of a frame, the best first."""


class Repository:
    """The database of a project: ``iris.db``. No other class runs queries.

    Use it in the thread that made it. Each method raises `ProjectError` where SQLite fails.

    Parameters
    ----------
    folder : Path
        The project folder.
    read_only : bool
        Whether nothing may be written.
    is_checked : bool
        Whether this process has checked the rows before, which takes half a second for 10^5 frames.

    Attributes
    ----------
    folder : Path
        The project folder.
    connection : Connection
        The SQLite connection.

    Raises
    ------
    ProjectError
        If the database is missing, damaged, foreign, locked, or of a newer version, or has a row
        that no version writes, see `check_rows`.
    """

    def __init__(self, folder: Path, *, read_only: bool = False, is_checked: bool = False) -> None:
        self.folder = folder
        self.connection = connect(folder, read_only=read_only)
        try:
            if not is_checked:
                check_rows(folder, self.connection)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database."""
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Change the database in the block: all of it, or nothing where an error is raised."""
        with transaction(self.folder, self.connection) as connection:
            yield Transaction(self.folder, connection)

    def setting(self, key: str) -> str | None:
        """Value of a key of the project: sources, imports, split; None where not set."""
        row = self._first("SELECT value FROM project WHERE key = ?", key)
        return None if row is None else str(row[0])

    def table_rows(self, frames: Sequence[int] | None = None) -> list[tuple[Any, ...]]:
        """Rows for `FrameTable`: of all frames, or of some."""
        if frames is None:
            return self._all(TABLE_ROW)
        chunks = (frames[start : start + AT_ONCE] for start in range(0, len(frames), AT_ONCE))
        where = f"{TABLE_ROW} WHERE frame.id IN"
        return [row for some in chunks for row in self._all(f"{where} ({marks(some)})", *some)]

    def check_frame(self, frame: int) -> None:
        """Raise `ProjectError` if there is no frame with that number."""
        self._of_frame("id", frame)

    def frame_shape(self, frame: int) -> tuple[int, int]:
        """Rows and columns of a frame."""
        rows, columns = self._of_frame("rows, columns", frame)
        return rows, columns

    def frame_files(self, *, masked: bool) -> dict[str, tuple[int, int]]:
        """Size [bytes] and modification time [ns] of the indexed files, by `stored_path`.

        Parameters
        ----------
        masked : bool
            Whether to give only frames with an automatic mask.
        """
        where = " WHERE auto IS NOT NULL" if masked else ""
        rows = self._all(f"SELECT path, size, changed FROM frame{where}")
        return {path: (size, changed) for path, size, changed in rows}

    def frame_hashes(self) -> list[FrameHashes]:
        """Hashes of all frames, in the order in which they were indexed."""
        columns = "id, hash, likeness, same_as, like, part"
        return list(map(FrameHashes._make, self._all(f"SELECT {columns} FROM frame ORDER BY id")))

    def decision(self, frame: int) -> Decision:
        """Status, class, reason and note of a frame, and who decided."""
        columns = (
            "status, sky, reason, note, COALESCE(labelled_by, ''), COALESCE(labelled_how, ''),"
            " COALESCE(labelled_at, 0)"
        )
        return Decision(*self._of_frame(columns, frame))

    def label_state(self, frame: int) -> LabelState:
        """Label of a frame, to be restored."""
        return LabelState(*self._of_frame(", ".join(LabelState._fields), frame))

    def is_class_set(self, frame: int) -> bool:
        """Whether a frame's class is the one that a person set last, and not a mask's."""
        last = "SELECT value FROM event WHERE frame = frame.id AND what = 'class'"
        return bool(self._of_frame(f"sky = ({last} ORDER BY event.id DESC LIMIT 1)", frame)[0])

    def history(self, frame: int) -> list[HistoryEntry]:
        """All masks and decisions of a frame, the first one first."""
        rows = self._all(HISTORY, frame, frame)
        return [HistoryEntry(from_us(at), *others) for at, *others in rows]

    def tags(self, frame: int) -> tuple[Tag, ...]:
        """Tags of the active masks of a frame."""
        found = self._of_frame(", ".join(TAGS), frame)
        return tuple(tag for tag, mask in zip(TAGS, found, strict=True) if mask)

    def active_mask(self, frame: int, tags: Sequence[Tag] = BEST) -> MaskFacts | None:
        """Active mask of a frame, of the first of the tags that it has; None for none."""
        row = self._first(
            f"SELECT {MASK} FROM frame LEFT JOIN mask ON mask.id = {_first_of(tags)}"
            " WHERE frame.id = ?",
            frame,
        )
        if row is None:
            raise self._no_frame(frame)
        return MaskFacts(*row) if row[0] else None

    def active_mask_name(self, path: Path, tags: Sequence[Tag] = BEST) -> str | None:
        """Name of the active mask of a frame, by its file; None for no frame or no mask."""
        row = self._first(
            f"SELECT object FROM frame JOIN mask ON mask.id = {_first_of(tags)} WHERE path = ?",
            stored_path(self.folder, path),
        )
        return None if row is None else str(row[0])

    def active_masks(self, tag: Tag) -> dict[int, MaskFacts]:
        """Active masks of a tag, by the numbers of their frames."""
        rows = self._all(f"SELECT frame.id, {MASK} FROM frame JOIN mask ON mask.id = frame.{tag}")
        return {row[0]: MaskFacts(*row[1:]) for row in rows}

    def untouched(self) -> dict[int, int]:
        """Frames whose automatic mask nobody has decided on or replaced, each with its number."""
        return dict(
            self._all(
                "SELECT id, auto FROM frame WHERE auto IS NOT NULL AND human IS NULL"
                " AND status IN ('unlabelled', 'auto')"
            )
        )

    def mask(self, frame: int, mask: int) -> tuple[str, float | None] | None:
        """Name and cloud fraction of any mask of a frame, by its number; None for no such mask."""
        return self._first(
            "SELECT object, cloud_fraction FROM mask WHERE id = ? AND frame = ?", mask, frame
        )

    def mask_tags(self, frame: int) -> dict[str, set[str]]:
        """Tags of all masks that a frame has or ever had, by the masks' names."""
        found: dict[str, set[str]] = {}
        for name, tag in self._all("SELECT object, tag FROM mask WHERE frame = ?", frame):
            found.setdefault(name, set()).add(tag)
        return found

    def mask_counts(self) -> dict[Tag, int]:
        """Count the frames with an active mask, by tag."""
        counts = self._all(f"SELECT {', '.join(f'COUNT({tag})' for tag in TAGS)} FROM frame")[0]
        return dict(zip(TAGS, map(int, counts), strict=True))

    def mask_names(self) -> list[str]:
        """Names of all masks, active and earlier ones, sorted."""
        return [name for (name,) in self._all("SELECT DISTINCT object FROM mask ORDER BY object")]

    def own_frames(self) -> list[str]:
        """Paths of the frames inside the project folder, relative to it, sorted."""
        paths = self._all("SELECT path FROM frame ORDER BY path")
        return [path for (path,) in paths if not Path(path).is_absolute()]

    def sample_rows(self, tags: Sequence[Tag]) -> Iterator[SampleRow]:
        """All frames, each with its active mask of the first of the tags that it has."""
        query = (
            "SELECT frame.id, hash, likeness, object, cloud_fraction"
            f" FROM frame LEFT JOIN mask ON mask.id = {_first_of(tags)}"
        )
        with sqlite_errors(self.folder):
            yield from map(SampleRow._make, self.connection.execute(query))

    def mask_sources(self, tags: Sequence[Tag]) -> list[tuple[str, ...]]:
        """All masks that are equal to the active mask of their frame, for `MaskSource`."""
        query = (
            "SELECT path, active.tag, active.method, same.tag, same.method, same.by"
            f" FROM frame JOIN mask AS active ON active.id = {_first_of(tags)}"
            " JOIN mask AS same ON same.frame = frame.id AND same.object = active.object"
        )
        return self._all(query)

    def label_counts(self) -> LabelCounts:
        """Count the frames that can serve for training."""
        return LabelCounts(*self._all(LABEL_COUNTS)[0])

    def copy_to(self, copy: Repository) -> None:
        """Overwrite another database with the current state of this one."""
        with sqlite_errors(copy.folder):
            self.connection.backup(copy.connection)

    def contains(self, copy: Repository) -> bool:
        """Whether another database is an earlier state of this one: its last rows are here too."""
        for table, columns in GROWING.items():
            # these tables only grow, so the rows before a common one are common too
            last = copy._first(f"SELECT {columns} FROM {table} ORDER BY id DESC LIMIT 1")
            query = f"SELECT {columns} FROM {table} WHERE id = ?"
            if last is not None and last != self._first(query, last[0]):
                return False
        return True

    def _of_frame(self, columns: str, frame: int) -> tuple[Any, ...]:
        """Columns of the row of a frame."""
        row = self._first(f"SELECT {columns} FROM frame WHERE id = ?", frame)
        if row is None:
            raise self._no_frame(frame)
        return row

    def _no_frame(self, frame: int) -> ProjectError:
        return ProjectError(self.folder, f"has no frame {frame}", "reload the project")

    def _all(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with sqlite_errors(self.folder):
            return self.connection.execute(query, values).fetchall()

    def _first(self, query: str, *values: object) -> tuple[Any, ...] | None:
        with sqlite_errors(self.folder):
            row: tuple[Any, ...] | None = self.connection.execute(query, values).fetchone()
        return row


def _first_of(tags: Sequence[Tag]) -> str:
    """Write the SQL for a frame's active mask, of the first of the tags that it has."""
    return f"COALESCE({', '.join(f'frame.{tag}' for tag in tags)}, NULL)"
