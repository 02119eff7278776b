"""Changes of a project's database, within one transaction."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from napari_iris.project.folder import stored_path
from napari_iris.project.timestamps import now_us

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence, Sized
    from pathlib import Path

    from napari_iris.labels import FrameClass, Tag
    from napari_iris.project.database import Connection
    from napari_iris.project.records import FrameFacts, NewMask


FROM_RUN = ", from a run"
"""End of how a label was made, and a mask, where one decision labelled a run of frames."""

AT_ONCE = 500
"""Frames that one statement names, at most: SQLite limits the values of a statement."""


def marks(values: Sized) -> str:
    """Write a question mark for each value of a statement.

    Parameters
    ----------
    values : sized
        The values.
    """
    return ", ".join("?" * len(values))


class Transaction:
    """Changes that take effect all together; `Repository.transaction` starts one.

    Parameters
    ----------
    folder : Path
        The project folder.
    connection : Connection
        Its database, locked for writing.
    """

    def __init__(self, folder: Path, connection: Connection) -> None:
        self._folder, self._connection = folder, connection

    def set_setting(self, key: str, value: str) -> None:
        """Set the value of a key of the project."""
        self._connection.execute("INSERT OR REPLACE INTO project VALUES (?, ?)", (key, value))

    def add_frame(self, facts: FrameFacts) -> int:
        """Add a frame, or update the one with its path; give its number.

        Parameters
        ----------
        facts : FrameFacts
            What is known of it, with its automatic mask where it has one.
        """
        (frame,) = self._connection.execute(
            "INSERT INTO frame (path, size, changed, time, rows, columns, facts, hash, likeness,"
            " floor, median) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (path) DO UPDATE SET"
            " size = excluded.size, changed = excluded.changed, time = excluded.time,"
            " rows = excluded.rows, columns = excluded.columns, facts = excluded.facts,"
            " hash = excluded.hash, likeness = excluded.likeness,"
            " floor = excluded.floor, median = excluded.median RETURNING id",
            (
                *(stored_path(self._folder, facts.path), facts.size, facts.changed, facts.time),
                *(*facts.shape, facts.cards, facts.hash, facts.likeness),
                *(facts.floor, facts.median),
            ),
        ).fetchone()
        if facts.auto is not None:
            self.add_mask(frame, "auto", facts.auto, "napari-iris")
        return int(frame)

    def update_frame(self, frame: int, **values: object) -> None:
        """Set columns of a frame, by their names."""
        columns = ", ".join(f"{column} = ?" for column in values)
        self._connection.execute(
            f"UPDATE frame SET {columns} WHERE id = ?", (*values.values(), frame)
        )

    def set_duplicates(self, changes: Iterable[tuple[int | None, int | None, int]]) -> None:
        """Set which earlier frames have the same pixels and the same look.

        Parameters
        ----------
        changes : iterable of (int or None, int or None, int)
            Numbers of the earlier frames, and of the frame.
        """
        query = "UPDATE frame SET same_as = ?, like = ? WHERE id = ?"
        self._connection.executemany(query, changes)

    def set_parts(self, parts: Iterable[tuple[str | None, int]]) -> None:
        """Set the part of the split of frames.

        Parameters
        ----------
        parts : iterable of (str or None, int)
            Part, and number of the frame.
        """
        self._connection.executemany("UPDATE frame SET part = ? WHERE id = ?", parts)

    def add_mask(self, frame: int, tag: Tag, mask: NewMask, by: str) -> int:
        """Add a mask of the mask store, and make it the frame's active mask of its tag.

        The frame's other masks stay, and so does its status, unless it was unlabelled.

        Parameters
        ----------
        frame : int
            Number of the frame.
        tag : {'auto', 'model', 'human'}
            Its origin.
        mask : NewMask
            What is known of it.
        by : str
            Who drew it, or the program that made it.

        Returns
        -------
        int
            Number of the mask.
        """
        fraction = mask.cloud_fraction
        known = fraction is not None and not math.isnan(fraction)
        number = self._connection.execute(
            "INSERT INTO mask (frame, tag, object, cloud_fraction, trust, uncertainty, threshold,"
            " method, by, at, reference, level, excess, undecided, disagreement,"
            " novelty) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(frame, tag, mask.name, fraction if known else None, mask.trust),
                *(mask.uncertainty, mask.threshold, mask.method, by, now_us()),
                *(mask.reference, mask.level, mask.excess, mask.undecided, mask.disagreement),
                mask.novelty,
            ),
        ).lastrowid
        self._connection.execute(
            f"UPDATE frame SET {tag} = ?,"
            " status = CASE status WHEN 'unlabelled' THEN 'auto' ELSE status END WHERE id = ?",
            (number, frame),
        )
        return int(number or 0)

    def remove_model_masks(self, by: str) -> int:
        """Leave all frames without an active model mask; give how many had one.

        Parameters
        ----------
        by : str
            Who removes them.
        """
        self._connection.execute(
            "INSERT INTO event (frame, at, by, what, value)"
            " SELECT id, ?, ?, 'mask', 'model: removed' FROM frame WHERE model IS NOT NULL",
            (now_us(), by),
        )
        changed = self._connection.execute(
            "UPDATE frame SET model = NULL, status = CASE"
            " WHEN status = 'auto' AND auto IS NULL THEN 'unlabelled' ELSE status END"
            " WHERE model IS NOT NULL"
        )
        return int(changed.rowcount)

    def restore_auto(self, frame: int, mask: int, instead_of: int) -> None:
        """Make an earlier mask the active automatic one again, unless another has replaced it.

        Parameters
        ----------
        frame : int
            Number of the frame.
        mask, instead_of : int
            Numbers of the earlier mask, and of the one that took its place.
        """
        query = "UPDATE frame SET auto = ? WHERE id = ? AND auto = ?"
        self._connection.execute(query, (mask, frame, instead_of))

    def clear_class(self, frame: int, frame_class: FrameClass) -> None:
        """Remove a frame's class if it is the one given."""
        query = "UPDATE frame SET sky = NULL WHERE id = ? AND sky = ?"
        self._connection.execute(query, (frame, frame_class))

    def add_event(self, frame: int, by: str, what: str, value: str) -> None:
        """Add a line to a frame's history.

        Parameters
        ----------
        frame : int
            Number of the frame.
        by : str
            Who changed it.
        what, value : str
            What was changed, and its new value.
        """
        self._connection.execute(
            "INSERT INTO event (frame, at, by, what, value) VALUES (?, ?, ?, ?, ?)",
            (frame, now_us(), by, what, value),
        )

    def open_frames(self, frames: Sequence[int], edited: Sequence[int] = ()) -> set[int]:
        """Select the frames that no person has labelled, in whatever way.

        Parameters
        ----------
        frames : sequence of int
            Numbers of at most `AT_ONCE` frames.
        edited : sequence of int
            Those of them that may hold a mask that a person has edited, and not yet decided on.
        """
        found = self._connection.execute(
            f"SELECT id FROM frame WHERE id IN ({marks(frames)})"
            " AND labelled_at IS NULL AND sky IS NULL AND (status = 'edited' AND"
            f" id IN ({marks(edited)}) OR status IN ('unlabelled', 'auto') AND human IS NULL)",
            (*frames, *edited),
        )
        return {frame for (frame,) in found}

    def frames_of_run(self, at: int) -> list[int]:
        """Frames whose label is still that of a run.

        Parameters
        ----------
        at : int
            When the run was labelled [us since 1970, UTC].
        """
        query = (
            "SELECT id FROM frame WHERE labelled_at = ? AND labelled_how LIKE ?"
            " AND status IN ('approved', 'rejected') ORDER BY id LIMIT ?"
        )
        found = self._connection.execute(query, (at, f"%{FROM_RUN}", AT_ONCE))
        return [frame for (frame,) in found]

    def last_run(self) -> int | None:
        """When a run was labelled, if that was the last decision; None if it was another one."""
        query = "SELECT labelled_at, labelled_how FROM frame ORDER BY labelled_at DESC LIMIT 1"
        found = self._connection.execute(query).fetchone()
        return found[0] if found and (found[1] or "").endswith(FROM_RUN) else None

    def leave_run(self, frame: int) -> None:
        """Give a frame the label that it had before a run: none, or an edited mask.

        Parameters
        ----------
        frame : int
            Number of the frame.
        """
        self._connection.execute(
            "UPDATE frame SET sky = NULL, reason = '', labelled_by = NULL, labelled_at = NULL,"
            " labelled_how = NULL, human = (SELECT MAX(mask.id) FROM mask WHERE"
            " mask.frame = frame.id AND tag = 'human' AND method NOT LIKE ?) WHERE id = ?",
            (f"%{FROM_RUN}", frame),
        )
        self._connection.execute(
            "UPDATE frame SET status = CASE WHEN human IS NOT NULL THEN 'edited'"
            " WHEN COALESCE(model, auto) IS NOT NULL THEN 'auto' ELSE 'unlabelled' END"
            " WHERE id = ?",
            (frame,),
        )
