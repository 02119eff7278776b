"""Curves are drawn where their values are, on either theme, and read by mouse and keys."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import qtpy
from qtpy.QtCore import QEvent, QPointF, Qt
from qtpy.QtGui import QColor, QImage, QMouseEvent, QPalette
from qtpy.QtWidgets import QApplication, QToolTip

from napari_iris.app.curves import Curve, Curves
from napari_iris.app.training.curves import MAX_RUNS
from napari_iris.desk.plots.colors import ON_DARK, ON_LIGHT
from napari_iris.desk.plots.curve_plot import CurvePlot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.gui


@pytest.fixture(params=["dark", "light"])
def plot(request: pytest.FixtureRequest, qtbot: QtBot) -> CurvePlot:
    """A plot on either background."""
    plot = CurvePlot(Curves("Loss"))
    dark = request.param == "dark"
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Window, QColor("#23242b" if dark else "#ebe7e6"))
    palette.setColor(QPalette.ColorRole.WindowText, QColor("#f0f1f2" if dark else "#1e1e21"))
    plot.setPalette(palette)
    qtbot.addWidget(plot)
    plot.resize(340, 160)
    plot.show()
    qtbot.waitExposed(plot)
    return plot


def colors_of(plot: CurvePlot) -> tuple[str, ...]:
    dark = plot.palette().color(QPalette.ColorRole.Window).lightness() < 128
    return ON_DARK if dark else ON_LIGHT


def places_of(image: QImage, color: str) -> Iterator[tuple[int, int]]:
    """Pixels of nearly that colour."""
    wanted = QColor(color)
    for x in range(image.width()):
        for y in range(image.height()):
            found = image.pixelColor(x, y)
            off = (
                abs(found.red() - wanted.red())
                + abs(found.green() - wanted.green())
                + abs(found.blue() - wanted.blue())
            )
            if off < 40:
                yield x, y


def test_a_curve_is_drawn_where_its_values_are(plot: CurvePlot) -> None:
    falling = [(epoch, 1 / epoch) for epoch in range(1, 21)]
    plot.curves.show([Curve("loss", falling), Curve("flat", [(1, 0.5), (20, 0.5)], color=1)])
    image = plot.grab().toImage()
    drawn = set(places_of(image, colors_of(plot)[0]))
    for epoch, value in falling:
        place = plot.place(epoch, value)
        distances = (math.hypot(x - place.x(), y - place.y()) for x, y in drawn)
        assert min(distances) < 3, epoch
    rows = {y for _, y in places_of(image, colors_of(plot)[1])}
    assert min(abs(y - plot.place(1, 0.5).y()) for y in rows) < 2
    assert plot.place(1, 0.5).x() <= min(x for x, _ in drawn) + 4
    assert max(x for x, _ in drawn) <= plot.place(20, 0.5).x() + 5


def test_losses_of_steps_are_a_faint_line_without_marks(plot: CurvePlot) -> None:
    points = [(1, 0.7), (2, 0.4), (3, 0.5)]
    plot.curves.show([Curve("steps", points, style="faint")])
    (line,) = plot.lines
    assert len(line.xData) == 3
    assert not len(plot.marks.data)


def test_the_best_epoch_has_a_ring(plot: CurvePlot) -> None:
    points = [(1, 0.5), (2, 0.2), (3, 0.4)]
    plot.curves.show([Curve("loss", points)])
    before = set(places_of(plot.grab().toImage(), colors_of(plot)[0]))
    plot.curves.show([Curve("loss", points, best=2)])
    added = set(places_of(plot.grab().toImage(), colors_of(plot)[0])) - before
    place = plot.place(2, 0.2)
    assert len(added) > 4
    assert all(math.hypot(x - place.x(), y - place.y()) < 8 for x, y in added)


def test_numbers_and_title_stand_out_from_the_background(plot: CurvePlot, qtbot: QtBot) -> None:
    plot.curves.show([Curve("loss", [(1, 0.1), (2, 0.9)])])
    qtbot.waitUntil(lambda: plot.place(1, 0.5).x() > 20)  # the axis has room for its numbers
    image = plot.grab().toImage()
    left = round(plot.place(1, 0.5).x())
    for columns, rows in ((range(left, left + 60), range(20)), (range(left - 10), range(30, 130))):
        seen = [image.pixelColor(x, y).lightness() for x in columns for y in rows]
        assert max(seen) - min(seen) > 120


def test_another_theme_has_other_colours(plot: CurvePlot) -> None:
    plot.curves.show([Curve("loss", [(1, 0.1), (2, 0.9)])])
    palette = plot.palette()
    window, text = QPalette.ColorRole.Window, QPalette.ColorRole.WindowText
    before, ink = palette.color(window), palette.color(text)
    palette.setColor(window, ink)
    palette.setColor(text, before)
    plot.setPalette(palette)
    image = plot.grab().toImage()
    assert len(list(places_of(image, colors_of(plot)[0]))) > 20
    assert abs(image.pixelColor(339, 1).lightness() - ink.lightness()) < 10


def test_whole_epochs_are_numbered(plot: CurvePlot) -> None:
    plot.curves.show([Curve("loss", [(1, 0.1), (3, 0.9)])])
    axis = plot.item.getAxis("bottom")
    ticks = [tick for _, values in axis.tickValues(0.9, 3.1, 300) for tick in values]
    assert ticks
    assert all(float(tick).is_integer() for tick in ticks)


@pytest.mark.parametrize(
    "points",
    [[], [(1, math.nan)], [(1, 0.5), (2, math.inf), (3, 0.4)], [(1, 0.5)], [(1, -1.0), (2, -1.0)]],
    ids=["none", "no number", "infinite", "one", "level"],
)
def test_odd_values_are_drawn_as_far_as_they_can_be(
    plot: CurvePlot, points: list[tuple[float, float]]
) -> None:
    plot.curves.show([Curve("loss", points, best=1)])
    drawn = list(places_of(plot.grab().toImage(), colors_of(plot)[0]))
    finite = [point for point in points if math.isfinite(point[1])]
    assert (len(drawn) > 8) == bool(finite)
    assert plot.empty.isVisible() == (not finite)


def test_the_mouse_reads_the_nearest_epoch(plot: CurvePlot, qtbot: QtBot) -> None:
    steps = Curve("", [(0.5, 0.8)], style="faint")
    plot.curves.show([steps, Curve("validation", [(1, 0.5), (2, 0.25), (3, 0.125)])])
    place = QPointF(plot.place(2, 0.5).x() + 6, 80)
    QApplication.sendEvent(
        plot.viewport(),
        QMouseEvent(
            QEvent.Type.MouseMove,
            place,
            QPointF(plot.mapToGlobal(place.toPoint())),
            Qt.MouseButton.NoButton,
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
        ),
    )
    assert plot.curves.epoch == 2
    assert plot.marker.isVisible()
    assert plot.marker.value() == 2
    qtbot.waitUntil(lambda: QToolTip.text() == "Epoch 2\nvalidation: 0.2500")
    assert plot.accessibleDescription() == plot.curves.text
    QApplication.sendEvent(plot, QEvent(QEvent.Type.Leave))
    assert plot.curves.epoch is None
    assert not plot.marker.isVisible()


def test_the_arrow_keys_read_too(plot: CurvePlot, qtbot: QtBot) -> None:
    plot.curves.show([Curve("validation", [(n, 1 / n) for n in range(1, 6)])])
    assert plot.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert "arrow keys" in plot.accessibleName()
    read = []
    for key in ("Right", "Right", "End", "Right", "Left"):
        qtbot.keyClick(plot, getattr(Qt.Key, f"Key_{key}"))
        read.append(plot.curves.epoch)
    assert read == [1, 2, 5, 5, 4]
    qtbot.keyClick(plot, Qt.Key.Key_Home)
    assert plot.accessibleDescription() == "Epoch 1\nvalidation: 1.0000"


def test_there_are_as_many_colours_as_runs() -> None:
    assert len(ON_DARK) == len(ON_LIGHT) == MAX_RUNS


SCRIPT = """
import os, sys, threading
import {binding}.QtWidgets  # the binding of the window
hooks = sys.excepthook, threading.excepthook
from napari_iris.desk.plots.backend import pg
assert pg.Qt.QT_LIB == "{binding}", pg.Qt.QT_LIB
assert (sys.excepthook, threading.excepthook) == hooks
assert "PYQTGRAPH_QT_LIB" not in os.environ
assert not threading.enumerate()[1:]
"""


@pytest.mark.slow
def test_pyqtgraph_follows_the_binding_and_leaves_the_process_as_it_is() -> None:
    script = SCRIPT.format(binding=qtpy.API_NAME)
    done = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_docks_without_plots_do_not_import_pyqtgraph() -> None:
    names = "frames.dock", "mask.dock", "predict.dock", "window"
    lines = ["import sys", *(f"import napari_iris.desk.{name}" for name in names)]
    script = "\n".join([*lines, "assert 'pyqtgraph' not in sys.modules"])
    done = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
