"""The label of the current frame in words, and its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from napari_iris.app.curation.queue_table import status_name
from napari_iris.app.times import short_time
from napari_iris.errors import IrisError
from napari_iris.labels import STATUS_NAMES, TAG_NAMES
from napari_iris.project.transaction import FROM_RUN

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.app.curation.curation import Curation
    from napari_iris.labels import FrameClass, Status, Tag
    from napari_iris.project.project import Project
    from napari_iris.project.records import Decision, HistoryEntry

LISTED = 30
"""Newest lines of a frame's history that are listed."""

AUTOSAVES = timedelta(minutes=1)
"""Longest time between two saved masks of one line: a held key or a drag is saved as it goes."""

HOW = {"approved as auto": "automatic mask approved", "approved as model": "model mask approved"}
"""Stored descriptions of decisions that are shown otherwise."""


@dataclass(frozen=True)
class FrameSummary:
    """What is known of the label of a frame.

    Attributes
    ----------
    status : Status or None
        Its status; None where no frame is current.
    title : str
        The status in words.
    detail : str
        Which mask is compared, what is being saved, or who made the label, when and how.
    reason, note : str
        Why it was rejected, and a person's note.
    frame_class : FrameClass or None
        Its class.
    frame : str
        File name and time of the frame.
    """

    status: Status | None = None
    title: str = "No frame"
    detail: str = ""
    reason: str = ""
    note: str = ""
    frame_class: FrameClass | None = None
    frame: str = ""

    @classmethod
    def of(cls, curation: Curation) -> FrameSummary:
        """Summarize the current frame.

        Parameters
        ----------
        curation : Curation
            The curation of a project.
        """
        project, editor = curation.project, curation.editor
        if project is None or curation.row is None:
            return cls()
        known, path = project.decision(curation.frame), project.table.paths[curation.row]
        if editor is not None and editor.compared is not None:
            detail = f"Showing: {TAG_NAMES[editor.compared].lower()} mask"
        elif curation.unsaved:
            detail = "Saving..."
        else:
            detail = _made_by(project, curation.frame, known)
        return cls(
            known.status,
            status_name(project.table, curation.row),
            detail,
            known.reason,
            known.note,
            known.frame_class,
            "   ".join(filter(None, (path.name, short_time(project.table.time[curation.row])))),
        )


@dataclass(frozen=True)
class HistoryLine:
    """One line of a frame's history.

    Attributes
    ----------
    text : str
        When, what, and by whom.
    mask : int or None
        Number of the mask that can be restored.
    name : str or None
        Name of that mask in the mask store.
    """

    text: str
    mask: int | None
    name: str | None


def history_lines(curation: Curation) -> list[HistoryLine]:
    """Describe the history of the current frame.

    Parameters
    ----------
    curation : Curation
        The curation of a project.

    Returns
    -------
    list of HistoryLine
        The newest line first, at most `LISTED`; empty where no frame is current.
    """
    if curation.project is None or curation.row is None:
        return []
    project, frame = curation.project, curation.frame
    entries = _without_autosaves(project.history(frame))
    return [_line(project, frame, entry) for entry in reversed(entries[-LISTED:])]


def _without_autosaves(entries: list[HistoryEntry]) -> list[HistoryEntry]:
    """Leave out masks that were saved while the same tool went on to the next."""
    pairs = zip(entries, [*entries[1:], None], strict=True)
    return [one for one, after in pairs if after is None or not _goes_on(one, after)]


def _goes_on(one: HistoryEntry, after: HistoryEntry) -> bool:
    is_alike = (one.what, one.value, one.by) == (after.what, after.value, after.by)
    is_drawn = one.mask is not None and after.mask is not None and ": drawn" in one.value
    return is_alike and is_drawn and after.at - one.at < AUTOSAVES


def _line(project: Project, frame: int, entry: HistoryEntry) -> HistoryLine:
    what, value, name = entry.what.capitalize(), entry.value, None
    tag, colon, method = value.partition(": ")
    if entry.what == "mask" and colon:
        what, value = f"{_name(TAG_NAMES, tag)} mask", method
    elif entry.what == "status":
        value = _name(STATUS_NAMES, value).lower()
    known = None if entry.mask is None else project.repository.mask(frame, entry.mask)
    if known is not None:
        name, fraction = known
        value += "" if fraction is None else f", {fraction:.0%} cloud"
    text = f"{entry.at:%m-%d %H:%M:%S}  {what}: {value}  ({entry.by})"
    return HistoryLine(text, entry.mask, name)


def picture_of(curation: Curation, line: HistoryLine) -> NDArray[np.uint8] | None:
    """Read the mask of a line of the history.

    Parameters
    ----------
    curation : Curation
        The curation of the project.
    line : HistoryLine
        The line.

    Returns
    -------
    ndarray of uint8, shape (rows, columns), or None
        0 sky, 1 cloud, 2 ignore; None for a line without a mask, or where it is missing.
    """
    if curation.project is None or line.name is None:
        return None
    try:
        return curation.project.store.read(line.name)
    except IrisError:  # restoring it says so
        return None


def _name(names: dict[Status, str] | dict[Tag, str], key: str) -> str:
    return {str(known): name for known, name in names.items()}.get(key, key)


def _made_by(project: Project, frame: int, known: Decision) -> str:
    """Say who decided, or who drew the mask since; a decision that was taken back is not said."""
    if known.status in ("approved", "rejected"):
        how = known.how.removesuffix(FROM_RUN)
        from_run = FROM_RUN if how != known.how else ""
        return f"{HOW.get(how, how)}{from_run}, {known.by}" if known.by else ""
    mask = project.mask_facts(frame)
    return "" if mask is None or mask.tag == "auto" else f"{mask.method}, {mask.by}"
