"""Read an open project: its frames, their masks and labels."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from napari_iris.io.atomic import make_folder
from napari_iris.labels import FRAME_CLASSES, STATUSES
from napari_iris.project.folder import MASKS, check_folder, take_lock
from napari_iris.project.frame_table import FrameTable
from napari_iris.project.mask_store import MaskStore
from napari_iris.project.repository import BEST, Repository
from napari_iris.project.settings import read_setting

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.labels import Tag
    from napari_iris.project.records import Decision, HistoryEntry, MaskFacts


class ProjectReader:
    """A project folder that is open for reading; `Project` adds labelling.

    Parameters
    ----------
    folder : Path or str
        The project folder; created, with an empty project, where it does not exist.
    read_only : bool
        Whether nothing may be written; then the project must exist.
    exclusive : bool
        Whether to take the lock of the one window that labels.
    table : FrameTable, optional
        Its frames, from `read_table`, where another thread has just read them: of 10^5 frames that
        takes seconds.

    Attributes
    ----------
    folder : Path
        The project folder, absolute.
    read_only : bool
        Whether nothing may be written.
    table : FrameTable
        Its frames.
    store : MaskStore
        Its masks.
    repository : Repository
        Its database.

    Raises
    ------
    ProjectError
        If it is not a project, damaged, locked, or of a newer version.
    """

    def __init__(
        self,
        folder: Path | str,
        *,
        read_only: bool = False,
        exclusive: bool = False,
        table: FrameTable | None = None,
    ) -> None:
        self.folder = Path(os.path.abspath(folder))  # noqa: PTH100 (Path.absolute keeps the dots)
        self.read_only = read_only
        self.store = MaskStore(self.folder / MASKS)
        check_folder(self.folder, read_only=read_only)
        make_folder(self.folder)
        self._lock = take_lock(self.folder) if exclusive else None
        try:
            is_checked = table is not None  # by `read_table`
            self.repository = Repository(self.folder, read_only=read_only, is_checked=is_checked)
            if table is None:
                self.reload()
            else:
                self.table = table
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database, and free the lock. Nothing is left to be saved."""
        if hasattr(self, "repository"):
            self.repository.close()
        if self._lock is not None:
            self._lock.release()

    def reload(self) -> None:
        """Read all frames again, with the changes of other programs."""
        self.table = FrameTable.load(self.repository)

    @property
    def sources(self) -> list[str]:
        """Files, folders and globs that were indexed, to be scanned again."""
        sources: list[str] = read_setting(self.repository, "sources", list[str], [])
        return sources

    def shape_of(self, row: int) -> tuple[int, int]:
        """Rows and columns of the frame in a row of the table."""
        return self.repository.frame_shape(int(self.table.id[row]))

    def status(self) -> dict[str, object]:
        """Count frames by status and class, masks by tag, and duplicates.

        Returns
        -------
        dict
            ``frames``: int; ``status``, ``class``, ``masks`` and ``duplicates``: dict of str to
            int, as ``napari-iris project PROJECT status --json`` prints it.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> from napari_iris.project.project import Project
        >>> with TemporaryDirectory() as folder, Project(folder) as project:
        ...     project.status()["masks"]
        {'auto': 0, 'model': 0, 'human': 0}
        """
        table = self.table
        return {
            "frames": len(table),
            "status": _counts(table.status, STATUSES),
            "class": _counts(table.frame_class, FRAME_CLASSES),
            "masks": self.repository.mask_counts(),
            "duplicates": {
                "same": int(np.count_nonzero(table.is_copy)),
                "alike": int(np.count_nonzero((table.duplicate_of > 0) & ~table.is_copy)),
            },
        }

    def decision(self, frame: int) -> Decision:
        """Read the label of a frame, apart from its mask.

        Parameters
        ----------
        frame : int
            Number of the frame: ``table.id`` lists them.

        Returns
        -------
        Decision
            Status, class, reason, note, and who decided.

        Raises
        ------
        ProjectError
            If there is no such frame.
        """
        return self.repository.decision(frame)

    def mask(self, frame: int, tag: Tag | None = None) -> NDArray[np.uint8] | None:
        """Read an active mask of a frame.

        Parameters
        ----------
        frame : int
            Number of the frame.
        tag : {'auto', 'model', 'human'}, optional
            Its origin; by default the best one: human, else model, else automatic.

        Returns
        -------
        ndarray of uint8, shape (rows, columns), or None
            0 sky, 1 cloud, 2 ignore; None where there is none.

        Raises
        ------
        ProjectError
            If there is no such frame.
        MaskError
            If its file is missing or damaged.
        """
        facts = self.mask_facts(frame, tag)
        return None if facts is None else self.store.read(facts.name)

    def mask_facts(self, frame: int, tag: Tag | None = None) -> MaskFacts | None:
        """Read how and by whom a mask was made: the one that `mask` returns.

        Parameters
        ----------
        frame : int
            Number of the frame.
        tag : {'auto', 'model', 'human'}, optional
            Its origin; by default the best one.

        Returns
        -------
        MaskFacts or None
            None where there is no mask.

        Raises
        ------
        ProjectError
            If there is no such frame.
        """
        return self.repository.active_mask(frame, BEST if tag is None else (tag,))

    def tags(self, frame: int) -> tuple[Tag, ...]:
        """Tags of the active masks of a frame."""
        return self.repository.tags(frame)

    def history(self, frame: int) -> list[HistoryEntry]:
        """Read all masks and decisions of a frame.

        Parameters
        ----------
        frame : int
            Number of the frame.

        Returns
        -------
        list of HistoryEntry
            The first one first; empty for a frame that does not exist.
        """
        return self.repository.history(frame)


def _counts(codes: NDArray[np.int8], names: tuple[str, ...]) -> dict[str, int]:
    """Count codes, by name."""
    return {name: int(np.count_nonzero(codes == code)) for code, name in enumerate(names)}
