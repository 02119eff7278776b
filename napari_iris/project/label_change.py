"""One change of a frame's label: its mask, status and class, and who made the change."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from napari_iris.project.history import now_us

if TYPE_CHECKING:
    import sqlite3

    from napari_iris.labels import FrameClass, Status


class LabelChange:
    """What one person changes of one frame, within a transaction.

    Parameters
    ----------
    connection : sqlite3.Connection
        The database, in a transaction.
    frame : int
        Number of the frame.
    by : str
        Who changes it.
    """

    def __init__(self, connection: sqlite3.Connection, frame: int, by: str) -> None:
        self._connection, self._frame, self._by = connection, frame, by

    def put_in_force(self, name: str, cloud_fraction: float | None, how: str) -> int:
        """Put a mask of the store in force as a person's; give its number.

        Parameters
        ----------
        name : str
            Its name in the store.
        cloud_fraction : float or None
            Of the seen sky, 0 to 1; None or NaN where all is to be ignored.
        how : str
            How it came about, for the history.
        """
        known = cloud_fraction is not None and not math.isnan(cloud_fraction)
        number = self._connection.execute(
            "INSERT INTO mask (frame, tag, object, cloud_fraction, method, by, at)"
            " VALUES (?, 'human', ?, ?, ?, ?, ?)",
            (self._frame, name, cloud_fraction if known else None, how, self._by, now_us()),
        ).lastrowid
        self._set("human", number)
        return int(number or 0)

    def take_out_of_force(self) -> None:
        """Have no person's mask in force; all stay kept."""
        self._set("human", None)

    def set_status(self, status: Status) -> None:
        """Set where the frame stands; the reason of a rejection goes with it."""
        self._set("status", status)
        if status != "rejected":
            self._set("reason", "")

    def set_sky(self, sky: FrameClass | None) -> None:
        """Set the frame's class."""
        self._set("sky", sky)

    def take_back_sky(self, sky: FrameClass) -> None:
        """Leave the frame without a class if it is this one."""
        self._connection.execute(
            "UPDATE frame SET sky = NULL WHERE id = ? AND sky = ?", (self._frame, sky)
        )

    def set_reason(self, reason: str) -> None:
        """Set why the frame is rejected."""
        self._set("reason", reason)

    def set_note(self, note: str) -> None:
        """Set the note on the frame."""
        self._set("note", note)

    def decide(self, status: Status, how: str) -> None:
        """Set where the frame stands as a person's word."""
        self.set_status(status)
        self.sign(how)
        self.record("status", status)

    def sign(self, how: str) -> None:
        """Say who decided last, when, and how."""
        self._connection.execute(
            "UPDATE frame SET labelled_by = ?, labelled_at = ?, labelled_how = ? WHERE id = ?",
            (self._by, now_us(), how, self._frame),
        )

    def record(self, what: str, value: str) -> None:
        """Add a line to the frame's history."""
        self._connection.execute(
            "INSERT INTO event (frame, at, by, what, value) VALUES (?, ?, ?, ?, ?)",
            (self._frame, now_us(), self._by, what, value),
        )

    def _set(self, column: str, value: object) -> None:
        self._connection.execute(
            f"UPDATE frame SET {column} = ? WHERE id = ?", (value, self._frame)
        )
