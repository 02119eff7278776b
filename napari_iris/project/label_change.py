"""One change of a frame's label: its mask, status and class, and who made the change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.project.records import NewMask
from napari_iris.project.timestamps import now_us

if TYPE_CHECKING:
    from napari_iris.labels import FrameClass, Status
    from napari_iris.project.records import LabelState
    from napari_iris.project.transaction import Transaction


class LabelChange:
    """Change the label of one frame in the name of one person.

    Parameters
    ----------
    transaction : Transaction
        Where the changes are made.
    frame : int
        Number of the frame.
    by : str
        Who makes them.
    at : int, optional
        When it was decided [us since 1970, UTC]; by default now.
    """

    def __init__(
        self, transaction: Transaction, frame: int, by: str, at: int | None = None
    ) -> None:
        self._transaction, self._frame, self._by, self._at = transaction, frame, by, at

    def activate_mask(self, name: str, cloud_fraction: float | None, how: str) -> int:
        """Make a mask of the mask store the active human mask; give its number.

        Parameters
        ----------
        name : str
            Its name in the store.
        cloud_fraction : float or None
            Of the pixels not ignored, 0 to 1; None or NaN where all are ignored.
        how : str
            How it was made, for the history.
        """
        mask = NewMask(name, cloud_fraction, method=how)
        return self._transaction.add_mask(self._frame, "human", mask, self._by)

    def deactivate_mask(self) -> None:
        """Leave the frame without an active human mask; all masks are kept."""
        self._update(human=None)

    def set_status(self, status: Status) -> None:
        """Set the status; the reason of a rejection is cleared by any other status."""
        self._update(status=status, **({} if status == "rejected" else {"reason": ""}))

    def set_class(self, frame_class: FrameClass | None) -> None:
        """Set the frame's class."""
        self._update(sky=frame_class)

    def clear_class(self, frame_class: FrameClass) -> None:
        """Remove the frame's class if it is the one given."""
        self._transaction.clear_class(self._frame, frame_class)

    def set_reason(self, reason: str) -> None:
        """Set why the frame is rejected."""
        self._update(reason=reason)

    def set_note(self, note: str) -> None:
        """Set the note on the frame."""
        self._update(note=note)

    def restore(self, label: LabelState) -> None:
        """Give the frame a label that it had before; all masks are kept."""
        self._update(**label._asdict())

    def decide(self, status: Status, how: str) -> None:
        """Set the status as a person's decision, and record it."""
        self.set_status(status)
        self.sign(how)
        self.record("status", status)

    def sign(self, how: str) -> None:
        """Set who decided last, when, and how."""
        self._update(labelled_by=self._by, labelled_at=self._at or now_us(), labelled_how=how)

    def record(self, what: str, value: str) -> None:
        """Add a line to the frame's history."""
        self._transaction.add_event(self._frame, self._by, what, value)

    def _update(self, **values: object) -> None:
        self._transaction.update_frame(self._frame, **values)
