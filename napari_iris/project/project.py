"""One curation project: its frames, their masks, and their labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.errors import ProjectError
from napari_iris.labels import class_of
from napari_iris.masks.mask_file import cloud_fraction
from napari_iris.project.label_origin import APPROVED_AS, RESTORED
from napari_iris.project.project_writer import ProjectWriter

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.labels import FrameClass, Status
    from napari_iris.project.records import LabelState, MaskFacts


class Project(ProjectWriter):
    """A curation project: a folder with ``iris.db`` and ``masks/``; frames may lie elsewhere.

    Each method that changes a label returns once it is on the disk. Automatic, model and human
    masks never overwrite one another, and every mask that was ever saved can be restored.

    Parameters
    ----------
    folder : Path or str
        The project folder; created, with an empty project, where it does not exist.
    read_only : bool
        Whether nothing may be written; then the project must exist.
    exclusive : bool
        Whether this is the one window that labels: no second one may open the project so.
        Commands may still index or import meanwhile.
    by : str, optional
        Who decides; by default the login name.
    table : FrameTable, optional
        Its frames, from `read_table`, where another thread has just read them.

    Attributes
    ----------
    table : FrameTable
        Its frames, one row each; ``table.id`` has their numbers.
    changed : list of int
        Numbers of the frames changed through this object.

    Raises
    ------
    ProjectError
        If it is not a project, damaged, locked, or of a newer version.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from napari_iris.masks.config import MaskConfig
    >>> from napari_iris.project.indexing import index
    >>> from napari_iris.resources import sample_night
    >>> frames = sorted(sample_night().glob("*.fits*"))[:2]
    >>> with TemporaryDirectory() as folder, Project(folder, by="ada") as project:
    ...     indexed = list(index(project, frames, MaskConfig(), jobs=1))
    ...     project.approve(1)
    ...     project.reject(2, "bird")
    ...     print(project.decision(1).how, project.tags(1))
    ...     print([(entry.what, entry.value) for entry in project.history(2)][1:])
    approved as auto ('auto', 'human')
    [('reason', 'bird'), ('status', 'rejected')]
    """

    def save_mask(self, frame: int, mask: NDArray[np.uint8], how: str = "drawn") -> int:
        """Save a human mask of a frame; the frame's status becomes ``edited``.

        A class that contradicts the mask is removed; `approve` sets it again, from the mask.

        Parameters
        ----------
        frame : int
            Number of the frame.
        mask : ndarray of uint8, shape (rows, columns)
            0 sky, 1 cloud, 2 ignore.
        how : str
            How it was made, for the history.

        Returns
        -------
        int
            Number of the mask, for `restore`.

        Raises
        ------
        ProjectError
            If there is no such frame, or the project is read-only or cannot be written.
        MaskError
            If the mask holds other values.
        """
        name = self._save(mask)  # on the disk before the database refers to it
        with self._change(frame) as change:
            fraction = cloud_fraction(mask)
            number = change.activate_mask(name, fraction, how)
            change.set_status("edited")
            change.clear_class("clear" if class_of(fraction) == "cloudy" else "cloudy")
        return number

    def approve(
        self, frame: int, mask: NDArray[np.uint8] | None = None, how: str = "approved"
    ) -> None:
        """Approve the label of a frame: its mask becomes a human mask.

        The class follows from the mask, unless a person has set it.

        Parameters
        ----------
        frame : int
            Number of the frame.
        mask : ndarray of uint8, shape (rows, columns), optional
            0 sky, 1 cloud, 2 ignore; by default the best active mask.
        how : str
            How it was made, for the history.

        Raises
        ------
        ProjectError
            If the frame has no mask, or the project is read-only or cannot be written.
        MaskError
            If the mask's file is missing or damaged.
        """
        name = None if mask is None else self._save(mask)
        fraction = None if mask is None else cloud_fraction(mask)
        with self._change(frame) as change:
            if name is None:
                best = self._mask_to_approve(frame)
                fraction = best.cloud_fraction
                if best.tag != "human":
                    name, how = best.name, f"{APPROVED_AS}{best.tag}"
            if name is not None:
                change.activate_mask(name, fraction, how)
            change.decide("approved", how)
            if not self.repository.is_class_set(frame):
                change.set_class(class_of(float("nan") if fraction is None else fraction))

    def label(self, frame: int, mask: NDArray[np.uint8], frame_class: FrameClass, how: str) -> None:
        """Approve a mask and a class together: a clear sky, an overcast one, an imported truth.

        Parameters
        ----------
        frame : int
            Number of the frame.
        mask : ndarray of uint8, shape (rows, columns)
            0 sky, 1 cloud, 2 ignore.
        frame_class : {'clear', 'cloudy', 'unsure'}
            Its class.
        how : str
            How the label was made, for the history.
        """
        name = self._save(mask)
        with self._change(frame) as change:
            change.activate_mask(name, cloud_fraction(mask), how)
            change.set_class(frame_class)
            change.record("class", frame_class)
            change.decide("approved", how)

    def reject(self, frame: int, reason: str) -> None:
        """Reject a frame for a reason, such as "bird": it is never used as a label."""
        with self._change(frame) as change:
            change.set_reason(reason)
            change.record("reason", reason)
            change.decide("rejected", "by hand")

    def take_back(self, frame: int, before: LabelState, what: str = "decision") -> None:
        """Give a frame the label that it had before; its note and all masks are kept.

        Parameters
        ----------
        frame : int
            Number of the frame.
        before : LabelState
            Its label then.
        what : {'decision', 'mask'}
            What is taken back, for the history.
        """
        with self._change(frame) as change:
            if before.sky is None and self.repository.is_class_set(frame):
                change.record("class", "")
            change.restore(before)
            change.record(what, "taken back")

    def reopen(self, frame: int) -> None:
        """Undo an approval or a rejection: the frame needs a decision again."""
        with self._change(frame) as change:
            change.decide(self._status_by_masks(frame), "reopened")

    def set_class(self, frame: int, frame_class: FrameClass | None, how: str = "by hand") -> None:
        """Set or remove the class of a frame; its status stays.

        Parameters
        ----------
        frame : int
            Number of the frame.
        frame_class : {'clear', 'cloudy', 'unsure'} or None
            Its class; None to remove it.
        how : str
            How it was decided.
        """
        with self._change(frame) as change:
            change.set_class(frame_class)
            change.sign(how)
            change.record("class", frame_class or "")

    def set_note(self, frame: int, note: str) -> None:
        """Set the note on a frame."""
        with self._change(frame) as change:
            change.set_note(note)
            change.record("note", note)

    def revert(self, frame: int) -> None:
        """Go back to the automatic mask: the human mask is no longer active, but kept."""
        with self._change(frame) as change:
            change.deactivate_mask()
            change.record("mask", "human: reverted to auto")
            change.decide(self._status_by_masks(frame), "reverted")

    def restore(self, frame: int, mask: int) -> None:
        """Make an earlier mask the active human mask.

        Parameters
        ----------
        frame : int
            Number of the frame.
        mask : int
            Number of the mask, as in `history`.

        Raises
        ------
        ProjectError
            If the frame has no such mask.
        MaskError
            If its file is missing or damaged.
        """
        with self._change(frame) as change:
            found = self.repository.mask(frame, mask)
            if found is None:
                fix = "choose one from its history"
                raise ProjectError(self.folder, f"frame {frame} has no mask {mask}", fix)
            name, fraction = found
            self.store.make_durable(name)
            change.activate_mask(name, fraction, f"{RESTORED}{mask}")
            change.set_status("edited")

    def _mask_to_approve(self, frame: int) -> MaskFacts:
        """Best active mask of a frame, forced to the disk."""
        best = self.mask_facts(frame)
        if best is None:
            fix = "draw one, or label it clear or overcast"
            raise ProjectError(self.folder, f"frame {frame} has no mask to approve", fix)
        self.store.make_durable(best.name)
        return best

    def _status_by_masks(self, frame: int) -> Status:
        """Status of a frame without a decision, from the masks it has."""
        tags = self.tags(frame)
        return "edited" if "human" in tags else "auto" if tags else "unlabelled"
