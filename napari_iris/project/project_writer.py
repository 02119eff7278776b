"""A project whose labels may change: in its database, in its mask store, and in its table."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from napari_iris.errors import ProjectError
from napari_iris.io.user import user_name
from napari_iris.project.label_change import LabelChange
from napari_iris.project.project_reader import ProjectReader

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.project.frame_table import FrameTable


class ProjectWriter(ProjectReader):
    """A project that one person changes, frame by frame; see `Project` for the decisions.

    Parameters
    ----------
    folder : Path or str
        The project folder; created, with an empty project, where it does not exist.
    read_only : bool
        Whether nothing may be written; then the project must exist.
    exclusive : bool
        Whether this is the one window that labels.
    by : str, optional
        Who decides; by default the login name.
    table : FrameTable, optional
        Its frames, from `read_table`, where another thread has just read them.

    Attributes
    ----------
    changed : list of int
        Numbers of the frames changed through this object.
    """

    def __init__(
        self,
        folder: Path | str,
        *,
        read_only: bool = False,
        exclusive: bool = False,
        by: str | None = None,
        table: FrameTable | None = None,
    ) -> None:
        self.by = by or user_name()
        self.changed: list[int] = []
        super().__init__(folder, read_only=read_only, exclusive=exclusive, table=table)

    def replace_table(self, table: FrameTable, since: int) -> None:
        """Replace the table by one that another thread read, keeping what changed meanwhile.

        Parameters
        ----------
        table : FrameTable
            From `read_table`.
        since : int
            Length of `changed` when the other thread began to read.
        """
        self.table = table
        table.refresh(self.repository, *set(self.changed[since:]))

    def read_again(self, frames: Sequence[int]) -> None:
        """Update the table once another thread has changed the labels of some frames.

        Parameters
        ----------
        frames : sequence of int
            Their numbers.
        """
        self.changed.extend(frames)
        self.table.refresh(self.repository, *frames)

    def add_sources(self, sources: Sequence[str]) -> None:
        """Add files, folders or globs that were indexed to `sources`."""
        known = dict.fromkeys([*self.sources, *sources])
        with self.repository.transaction() as transaction:
            transaction.set_setting("sources", json.dumps(list(known)))

    def _save(self, mask: NDArray[np.uint8]) -> str:
        """Save a human mask in the store, on the disk, and give its name."""
        self._check_writable()
        return self.store.save(mask, durable=True)

    def _check_writable(self) -> None:
        if self.read_only:
            raise ProjectError(self.folder, "is open read-only", "open it to label")

    @contextmanager
    def _change(self, frame: int) -> Iterator[LabelChange]:
        """Change one frame, all or nothing; then update its row of the table."""
        self._check_writable()
        with self.repository.transaction() as transaction:
            self.repository.check_frame(frame)
            yield LabelChange(transaction, frame, self.by)
        self.changed.append(frame)
        self.table.refresh(self.repository, frame)
