"""One curation project: its frames, their masks, and what a person says of each."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from napari_iris.errors import ProjectError
from napari_iris.labels import class_of
from napari_iris.masks.mask_file import cloud_fraction
from napari_iris.project.database import told, transaction
from napari_iris.project.history import person
from napari_iris.project.label_change import LabelChange
from napari_iris.project.open_project import OpenProject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.labels import FrameClass, Status
    from napari_iris.project.frame_table import FrameTable


class Project(OpenProject):
    """A project folder: ``iris.db`` and ``masks/``, apart from the frames, which may be read-only.

    An `OpenProject` that can be labelled. Whatever a method has returned from is on the disk;
    `changed` lists the frames it changed. Masks of the tags auto, model and human never overwrite
    one another, and every mask there ever was comes back with `restore`.

    Parameters
    ----------
    folder : Path or str
        The project folder; made, with an empty project, if need be.
    read_only : bool
        Whether to look only; then the project must exist.
    alone : bool
        Whether to label alone: no second window may open the project so. Commands that index or
        import may still run beside.
    by : str, optional
        Who decides; by default whoever is logged in.

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
        by: str | None = None,
    ) -> None:
        self.by = by or person()
        self.changed: list[int] = []
        super().__init__(folder, read_only=read_only, alone=alone)

    def adopt(self, table: FrameTable, since: int) -> None:
        """Take over a table that was read beside this one, with what was changed here since.

        Parameters
        ----------
        table : FrameTable
            Read by `read_table`.
        since : int
            Length of `changed` when the reading began.
        """
        self.table = table
        with told(self.folder):
            for frame in set(self.changed[since:]):
                table.renew(self.folder, self.connection, frame)

    def add_sources(self, sources: Sequence[str]) -> None:
        """Remember where frames were taken from."""
        known = dict.fromkeys([*self.sources, *sources])
        with transaction(self.folder, self.connection) as connection:
            connection.execute(
                "INSERT OR REPLACE INTO project VALUES ('sources', ?)", (json.dumps(list(known)),)
            )

    def save_mask(self, frame: int, mask: NDArray[np.uint8], how: str = "drawn") -> int:
        """Save a person's mask of a frame, which is under correction from now on.

        A class that the mask belies is taken back; approval tells it from the mask again.

        Parameters
        ----------
        frame : int
            Number of the frame.
        mask : ndarray of uint8, shape (rows, columns)
            0 sky, 1 cloud, 2 ignore.
        how : str
            How it came about, for the history.

        Returns
        -------
        int
            Number of the mask, to restore it by.
        """
        name = self._keep(mask)
        with self._change(frame) as change:
            fraction = cloud_fraction(mask)
            number = change.put_in_force(name, fraction, how)
            change.set_status("edited")
            change.take_back_sky("clear" if class_of(fraction) == "cloudy" else "cloudy")
        return number

    def approve(
        self, frame: int, mask: NDArray[np.uint8] | None = None, how: str = "approved"
    ) -> None:
        """Approve a frame's label: the mask given, else the best it has, becomes a person's.

        The frame's class follows the mask, unless a person has said another.

        Raises
        ------
        ProjectError
            If the frame has no mask.
        MaskError
            If the mask's file is missing or damaged.
        """
        name = None if mask is None else self._keep(mask)
        fraction = None if mask is None else cloud_fraction(mask)
        with self._change(frame) as change:
            if name is None and self.mask(frame, "human") is None:
                name, fraction, how = self._best_machine(frame)
            if name is not None:
                change.put_in_force(name, fraction, how)
            change.decide("approved", how)
            if not self._said_sky(frame):
                change.set_sky(class_of(self._fraction(frame)))

    def label(self, frame: int, mask: NDArray[np.uint8], sky: FrameClass, how: str) -> None:
        """Approve a mask and a class in one go: a clear sky, an overcast one, an imported truth."""
        name = self._keep(mask)
        with self._change(frame) as change:
            change.put_in_force(name, cloud_fraction(mask), how)
            change.set_sky(sky)
            change.record("class", sky)
            change.decide("approved", how)

    def reject(self, frame: int, reason: str) -> None:
        """Reject a frame: it is no use as a label, for a reason."""
        with self._change(frame) as change:
            change.set_reason(reason)
            change.record("reason", reason)
            change.decide("rejected", "by hand")

    def reopen(self, frame: int) -> None:
        """Take an approval or a rejection back: the frame is to do again."""
        with self._change(frame) as change:
            change.decide(self._status_by_masks(frame), "reopened")

    def set_sky(self, frame: int, sky: FrameClass | None, how: str = "by hand") -> None:
        """Say whether a frame is clear, cloudy, or not to be told."""
        with self._change(frame) as change:
            change.set_sky(sky)
            change.sign(how)
            change.record("class", sky or "")

    def set_note(self, frame: int, note: str) -> None:
        """Keep a note on a frame."""
        with self._change(frame) as change:
            change.set_note(note)
            change.record("note", note)

    def revert(self, frame: int) -> None:
        """Go back to the automatic mask: the person's is no longer in force, but stays kept."""
        with self._change(frame) as change:
            change.take_out_of_force()
            change.record("mask", "human: reverted to auto")
            change.decide(self._status_by_masks(frame), "reverted")

    def restore(self, frame: int, mask: int) -> None:
        """Put an earlier mask in force again, as a person's, by its number in the history.

        Raises
        ------
        ProjectError
            If the frame has no such mask.
        MaskError
            If its file is missing or damaged.
        """
        with self._change(frame) as change:
            found = self.connection.execute(
                "SELECT object, cloud_fraction FROM mask WHERE id = ? AND frame = ?", (mask, frame)
            ).fetchone()
            if found is None:
                fix = "choose one of its history"
                raise ProjectError(self.folder, f"frame {frame} has no mask {mask}", fix)
            name, fraction = found
            self.store.settle(name)
            change.put_in_force(name, fraction, f"restored mask {mask}")
            change.set_status("edited")

    def _best_machine(self, frame: int) -> tuple[str, float | None, str]:
        """Mask of a model, else the automatic one: object, cloud fraction, how it is approved."""
        for tag in ("model", "auto"):
            found = self.connection.execute(
                f"SELECT object, cloud_fraction FROM mask JOIN frame ON frame.{tag} = mask.id"
                " WHERE frame.id = ?",
                (frame,),
            ).fetchone()
            if found:
                self.store.settle(found[0])
                return found[0], found[1], f"approved as {tag}"
        fix = "draw one, or say clear or overcast"
        raise ProjectError(self.folder, f"frame {frame} has no mask to approve", fix)

    def _said_sky(self, frame: int) -> bool:
        """Whether a frame's class is the one that a person said last."""
        query = (
            "SELECT sky = (SELECT value FROM event WHERE frame = frame.id AND what = 'class'"
            " ORDER BY event.id DESC LIMIT 1) FROM frame WHERE id = ?"
        )
        return bool(self._one(query, frame)[0])

    def _status_by_masks(self, frame: int) -> Status:
        """Status of a frame of which nothing is decided, from the masks it has."""
        tags = self.tags(frame)
        return "edited" if "human" in tags else "auto" if tags else "unlabelled"

    def _keep(self, mask: NDArray[np.uint8]) -> str:
        """Keep a person's mask on the disk, and give its name."""
        self._check_writable()
        return self.store.keep(mask, durable=True)

    def _check_writable(self) -> None:
        if self.read_only:
            raise ProjectError(self.folder, "is open read-only", "open it to label")

    def _fraction(self, frame: int) -> float:
        found = self._one(
            "SELECT cloud_fraction FROM frame JOIN mask ON mask.id = frame.human"
            " WHERE frame.id = ?",
            frame,
        )[0]
        return float("nan" if found is None else found)

    @contextmanager
    def _change(self, frame: int) -> Iterator[LabelChange]:
        """Change one frame, all or nothing; its row in the table follows."""
        self._check_writable()
        with transaction(self.folder, self.connection) as connection:
            self._one("SELECT id FROM frame WHERE id = ?", frame)
            yield LabelChange(connection, frame, self.by)
        self.changed.append(frame)
        with told(self.folder):
            self.table.renew(self.folder, self.connection, frame)
