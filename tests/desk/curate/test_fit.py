"""The Curate dock in windows of different heights: what is in view, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from qtpy.QtWidgets import QApplication, QDialog, QLabel

from napari_iris.desk.curate.dock import RUN_PAGE
from napari_iris.desk.curate.pages import FRAMES, TALL

if TYPE_CHECKING:
    from tests.desk.conftest import Desk

pytestmark = pytest.mark.gui

SCREEN = (1280, 720)
"""The smallest screen that the window is made for."""


def titles(desk: Desk) -> list[str]:
    pages = desk.dock.pages
    return [pages.tabText(place) for place in range(pages.count())]


def resize(desk: Desk, width: int, height: int) -> None:
    """Resize the window, and wait until the dock follows."""
    desk.viewer.window.resize(width, height)
    is_tall = height > TALL + 60
    desk.wait(lambda: (desk.dock.viewport().height() >= TALL) == is_tall)
    QApplication.processEvents()


def test_the_dock_does_not_scroll_on_a_small_screen(desk: Desk) -> None:
    resize(desk, *SCREEN)
    for page in range(desk.dock.pages.count()):
        desk.dock.pages.setCurrentIndex(page)
        QApplication.processEvents()
        assert desk.dock.verticalScrollBar().maximum() == 0, titles(desk)[page]
        assert desk.dock.decision.frame.isVisible()
    assert desk.dock.window().height() <= SCREEN[1]


def test_the_list_of_frames_has_a_place_of_its_own_where_there_is_room(desk: Desk) -> None:
    resize(desk, *SCREEN)
    assert titles(desk)[-1] == FRAMES
    assert not desk.dock.queue.isVisible()
    resize(desk, 1280, 980)
    assert FRAMES not in titles(desk)
    assert desk.dock.queue.isVisible()
    resize(desk, *SCREEN)
    assert titles(desk)[-1] == FRAMES


def test_a_run_is_in_view_while_it_is_previewed(desk: Desk) -> None:
    before = desk.dock.pages.currentIndex()
    assert titles(desk)[before] != RUN_PAGE
    desk.press("Shift+N")
    assert desk.dock.run.text.isVisible()
    desk.press("Esc")
    assert desk.dock.pages.currentIndex() == before


def test_the_time_is_in_view_beside_a_long_name(desk: Desk) -> None:
    label = desk.dock.decision.frame
    label.setText(f"{'x' * 120}.fits   01-15 21:30:00")
    assert QLabel.text(label).endswith("21:30:00")  # what is drawn
    assert "\u2026" in QLabel.text(label)


def test_the_shortcuts_fit_a_small_screen(desk: Desk) -> None:
    desk.click(desk.dock.shortcuts)
    dialog = desk.dock.findChild(QDialog)
    assert dialog.sizeHint().width() <= SCREEN[0]
    assert dialog.sizeHint().height() <= SCREEN[1]
