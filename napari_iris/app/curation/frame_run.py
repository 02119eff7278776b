"""Which frames one decision can label: from a frame on, until the scene changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.labels import STATUSES
from napari_iris.project.frame_table import UNKNOWN, is_status
from napari_iris.project.night_references import nights_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.project.frame_table import FrameTable

LEVEL_ADU = 25.0
"""Most that the floor, or the level of the clear sky, may move within a run [ADU]."""

FLOOR_ADU = 50.0
"""Most that the floor may move where the level of the clear sky is measured [ADU]: the level says
whether the camera has changed; the floor, the frame's coldest part, depends on the clouds too."""

OKTA = 1 / 8
"""Most that the cloud cover may change within a run, of 1."""

LONG_GAP = np.timedelta64(15, "m")
"""Longest time between two frames of a run."""

DAY = np.timedelta64(1, "D")
"""Time after which it is another night, if it was not before."""

ROUNDING = 1e-5
"""Relative error of the differences: the table holds 32-bit numbers."""


REFUSED = "halfway to the frame where the last run was cancelled"


@dataclass(frozen=True, eq=False)
class FrameRun:
    """Consecutive frames that one decision can label.

    Attributes
    ----------
    row : int
        Row of the frame that the decision is made on; all others are compared with it.
    rows : ndarray of int64
        Rows of the frames to label, ascending: `row` itself only if it needs a decision, and no
        copies of another frame.
    stop : int
        The first row after the run.
    end : str
        Why the run ends there, in words.
    least : int
        Row of the frame that agrees least with `row`.
    difference : str
        In what it agrees least, in words.
    is_selection : bool
        Whether a person has selected its frames: then `end` says what was selected.
    """

    row: int
    rows: NDArray[np.int64]
    stop: int
    end: str
    least: int
    difference: str
    is_selection: bool = False

    def holds(self, row: int) -> bool:
        """Whether a frame is within the run."""
        return self.row <= row < self.stop

    def ending(self, frames: int) -> str:
        """Say where the run ends, and why.

        Parameters
        ----------
        frames : int
            Frames of the project.
        """
        if self.is_selection:
            return f"Selection: {self.end}"
        where = "" if self.stop >= frames else f" at frame {self.stop + 1:,}"
        return f"Ends{where}: {self.end}"


def is_open(table: FrameTable) -> NDArray[np.bool_]:
    """Select the frames that no person has labelled, in whatever way.

    Parameters
    ----------
    table : FrameTable
        The frames.

    Returns
    -------
    ndarray of bool, shape (frames,)
        False where a person has decided, drawn, or set a class.
    """
    found: NDArray[np.bool_] = is_status(table, "unlabelled", "auto")
    found &= table.labelled_at == 0
    found &= table.frame_class == UNKNOWN
    return found


def find_run(
    table: FrameTable, row: int, cover: float | None = None, refused: int | None = None
) -> FrameRun:
    """Find the run that begins at a frame.

    It ends before the first frame where the floor has moved by more than `LEVEL_ADU` (`FLOOR_ADU`
    above a measured clear sky), the cloud cover by more than an okta, or the clear-sky reference
    ends or changes, all compared with the first frame, so that no slow drift is followed; after a
    gap in time of more than `LONG_GAP`; before a frame that a person has labelled; and halfway to
    a frame for which a run did not hold.

    Parameters
    ----------
    table : FrameTable
        The frames, in order of time.
    row : int
        Row of the first frame.
    cover : float, optional
        Cloud fraction of its mask before a person edited it: that of the others is a program's.
    refused : int, optional
        Row of a frame that a person has seen in such a run, and cancelled it.

    Returns
    -------
    FrameRun
        The run; without other frames where nothing is known of the first one.
    """
    changes = _Changes.of(table, row, cover)
    ends = changes.ends(table, row)
    if refused is not None and refused > row:
        ends["refused"] = np.arange(row + 1, len(table)) > (row + refused - 1) // 2
    found = np.flatnonzero(np.logical_or.reduce(list(ends.values())))
    count = int(found[0]) if len(found) else len(table) - row - 1
    day = np.searchsorted(table.time, table.time[row] + DAY, side="right")  # NaT is the last
    nights = nights_of(table.time[row : min(row + count, max(int(day), row)) + 1])
    others = np.flatnonzero(nights[1:] != nights[0])
    if len(others):
        count = int(others[0])
        end = "another night begins"
    elif len(found):
        name = next(name for name, here in ends.items() if here[count])
        end = REFUSED if name == "refused" else changes.text(name, count)
    else:
        end = "it is the last frame of the project"
    after = np.arange(row + 1, row + 1 + count)
    after = after[~table.is_copy[after]]
    first = [row] if _needs_decision(table, row) else []
    least, difference = row, ""
    if len(after):
        far = changes.distance[after - row - 1]
        least = int(after[np.argmax(far)])
        difference = changes.largest(least - row - 1)
    rows = np.concatenate([np.array(first, np.int64), after])
    return FrameRun(row, rows, row + 1 + count, end, least, difference)


def selected_run(
    table: FrameTable, selected: NDArray[np.int64], cover: float | None = None
) -> FrameRun:
    """Give the frames that a person has selected as a run, however they differ.

    Parameters
    ----------
    table : FrameTable
        The frames, in order of time.
    selected : ndarray of int64
        Rows of the selected frames, ascending; at least one.
    cover : float, optional
        As in `find_run`, of the first of them.

    Returns
    -------
    FrameRun
        The run; frames that a person has labelled, and copies, are left out.
    """
    row, others = int(selected[0]), selected[1:]
    after = others[is_open(table)[others] & ~table.is_copy[others]]
    first = [row] if _needs_decision(table, row) else []
    rows = np.concatenate([np.array(first, np.int64), after])
    least, difference = row, ""
    if len(after):
        changes = _Changes.of(table, row, cover)
        far = np.nan_to_num(changes.distance[after - row - 1], nan=np.inf)
        least = int(after[np.argmax(far)])
        difference = changes.largest(least - row - 1) if np.isfinite(far.max()) else "not known"
    left = len(selected) - len(rows)
    end = f"{len(selected):,} frames selected" + (f", {left:,} of them labelled" if left else "")
    return FrameRun(row, rows, int(selected[-1]) + 1, end, least, difference, is_selection=True)


def _needs_decision(table: FrameTable, row: int) -> bool:
    """Whether the first frame is to be labelled: untouched, or edited and not yet decided on."""
    if table.status[row] == STATUSES.index("edited"):
        return bool(table.labelled_at[row] == 0 and table.frame_class[row] == UNKNOWN)
    return bool(is_open(table)[row])


@dataclass(frozen=True, eq=False)
class _Changes:
    """Changes from the first frame of a run to each frame after it; NaN where not known."""

    floor: NDArray[np.floating]
    level: NDArray[np.floating]
    cover: NDArray[np.floating]

    @classmethod
    def of(cls, table: FrameTable, row: int, cover: float | None) -> _Changes:
        fraction = table.cloud_fraction[row] if cover is None else cover
        after = slice(row + 1, None)
        return cls(
            table.floor[after] - table.floor[row],
            table.level[after] - table.level[row],
            table.cloud_fraction[after] - np.float32(fraction),
        )

    @property
    def floor_limit(self) -> NDArray[np.floating]:
        """Most that the floor may move [ADU]; the level changes where it is measured."""
        return np.where(np.isnan(self.level), LEVEL_ADU, FLOOR_ADU)

    @property
    def distance(self) -> NDArray[np.floating]:
        """Largest of the changes, as a part of what a run allows."""
        parts = [self.floor / self.floor_limit, self.level / LEVEL_ADU, self.cover / OKTA]
        distance: NDArray[np.floating] = np.fmax.reduce(np.abs(parts))
        return distance

    def ends(self, table: FrameTable, row: int) -> dict[str, NDArray[np.bool_]]:
        """Frames before which the run ends, by reason, the weightiest first."""
        after, limit = slice(row + 1, None), 1 + ROUNDING
        is_timed, is_known = ~np.isnat(table.time), ~np.isnan(table.level)
        ends = {
            "decided": ~is_open(table)[after],
            "gap": np.diff(table.time[row:]) > LONG_GAP,  # false where a time is not known
            "time": is_timed[after] != is_timed[row],
            "reference": is_known[after] != is_known[row],
            "level": np.abs(self.level) > LEVEL_ADU * limit,
            "unknown": np.isnan(self.floor) | np.isnan(self.cover),
            "floor": np.abs(self.floor) > self.floor_limit * limit,
            "cover": np.abs(self.cover) > OKTA * limit,
        }
        # a copy is not a frame of the run, whatever its label; but time passes until the next frame
        copies = table.is_copy[after]
        return {name: here if name == "gap" else here & ~copies for name, here in ends.items()}

    def text(self, reason: str, place: int) -> str:
        """Say why a run ends before a frame."""
        texts = {
            "decided": "a person has labelled it",
            "gap": f"more than {LONG_GAP.astype(int)} minutes without a frame",
            "time": "its time is not known",
            "reference": "the clear-sky reference ends or begins",
            "level": f"clear-sky reference {self.level[place]:+.0f} ADU",
            "unknown": "its floor or cloud cover is not known",
            "floor": f"floor {self.floor[place]:+.0f} ADU",
            "cover": f"cloud cover {8 * self.cover[place]:+.1f} oktas",
        }
        return texts[reason]

    def largest(self, place: int) -> str:
        """Say in what a frame within the run differs most."""
        parts = {
            "floor": abs(self.floor[place]) / self.floor_limit[place],
            "cover": abs(self.cover[place]) / OKTA,
            "level": abs(np.nan_to_num(self.level[place])) / LEVEL_ADU,
        }
        return self.text(max(parts, key=lambda name: parts[name]), place)
