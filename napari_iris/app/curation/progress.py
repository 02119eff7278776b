"""How much of a project is done, and how long the rest will take, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.project.frame_table import is_status

if TYPE_CHECKING:
    from napari_iris.project.frame_table import FrameTable


@dataclass(frozen=True)
class Progress:
    """Progress of a project.

    Attributes
    ----------
    done, total : int
        Frames approved or rejected, and all frames.
    per_minute : float or None
        Decisions per minute; None where not known.
    """

    done: int
    total: int
    per_minute: float | None = None

    @classmethod
    def of(cls, table: FrameTable, per_minute: float | None) -> Progress:
        """Count the frames of a project.

        Parameters
        ----------
        table : FrameTable
            The project's frames.
        per_minute : float or None
            Decisions per minute; None where not known.
        """
        done = np.count_nonzero(is_status(table, "approved", "rejected"))
        return cls(int(done), len(table), per_minute)

    @property
    def done_text(self) -> str:
        """Text of the progress bar."""
        return f"{self.done:,} of {self.total:,} done"

    @property
    def left_text(self) -> str:
        """What is left, and how long it will take."""
        left = self.total - self.done
        if not self.total:
            return "This project has no frames."
        if not left:
            return "All frames are done."
        if self.per_minute is None:
            return f"{left:,} frames left"
        minutes = left / self.per_minute
        time = f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"
        return f"{self.per_minute:.0f} frames/min, {'1 min' if minutes < 1 else time} left"
