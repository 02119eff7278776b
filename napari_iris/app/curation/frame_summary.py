"""The label of the current frame in words, and its history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_iris.app.curation.queue_table import status_name
from napari_iris.labels import STATUS_NAMES, TAG_NAMES
from napari_iris.project.transaction import FROM_RUN

if TYPE_CHECKING:
    from napari_iris.app.curation.curation import Curation
    from napari_iris.labels import FrameClass, Status, Tag
    from napari_iris.project.project import Project
    from napari_iris.project.records import Decision, HistoryEntry

LISTED = 30
"""Newest lines of a frame's history that are listed."""

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
    """

    status: Status | None = None
    title: str = "No frame"
    detail: str = ""
    reason: str = ""
    note: str = ""
    frame_class: FrameClass | None = None

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
        known = project.decision(curation.frame)
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
    """

    text: str
    mask: int | None


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
    entries = curation.project.history(curation.frame)
    return [_line(entry) for entry in reversed(entries[-LISTED:])]


def _line(entry: HistoryEntry) -> HistoryLine:
    what, value = entry.what.capitalize(), entry.value
    tag, colon, method = value.partition(": ")
    if entry.what == "mask" and colon:
        what, value = f"{_name(TAG_NAMES, tag)} mask", method
    elif entry.what == "status":
        value = _name(STATUS_NAMES, value).lower()
    return HistoryLine(f"{entry.at:%m-%d %H:%M:%S}  {what}: {value}  ({entry.by})", entry.mask)


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
