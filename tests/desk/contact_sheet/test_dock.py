"""The Contact sheet dock: click, drag, keys, and 10^5 frames."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import numpy as np
import pytest
from qtpy.QtCore import QPoint, Qt

from napari_iris.app.keys import VIEW
from napari_iris.desk.contact_sheet.dock import ContactSheetDock
from napari_iris.desk.contact_sheet.view import SheetView

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.gui

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def dock(model: Any, make_night: Callable[..., Path], open_night: Any, qtbot: QtBot) -> Any:
    """The dock of a viewer without a window, on six frames."""
    open_night(make_night(6))
    dock = ContactSheetDock(model)
    qtbot.addWidget(dock)
    dock.resize(440, 300)
    dock.show()
    return dock


def click(dock: Any, qtbot: QtBot, place: int, modifier: str = "NoModifier") -> None:
    how = getattr(Qt.KeyboardModifier, modifier)
    qtbot.mouseClick(dock.view.viewport(), LEFT, how, dock.view.rect(place).center())


def test_a_click_goes_to_the_frame_and_shift_and_ctrl_select(dock: Any, qtbot: QtBot) -> None:
    click(dock, qtbot, 1)
    assert dock.session.number == 1
    click(dock, qtbot, 3, "ShiftModifier")
    assert dock.session.selected.tolist() == [1, 2, 3]
    assert dock.count.text() == "6 frames, 3 selected"
    click(dock, qtbot, 5, "ControlModifier")
    assert dock.session.selected.tolist() == [1, 2, 3, 5]
    assert dock.session.number == 1
    click(dock, qtbot, 0)
    assert (dock.session.number, dock.session.selected.tolist()) == (0, [])


def test_the_keys_of_every_dock_work_where_no_other_is_open(dock: Any, model: Any) -> None:
    assert dock.session.sequence is not None
    assert {one.label for one in VIEW} <= {str(key) for key in model.keymap}


def test_a_drag_selects_what_it_covers(dock: Any, qtbot: QtBot) -> None:
    view = dock.view
    qtbot.mousePress(view.viewport(), LEFT, pos=view.rect(0).center())
    qtbot.mouseMove(view.viewport(), view.rect(4).center())
    qtbot.mouseRelease(view.viewport(), LEFT, pos=view.rect(4).center())
    assert dock.session.selected.tolist() == [0, 1, 2, 3, 4]


def test_the_arrow_keys_step_and_the_frame_stays_in_view(dock: Any, qtbot: QtBot) -> None:
    view = dock.view
    assert view.columns == 3
    dock.session.go_to(0)
    for key, number in (("Right", 1), ("Down", 4), ("Left", 3), ("Up", 0), ("Up", 0)):
        qtbot.keyClick(view, getattr(Qt.Key, f"Key_{key}"))
        assert dock.session.number == number
        assert number in view.in_view


def test_the_thumbnails_in_view_are_made(dock: Any, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: set(dock.view.in_view) <= set(dock.sheet._made))
    place = dock.view.rect(2).center()
    drawn = dock.view.viewport().grab().toImage().pixelColor(place)
    assert drawn.red() == drawn.green() == drawn.blue()


def test_without_frames_it_says_how_to_open_some(model: Any, qtbot: QtBot) -> None:
    dock = ContactSheetDock(model)
    qtbot.addWidget(dock)
    dock.show()
    assert not dock.view.isVisible()


@pytest.mark.timed
def test_a_hundred_thousand_frames_are_laid_out_and_scrolled_at_once(qtbot: QtBot) -> None:
    sheet = Mock(numbers=np.arange(100_000), current=50_000)
    sheet.__len__ = lambda _: 100_000
    sheet.thumbnail.return_value = np.zeros((96, 120), np.uint8)
    sheet.status.return_value, sheet.name.side_effect = "auto", str
    view = SheetView(sheet)
    qtbot.addWidget(view)
    view.resize(1200, 800)
    view.show()
    longest = 0.0
    for step in (
        view.show_list,
        lambda: view.resize(900, 800),
        lambda: view.verticalScrollBar().setValue(10**6),
        view.follow,
    ):
        begin = time.perf_counter()
        step()
        view.grab()
        longest = max(longest, time.perf_counter() - begin)
    print(f"longest step: {1000 * longest:.0f} ms")
    assert longest < 0.1
    assert view.place_at(1, 1) is not None
    assert QPoint(view.rect(50_000).center()) in view.viewport().rect()
