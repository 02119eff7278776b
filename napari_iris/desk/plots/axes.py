"""Axes of a plot: round numbers, and where a place and a value lie on the widget."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qtpy.QtCore import QRectF, Qt
from qtpy.QtGui import QColor, QPainter, QPen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qtpy.QtGui import QFontMetrics

ROW = 19
"""Pixels between two numbers of the upright axis, at least."""


@dataclass(frozen=True)
class Axes:
    """A rectangle of the widget, and the range of epochs and values that it stands for.

    Attributes
    ----------
    area : QRectF
        The rectangle [pixels].
    left, right : float
        Range of the epochs.
    low, high : float
        Range of the values.
    rows : tuple of float
        Values that are numbered.
    """

    area: QRectF
    left: float
    right: float
    low: float
    high: float
    rows: tuple[float, ...]

    @classmethod
    def around(
        cls, points: Iterable[tuple[float, float]], rect: QRectF, text: QFontMetrics
    ) -> Axes | None:
        """Lay axes around some points; None where there are none."""
        there = [(x, y) for x, y in points if math.isfinite(y)]
        if not there:
            return None
        low, high = min(y for _, y in there), max(y for _, y in there)
        room = 0.06 * (high - low) or 0.05 * abs(high) or 0.5
        low, high = low - room, high + room
        top = bottom = text.height() + 8
        rows = ticks(low, high, max(2, int(rect.height() - top - bottom) // ROW))
        widest = max((text.horizontalAdvance(label) for label in _labels(rows)), default=0)
        left, right = min(1.0, *(x for x, _ in there)), max(2.0, *(x for x, _ in there))
        area = rect.adjusted(widest + 10, top, -12, -bottom)
        return cls(area, left, right, low, high, tuple(rows))

    def x(self, epoch: float) -> float:
        """Where an epoch is [pixels]."""
        share = (epoch - self.left) / (self.right - self.left)
        return float(self.area.left() + share * self.area.width())

    def y(self, value: float) -> float:
        """Where a value is [pixels]."""
        share = (value - self.low) / (self.high - self.low)
        return float(self.area.bottom() - share * self.area.height())

    def epoch_at(self, x: float) -> int:
        """Epoch nearest to a place [pixels]."""
        share = (x - self.area.left()) / self.area.width()
        return round(self.left + share * (self.right - self.left))

    def draw(self, painter: QPainter, ink: QColor, marked: int | None) -> None:
        """Draw lines and numbers on whole pixels, and a line at the epoch that is marked."""
        area, text = self.area, painter.fontMetrics()
        left, right, floor = round(area.left()), round(area.right()), round(area.bottom())
        right_aligned = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for value, label in zip(self.rows, _labels(self.rows), strict=True):
            y = round(self.y(value))
            painter.setPen(faded(ink, 0.15))
            painter.drawLine(left, y, right, y)
            painter.setPen(faded(ink, 0.85))
            box = QRectF(0, y - text.height() / 2, area.left() - 6, text.height())
            painter.drawText(box, right_aligned, label)
        for epoch in self._columns(text):
            x = round(self.x(epoch))
            painter.drawLine(x, floor, x, floor + 3)
            box = QRectF(x - 40, floor + 4, 80, text.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, f"{epoch:g}")
        painter.setPen(QPen(faded(ink, 0.5)))
        painter.drawLine(left, floor, right, floor)
        if marked is not None and self.left <= marked <= self.right:
            x = round(self.x(marked))
            painter.drawLine(x, round(area.top()), x, floor)

    def _columns(self, text: QFontMetrics) -> list[float]:
        """Epochs that are numbered."""
        most = max(2, int(self.area.width()) // (2 * text.horizontalAdvance("0000")))
        return [epoch for epoch in ticks(self.left, self.right, most) if epoch == int(epoch)]


def ticks(low: float, high: float, most: int) -> Sequence[float]:
    """Give round numbers from `low` to `high`: 1, 2 or 5 times a power of ten apart.

    Parameters
    ----------
    low, high : float
        The range; `high` above `low`.
    most : int
        How many at most, or one more.
    """
    rough = (high - low) / max(most, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]


def _labels(values: Sequence[float]) -> list[str]:
    """Write round numbers with as many decimals as they need, all alike."""
    texts = [f"{value:.10g}" for value in values]
    decimals = max((len(text.partition(".")[2]) for text in texts), default=0)
    return [f"{value:.{decimals}f}" for value in values]


def faded(color: QColor, alpha: float) -> QColor:
    """Give a color that lets the background through."""
    paler = QColor(color)
    paler.setAlphaF(alpha)
    return paler


def draw_upright(painter: QPainter, box: QRectF, text: str) -> None:
    """Draw a text that reads upwards."""
    painter.save()
    painter.translate(box.center())
    painter.rotate(-90)
    turned = QRectF(-box.height() / 2, -box.width() / 2, box.height(), box.width())
    painter.drawText(turned, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
