"""The Night timeline dock in a window: mouse, keys, zoom, themes, a hundred thousand frames."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
from qtpy.QtGui import QColor, QMouseEvent, QPalette
from qtpy.QtWidgets import QApplication

from napari_iris.app.timeline.levels import NightLevels
from napari_iris.app.timeline.series import NightSeries
from napari_iris.desk.timeline.dock import TimelineDock
from napari_iris.desk.timeline.plots import CloudPlot, KeogramPlot, LevelPlot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.gui

START = np.datetime64("2024-01-15T18:00:00", "us")

LOW = 140
"""Height that is left for the dock in a window of 1280x720 [pixels]."""


def night(count: int, step_s: int) -> NightSeries:
    rng = np.random.default_rng(0)
    levels = NightLevels.unknown(count)
    levels.floor[:] = 600 + rng.normal(0, 3, count)
    levels.median[:] = levels.floor + rng.uniform(0, 300, count)
    levels.reference[:], levels.sigma[:] = 600, 8
    levels.profile[:] = levels.median[:, None]
    times = START + np.arange(count) * np.timedelta64(step_s, "s")
    cover = rng.uniform(0, 1, count).astype(np.float32)
    return NightSeries.of(times, levels, cover, rng.integers(0, 5, count).astype(np.int8))


@pytest.fixture
def dock(model: Any, make_night: Callable[..., Path], open_night: Any, qtbot: QtBot) -> Any:
    """The dock of a viewer without a window, on six frames, all of them measured."""
    open_night(make_night(6))
    dock = TimelineDock(model)
    qtbot.addWidget(dock)
    dock.resize(800, 200)
    dock.show()
    qtbot.waitUntil(lambda: dock.timeline.is_current, timeout=60_000)
    return dock


def test_nothing_scrolls_below_the_frames_of_a_small_window(dock: Any) -> None:
    dock.resize(1260, LOW)
    QApplication.processEvents()
    assert dock.verticalScrollBar().maximum() == 0
    assert all(plot.size().height() >= plot.height for plot in dock.plots)


def test_a_click_goes_to_the_frame_and_all_plots_mark_it(dock: Any, qtbot: QtBot) -> None:
    for plot in dock.plots:
        for row in (4, 1):
            x = float(plot.series.x[row] / plot.series.unit)
            place = QPoint(round(plot.place(x, 0).x()), 30)
            qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
            assert dock.session.number == row
            assert [one.row for one in dock.plots] == [row] * 3
            assert all(one.marker.value() == x for one in dock.plots)


def test_a_drag_selects_the_frames_it_covers_and_a_click_selects_none(
    dock: Any, qtbot: QtBot
) -> None:
    left = Qt.MouseButton.LeftButton
    for plot in dock.plots:
        places = [
            QPoint(round(plot.place(float(plot.series.x[row] / plot.series.unit), 0).x()), 30)
            for row in (1, 4)
        ]
        qtbot.mousePress(plot.viewport(), left, pos=places[0])
        move = QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(places[1]),
            QPointF(plot.viewport().mapToGlobal(places[1])),
            Qt.MouseButton.NoButton,
            left,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(plot.viewport(), move)
        qtbot.mouseRelease(plot.viewport(), left, pos=places[1])
        assert dock.session.selected.tolist() == [1, 2, 3, 4]
        assert dock.session.number == 1
        assert "4 frames selected" in dock.legend.text()
        qtbot.mouseClick(plot.viewport(), left, pos=places[0])
        assert not len(dock.session.selected)
        qtbot.mouseClick(plot.viewport(), left, Qt.KeyboardModifier.ShiftModifier, places[1])
        assert dock.session.selected.tolist() == [1, 2, 3, 4]
        assert dock.session.number == 1


def test_the_arrow_keys_step_through_the_night(dock: Any, qtbot: QtBot) -> None:
    for key, number in (("End", 5), ("Left", 4), ("Home", 0), ("Right", 1)):
        qtbot.keyClick(dock.levels, getattr(Qt.Key, f"Key_{key}"))
        assert dock.session.number == number
    assert "floor" in dock.levels.accessibleDescription()


def test_all_plots_show_the_same_times(dock: Any, qtbot: QtBot) -> None:
    dock.session.go_to(3)
    for _ in range(2):
        qtbot.mouseClick(dock.more, Qt.MouseButton.LeftButton)
        levels, keogram, clouds = (plot.item.viewRange()[0] for plot in dock.plots)
        assert levels == keogram == clouds
        place = dock.levels.series.x[3] / dock.levels.series.unit
        assert levels[0] < place < levels[1]
    assert dock.less.isEnabled()
    for _ in range(2):
        qtbot.mouseClick(dock.less, Qt.MouseButton.LeftButton)
    assert not dock.less.isEnabled()


def test_the_legend_names_what_is_drawn(dock: Any) -> None:
    assert "median" in dock.legend.text()
    assert "cloud cover" in dock.legend.text()
    assert "2024-01-15" in dock.legend.text()


def test_no_frames_are_open(model: Any, qtbot: QtBot) -> None:
    dock = TimelineDock(model)
    qtbot.addWidget(dock)
    dock.show()
    assert dock.welcome.isVisible()
    assert not any(plot.isVisible() for plot in dock.plots)


def test_the_legend_follows_the_theme(dock: Any) -> None:
    before = dock.legend.text()
    palette = dock.palette()
    is_dark = palette.color(QPalette.ColorRole.Window).lightness() < 128
    palette.setColor(QPalette.ColorRole.Window, QColor("white" if is_dark else "black"))
    for plot in dock.plots:
        plot.setPalette(palette)
    assert dock.legend.text() != before


def test_it_lies_below_the_frames_and_stops_when_it_is_closed(
    make_napari_viewer_proxy: Callable[..., Any], make_night: Callable[..., Path], qtbot: QtBot
) -> None:
    viewer = make_napari_viewer_proxy(show=True)
    viewer.open(str(make_night(6)), plugin="napari-iris")
    holder, dock = viewer.window.add_plugin_dock_widget("napari-iris", "Night timeline")
    window = dock.window()
    bottom = Qt.DockWidgetArea.BottomDockWidgetArea
    qtbot.waitUntil(lambda: window.dockWidgetArea(holder) == bottom)
    viewer.window.remove_dock_widget(dock)
    viewer.dims.set_current_step(0, 3)
    assert dock.timeline.row != 3


@pytest.mark.timed
@pytest.mark.parametrize("kind", [LevelPlot, KeogramPlot, CloudPlot])
def test_a_hundred_thousand_frames_are_drawn_at_once(
    kind: type[LevelPlot | KeogramPlot | CloudPlot], qtbot: QtBot
) -> None:
    plot = kind()
    qtbot.addWidget(plot)
    plot.resize(1200, 150)
    plot.show()
    series = night(100_000, 3)
    best = np.inf
    for _ in range(3):
        begin = time.perf_counter()
        plot.show_series(series)
        plot.grab()
        best = min(best, time.perf_counter() - begin)
    print(f"{kind.__name__}: {1000 * best:.0f} ms")
    assert best < 0.2
