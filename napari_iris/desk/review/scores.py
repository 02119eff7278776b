"""What predictions are worth over all frames: beside the baselines, as a matrix, as a curve."""

from __future__ import annotations

from math import isfinite, nan
from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from qtpy.QtGui import QColor, QPainter, QPalette, QPen, QPolygonF
from qtpy.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from napari_iris.desk.plots.axes import faded
from napari_iris.desk.plots.plot import curve_color

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from qtpy.QtGui import QPaintEvent

    from napari_iris.desk.review.data import Measured
    from napari_iris.evaluation.ranking import Curve

SCORES = {
    "accuracy": ("accuracy", "Part of the pixels that are right"),
    "bal.": ("balanced_accuracy", "Mean of cloud found and clear sky left clear: 0.5 for a guess"),
    "clear IoU": (
        "iou_clear",
        "Clear sky found and in truth: what they share over what they cover",
    ),
    "MCC": ("mcc", "Matthews correlation coefficient: 0 for a guess, 1 for all right"),
}
"""What each score is called, its name in a report, and what it means."""

ANSWERS = {
    "model": "model",
    "all_cloud": "always cloud",
    "otsu": "Otsu",
    "recipe": "recipe",
    "recipe_gate": "recipe, gate",
}
"""What each answer is called, in the order of the rows."""

ANSWER_COLORS = {"model": 0, "all_cloud": 4, "otsu": 2, "recipe": 3, "recipe_gate": 5}
"""Number of each answer's colour."""

UNDEFINED = "–"


class ScoreTable(QWidget):
    """Scores of the model above those of the baselines."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(2)
        self._grid.setHorizontalSpacing(4)
        self._grid.setColumnStretch(0, 1)
        for column, (name, (_, tip)) in enumerate(SCORES.items(), start=1):
            self._put(0, column, name).setToolTip(tip)
        self.titles: dict[str, QLabel] = {}
        self.texts: dict[tuple[str, str], QLabel] = {}
        for row, answer in enumerate(ANSWERS, start=1):
            self.titles[answer] = self._put(row, 0, "", right=False)
            for column, name in enumerate(SCORES, start=1):
                self.texts[answer, name] = self._put(row, column, UNDEFINED)
        self._name()

    def _put(self, row: int, column: int, text: str, *, right: bool = True) -> QLabel:
        label = QLabel(text)
        label.setAlignment(Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft)
        self._grid.addWidget(label, row, column)
        return label

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Take over the colours of another theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._name()

    def _name(self) -> None:
        """Name the answers, each with the colour that it has in the ROC curve."""
        for answer, label in self.titles.items():
            color = curve_color(ANSWER_COLORS[answer], self.palette()).name()
            name = f"<b>{ANSWERS[answer]}</b>" if answer == "model" else ANSWERS[answer]
            label.setText(f'<span style="color:{color}">●</span>&nbsp;{name}')

    def show_scores(self, measured: Measured | None) -> None:
        """Show what was measured."""
        facts: dict[str, Any] = {} if measured is None else measured.facts
        scores = {"model": facts.get("model", {}), **facts.get("baselines", {})}
        for (answer, name), label in self.texts.items():
            text = _text(scores.get(answer, {}).get(SCORES[name][0]))
            label.setText(f"<b>{text}</b>" if answer == "model" else text)


class ConfusionView(QWidget):
    """Confusion matrix: what was there, by row, and what it was called, by column."""

    def __init__(self) -> None:
        super().__init__()
        self.matrix: NDArray[np.int64] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("confusion matrix")

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Size that it would like."""
        return QSize(170, 170)

    def show_matrix(self, matrix: NDArray[np.int64] | None) -> None:
        """Draw another matrix, shape (2, 2): truth by row, answer by column, clear first."""
        self.matrix = matrix
        self.setAccessibleDescription("; ".join(self.lines()))
        self.setToolTip("\n".join(self.lines()))
        self.update()

    def lines(self) -> list[str]:
        """Tell the four numbers in words."""
        if self.matrix is None:
            return []
        names = ("clear", "cloud")
        return [
            f"{truth} called {answer}: {self.matrix[row, column]:,} pixels"
            for row, truth in enumerate(names)
            for column, answer in enumerate(names)
        ]

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw the four numbers, shaded by the part of their row."""
        del event
        palette = self.palette()
        ink = palette.color(QPalette.ColorRole.WindowText)
        painter, text = QPainter(self), self.fontMetrics()
        painter.setPen(ink)
        center = Qt.AlignmentFlag.AlignCenter
        if self.matrix is None:
            painter.setPen(faded(ink, 0.6))
            painter.drawText(self.rect(), center, "not measured")
            painter.end()
            return
        left, top = text.height() * 2.0 + 6, text.height() * 2.0 + 6
        side = min(self.width() - left - 2, self.height() - top - 2) / 2
        painter.drawText(QRectF(left, 0, 2 * side, text.height()), center, "predicted")
        _draw_upright(painter, QRectF(0, top, text.height(), 2 * side), "true")
        rows = self.matrix.sum(axis=1)
        for number, name in enumerate(("clear", "cloud")):
            over = QRectF(left + number * side, text.height() + 3, side, text.height())
            painter.drawText(over, center, name)
            beside = QRectF(text.height() + 3, top + number * side, text.height(), side)
            _draw_upright(painter, beside, name)
        for (row, column), count in np.ndenumerate(self.matrix):
            share = float(count / rows[row]) if rows[row] else nan
            box = QRectF(left + column * side, top + row * side, side - 2, side - 2)
            color = curve_color(ANSWER_COLORS["model"], palette)
            painter.fillRect(box, faded(color, 0.08 + 0.5 * (share if isfinite(share) else 0)))
            told = UNDEFINED if not isfinite(share) else f"{share:.1%}"
            painter.drawText(box, center, f"{told}\n{_short(int(count))}")
        painter.end()


class RocView(QWidget):
    """ROC curve: cloud found against sky called cloud, with the baselines as points."""

    def __init__(self) -> None:
        super().__init__()
        self.curve: Curve | None = None
        self.points: dict[str, tuple[float, float]] = {}
        self.area = nan
        self.threshold: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("ROC curve")

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Size that it would like."""
        return QSize(170, 170)

    def show_measured(self, measured: Measured | None) -> None:
        """Draw what was measured; without both classes in the truth there is no curve."""
        curves = {} if measured is None else measured.curves.get("pixels", {})
        curve = curves.get("model")
        both = (
            curve is not None and len(curve.hit) > 0 and curve.hit[-1] > 0 and curve.false[-1] > 0
        )
        self.curve = curve if both else None
        self.points, self.area = {}, nan
        if measured is not None and self.curve is not None:
            self.area = measured.facts["model"].get("auc") or nan
            confusion = measured.facts["confusion"]
            self.points = {name: _point(confusion[name]) for name in ANSWERS if name in confusion}
        self.setAccessibleDescription(f"area {_text(self.area)}")
        lines = [
            f"{ANSWERS[name]}: {y:.1%} of the cloud, {x:.1%} of the sky"
            for name, (x, y) in self.points.items()
        ]
        self.setToolTip(
            "\n".join([f"area under the curve {_text(self.area)}", *lines]) if lines else ""
        )
        self.update()

    def mark(self, threshold: float | None) -> None:
        """Mark the threshold that is in force."""
        if threshold != self.threshold:
            self.threshold = threshold
            self.update()

    def square(self) -> QRectF:
        """Square of the curve [pixels]."""
        text = self.fontMetrics()
        left, bottom, top = text.height() + 6.0, text.height() + 6.0, 4.0
        side = min(self.width() - left - 6, self.height() - bottom - top)
        return QRectF(left, top, side, side)

    def marked(self) -> tuple[float, float] | None:
        """Fall-out and recall at the threshold that is marked."""
        if self.curve is None or self.threshold is None:
            return None
        above = np.flatnonzero(self.curve.threshold >= np.float32(self.threshold))
        if not len(above):
            return 0.0, 0.0
        return float(self.curve.fall_out[above[-1]]), float(self.curve.recall[above[-1]])

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw the curve, the baselines' points, and where the threshold stands."""
        del event
        palette = self.palette()
        ink = palette.color(QPalette.ColorRole.WindowText)
        painter, text, square = QPainter(self), self.fontMetrics(), self.square()
        if self.curve is None:
            painter.setPen(faded(ink, 0.6))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "no ROC curve")
            painter.end()
            return
        painter.setPen(faded(ink, 0.4))
        painter.drawRect(square)
        painter.setPen(QPen(faded(ink, 0.4), 1, Qt.PenStyle.DotLine))
        painter.drawLine(square.bottomLeft(), square.topRight())
        painter.setPen(ink)
        below = QRectF(square.left(), square.bottom() + 2, square.width(), text.height())
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, "sky called cloud")
        beside = QRectF(0, square.top(), text.height(), square.height())
        _draw_upright(painter, beside, "cloud found")
        area = QRectF(square.adjusted(0, 0, -6, -4))
        corner = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
        painter.drawText(area, corner, f"AUC {_text(self.area)}")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = curve_color(ANSWER_COLORS["model"], palette)
        painter.setPen(QPen(color, 1.8))
        x, y = np.append(0, self.curve.fall_out), np.append(0, self.curve.recall)
        places = [self._place(square, a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)]
        painter.drawPolyline(QPolygonF(places))
        for name, (a, b) in self.points.items():
            self._dot(painter, square, (a, b), curve_color(ANSWER_COLORS[name], palette), 3.2)
        marked = self.marked()
        if marked is not None:
            painter.setPen(QPen(ink, 1.6))
            painter.drawEllipse(self._place(square, *marked), 4.5, 4.5)
        painter.end()

    @staticmethod
    def _place(square: QRectF, x: float, y: float) -> QPointF:
        return QPointF(square.left() + x * square.width(), square.bottom() - y * square.height())

    def _dot(
        self,
        painter: QPainter,
        square: QRectF,
        point: tuple[float, float],
        color: QColor,
        radius: float,
    ) -> None:
        if all(map(isfinite, point)):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawEllipse(self._place(square, *point), radius, radius)
            painter.setBrush(Qt.BrushStyle.NoBrush)


def _point(confusion: dict[str, dict[str, int]]) -> tuple[float, float]:
    """Fall-out and recall of an answer."""
    clear, cloud = confusion["true_clear"], confusion["true_cloud"]
    sky, there = sum(clear.values()), sum(cloud.values())
    return clear["cloud"] / sky if sky else nan, cloud["cloud"] / there if there else nan


def _draw_upright(painter: QPainter, box: QRectF, text: str) -> None:
    """Draw a text that reads upwards."""
    painter.save()
    painter.translate(box.center())
    painter.rotate(-90)
    turned = QRectF(-box.height() / 2, -box.width() / 2, box.height(), box.width())
    painter.drawText(turned, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


def _text(score: float | None) -> str:
    return UNDEFINED if score is None or not isfinite(score) else f"{score:.3f}"


def _short(count: int) -> str:
    """Write a large number as a person says it."""
    for least, name in ((10_000_000, "M"), (10_000, "k")):
        if count >= least:
            return f"{count / (least / 10):.0f} {name}"
    return f"{count:,}"
