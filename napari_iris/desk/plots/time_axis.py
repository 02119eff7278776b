"""An axis of times: DateAxisItem leaves half of a small plot without a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.app.time_ticks import time_label, time_step, time_ticks
from napari_iris.desk.plots.backend import pg

if TYPE_CHECKING:
    from collections.abc import Sequence

LABEL_WIDTH, MARGIN = 50, 25
"""Room for one label, and for its part beyond the end of the axis [pixels]."""


class TimeAxis(pg.AxisItem):
    """Numbers round times, UTC; positions are seconds since 1970."""

    def __init__(self) -> None:
        super().__init__("bottom", hideOverlappingLabels=MARGIN)

    def tickValues(  # noqa: N802 (pyqtgraph's name)
        self, minimum: float, maximum: float, size: float
    ) -> list[tuple[float, Sequence[float]]]:
        """Give the interval of the ticks, and their positions."""
        step = time_step(maximum - minimum, int(size) // LABEL_WIDTH)
        return [(step, time_ticks(minimum, maximum, step))]

    def tickStrings(  # noqa: N802 (pyqtgraph's name)
        self, values: Sequence[float], scale: float, spacing: float
    ) -> list[str]:
        """Write the ticks."""
        del scale
        return [time_label(value, spacing) for value in values]
