"""What can be said of a frame, by whom, and what is known of its masks."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_iris.labels import FrameClass, Status, Tag


@dataclass(frozen=True)
class Entry:
    """One line of a frame's history.

    Attributes
    ----------
    at : datetime
        When, UTC.
    by : str
        Who: a person's login, or the program that made a mask.
    what : str
        What changed: status, class, note, mask, or reason.
    value : str
        The new value; for a mask its tag and how it came about.
    mask : int or None
        Number of the mask, to restore it by.
    """

    at: datetime
    by: str
    what: str
    value: str
    mask: int | None


@dataclass(frozen=True)
class Decision:
    """What is known of one frame's label, beside its mask.

    Attributes
    ----------
    status : str
        Where it stands.
    sky : str or None
        Its class.
    reason, note : str
        Why it was rejected, and what a person noted.
    by, how : str
        Who decided last, and how; empty where nobody has.
    at : int
        When [us since 1970]; 0 where nobody has.
    """

    status: Status
    sky: FrameClass | None
    reason: str
    note: str
    by: str
    how: str
    at: int


@dataclass(frozen=True)
class MaskFacts:
    """What is known of a mask in force, beside its pixels.

    Attributes
    ----------
    tag : str
        Who made it: auto, model or human.
    name : str
        Its name in the store.
    cloud_fraction, trust, uncertainty : float or None
        Cloud fraction of the seen sky, the gate's trust, the model's uncertainty; 0 to 1.
    threshold : float or None
        Of the recipe, in the frame's unit.
    method : str
        How it came about.
    by : str
        Who drew or approved it, or the program that made it.
    at : int
        When [us since 1970].
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


def person() -> str:
    """Login of whoever is at the keyboard."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, in a container
        return "unknown"


def now_us() -> int:
    """Microseconds since 1970, UTC."""
    return int(datetime.now(UTC).timestamp() * 1e6)


def moment(us: int) -> datetime:
    """Time of a number of microseconds since 1970, UTC."""
    return datetime.fromtimestamp(us / 1e6, UTC)
