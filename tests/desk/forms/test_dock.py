"""What the docks have in common, in a real window: their width, their place beside one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDockWidget,
    QLabel,
    QLineEdit,
    QMainWindow,
    QPushButton,
    QRadioButton,
    QSlider,
    QSpinBox,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from napari_iris.desk.forms.dock import CanvasDock

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from napari_iris.desk.forms.dock import Dock

pytestmark = pytest.mark.gui

WIDTH, HEIGHT = 1024, 700


@pytest.fixture
def viewer(make_napari_viewer_proxy: Callable[..., Any]) -> Any:
    viewer = make_napari_viewer_proxy(show=True)
    viewer.window.resize(WIDTH, HEIGHT)
    return viewer


def test_the_dock_is_as_wide_as_what_stands_in_it(qtbot: QtBot) -> None:
    inner, label, dock = QWidget(), QLabel("short"), CanvasDock()
    QVBoxLayout(inner).addWidget(label)
    dock.fill(inner, width=40)
    qtbot.addWidget(dock)
    dock.show()
    dock.resize(dock.minimumWidth(), 300)
    label.setText("a text that is a good deal longer")
    qtbot.waitUntil(lambda: dock.viewport().width() >= inner.minimumSizeHint().width() > 100)


FIELDS = (
    QCheckBox,
    QComboBox,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSlider,
    QSpinBox,
    QTableView,
)


@pytest.mark.parametrize("kind", FIELDS, ids=lambda kind: kind.__name__)
def test_what_the_keys_go_to_is_seen_and_does_not_move(qtbot: QtBot, kind: type[QWidget]) -> None:
    inner, before, field, dock = QWidget(), QPushButton("before"), kind(), CanvasDock()
    box = QVBoxLayout(inner)
    box.addWidget(before)
    box.addWidget(field)
    dock.fill(inner)
    qtbot.addWidget(dock)
    dock.show()
    dock.resize(300, 400)
    dock.activateWindow()
    qtbot.waitUntil(dock.isActiveWindow)
    before.setFocus()
    qtbot.waitUntil(before.hasFocus)
    place, plain = field.geometry(), field.grab().toImage()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    assert field.grab().toImage() != plain
    assert field.geometry() == place


def test_docks_lie_behind_one_another_and_have_the_height_of_the_window(
    viewer: Any, qtbot: QtBot
) -> None:
    names = ("Curate", "Predict", "Review", "Mask", "Train")
    docks: list[Dock] = []
    for name in names:
        docks.append(viewer.window.add_plugin_dock_widget("napari-iris", name)[1])
        qtbot.waitUntil(lambda: docks[-1].height() > 0.7 * HEIGHT, timeout=60_000)
        assert not docks[-1].visibleRegion().isEmpty(), "the new one is in front"
    main, holder = docks[0].window(), docks[0].parentWidget()
    assert isinstance(main, QMainWindow)
    assert isinstance(holder, QDockWidget)
    assert {one.widget() for one in main.tabifiedDockWidgets(holder)} == set(docks[1:])
    assert main.width() <= WIDTH, "none of them widens the window"
    frames = viewer.window.add_plugin_dock_widget("napari-iris", "Frames")[1]
    qtbot.waitUntil(lambda: not frames.visibleRegion().isEmpty())
    assert not docks[-1].visibleRegion().isEmpty(), "the Frames dock lies below them"


@pytest.mark.parametrize("name", ["Curate", "Predict", "Review", "Mask", "Train", "Frames"])
def test_each_dock_says_how_to_begin(viewer: Any, name: str, qtbot: QtBot) -> None:
    dock = viewer.window.add_plugin_dock_widget("napari-iris", name)[1]
    qtbot.waitUntil(dock.welcome.isVisible)
    assert dock.welcome.sample.text() == "Open sample night"
