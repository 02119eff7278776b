"""What the database holds of a frame, its masks and its history, as typed records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from napari_iris.labels import FrameClass, Status, Tag


@dataclass(frozen=True)
class HistoryEntry:
    """One line of a frame's history.

    Attributes
    ----------
    at : datetime
        When, UTC.
    by : str
        A person's login name, or the program that made a mask.
    what : str
        What changed: status, class, note, mask, or reason.
    value : str
        The new value; for a mask its tag and method.
    mask : int or None
        Number of the mask, for `Project.restore`.
    """

    at: datetime
    by: str
    what: str
    value: str
    mask: int | None


class LabelState(NamedTuple):
    """What the database keeps of a frame's label, apart from its note.

    Attributes
    ----------
    status, sky, reason : str or None
        Its status, its class, and why it was rejected.
    labelled_by, labelled_at, labelled_how : str or int or None
        Who decided last, when [us since 1970, UTC], and how.
    human : int or None
        Number of its active human mask.
    """

    status: str
    sky: str | None
    reason: str
    labelled_by: str | None
    labelled_at: int | None
    labelled_how: str | None
    human: int | None


@dataclass(frozen=True)
class Decision:
    """The label of one frame, apart from its mask.

    Attributes
    ----------
    status : Status
        Its status.
    frame_class : FrameClass or None
        Its class.
    reason, note : str
        Why it was rejected, and a person's note.
    by, how : str
        Who made the last decision, and how; empty where there is none.
    at : int
        When [us since 1970, UTC]; 0 where there is none.
    """

    status: Status
    frame_class: FrameClass | None
    reason: str
    note: str
    by: str
    how: str
    at: int


@dataclass(frozen=True)
class MaskFacts:
    """An active mask, apart from its pixels.

    Attributes
    ----------
    tag : Tag
        Its origin.
    name : str
        Its name in the mask store.
    cloud_fraction, trust, uncertainty : float or None
        Cloud fraction of the pixels not ignored, the gate's trust, the model's uncertainty;
        0 to 1.
    threshold : float or None
        Of the recipe, in the frame's unit.
    method : str
        How it was made.
    by : str
        Who drew or approved it, or the program that made it.
    at : int
        When [us since 1970, UTC].
    reference : str or None
        Clear-sky reference that it was made with: measured, limit or none; None where not known.
    level, excess : float or None
        Level of the clear sky in the frame, and median excess above it [ADU].
    undecided, disagreement : float or None
        Part of the frame that is neither surely clear nor surely cloud, and how far structure and
        level disagree; 0 to 1.
    novelty : float or None
        How unlike the model's training frames the frame is; above 1 it is unlike them.
    """

    tag: Tag
    name: str
    cloud_fraction: float | None
    trust: float | None
    uncertainty: float | None
    threshold: float | None
    method: str
    by: str
    at: int
    reference: str | None = None
    level: float | None = None
    excess: float | None = None
    undecided: float | None = None
    disagreement: float | None = None
    novelty: float | None = None


@dataclass(frozen=True)
class NewMask:
    """A mask that is in the mask store and is to be added to a frame.

    Attributes
    ----------
    name : str
        Its name in the mask store.
    cloud_fraction : float or None
        Of the pixels not ignored, 0 to 1; None or NaN where all are ignored.
    trust, uncertainty : float or None
        The gate's trust or the model's uncertainty, 0 to 1.
    threshold : float or None
        Of the recipe, in the frame's unit.
    method : str
        How it was made.
    reference, level, excess, undecided, disagreement, novelty
        As in `MaskFacts`.
    """

    name: str
    cloud_fraction: float | None
    trust: float | None = None
    threshold: float | None = None
    method: str = "published"
    uncertainty: float | None = None
    reference: str | None = None
    level: float | None = None
    excess: float | None = None
    undecided: float | None = None
    disagreement: float | None = None
    novelty: float | None = None


@dataclass(frozen=True)
class FrameFacts:
    """What indexing keeps of a frame.

    Attributes
    ----------
    path : Path
        Its file.
    size, changed : int
        Bytes, and modification time [ns since 1970].
    time : int or None
        Observation time [us since 1970, UTC]; None where unknown.
    shape : (int, int)
        Rows and columns.
    cards : str
        Header cards, as JSON.
    hash : bytes
        Content hash.
    likeness : int
        Perceptual hash.
    auto : NewMask or None
        Its automatic mask, where one was made.
    floor, median : float or None
        Level of its coldest part, and its median [ADU]; None where it is blank.
    """

    path: Path
    size: int
    changed: int
    time: int | None
    shape: tuple[int, int]
    cards: str
    hash: bytes
    likeness: int
    auto: NewMask | None
    floor: float | None = None
    median: float | None = None


class FrameHashes(NamedTuple):
    """Hashes of one frame, its earlier duplicates, and its part of the split.

    Attributes
    ----------
    frame : int
        Number of the frame.
    hash : bytes
        Content hash.
    likeness : int
        Perceptual hash.
    same_as, like : int or None
        Numbers of the earliest frames with the same pixels, and of the same look.
    part : str or None
        Part of the split: train, validation or test.
    """

    frame: int
    hash: bytes
    likeness: int
    same_as: int | None
    like: int | None
    part: str | None


class SampleRow(NamedTuple):
    """A frame as a dataset sees it.

    Attributes
    ----------
    frame : int
        Number of the frame.
    hash : bytes
        Content hash.
    likeness : int
        Perceptual hash.
    mask : str or None
        Name of its best mask of the given tags.
    cloud_fraction : float or None
        Of that mask, 0 to 1; None also where all its pixels are ignored.
    """

    frame: int
    hash: bytes
    likeness: int
    mask: str | None
    cloud_fraction: float | None


class LabelCounts(NamedTuple):
    """How many frames can serve for training.

    Attributes
    ----------
    frames : int
        All frames.
    approved : int
        Approved frames with a human mask.
    best, auto, model : int
        Frames that are not rejected, with any mask, or a mask of the tag.
    classes : int
        Frames that are not rejected, with the class clear or cloudy.
    rejected : int
        Rejected frames.
    duplicates : int
        Frames that are not rejected, and have the pixels of an earlier one.
    """

    frames: int
    approved: int
    best: int
    auto: int
    model: int
    classes: int
    rejected: int
    duplicates: int
