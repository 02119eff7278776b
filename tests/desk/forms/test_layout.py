"""Rows, columns and grids of widgets, in a real window: who takes the room left over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from qtpy.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget

from napari_iris.desk.forms.controls import button, by_tab, check_box, combo_box
from napari_iris.desk.forms.layout import Wide, boxed, column, grid, labelled, row

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot
    from qtpy.QtWidgets import QLayout

pytestmark = pytest.mark.gui


@pytest.fixture
def show(qtbot: QtBot) -> Callable[[QLayout], QWidget]:
    windows = []  # the bot has weak references alone

    def show(layout: QLayout) -> QWidget:
        window = QWidget()
        windows.append(window)
        column(window, layout, None)
        qtbot.addWidget(window)
        window.resize(600, 200)
        window.show()
        qtbot.waitExposed(window)
        return window

    return show


def test_a_wide_part_takes_the_room_of_a_row(show: Callable[[QLayout], QWidget]) -> None:
    wide, press = QPushButton("Wide"), QPushButton("Go")
    window = show(row("Folder", Wide(wide), press))
    (text,) = window.findChildren(QLabel)
    assert text.text() == "Folder"
    assert text.x() < wide.x() < press.x()
    assert wide.width() > 400
    assert press.width() == press.sizeHint().width()


def test_none_is_room_between_parts(show: Callable[[QLayout], QWidget]) -> None:
    first, last = QPushButton("First"), QPushButton("Last")
    show(row(first, None, last))
    assert first.width() == first.sizeHint().width()
    assert last.x() - first.geometry().right() > 300


def test_a_grid_is_filled_row_by_row(show: Callable[[QLayout], QWidget]) -> None:
    presses = [QPushButton(str(number)) for number in range(5)]
    show(grid(presses, 2))
    places = [(one.y(), one.x()) for one in presses]
    assert places == sorted(places)
    assert len({y for y, _ in places}) == 3
    assert len({x for _, x in places}) == 2


def test_parts_in_a_box_are_hidden_together(show: Callable[[QLayout], QWidget]) -> None:
    name, where = QLineEdit(), QLineEdit()
    box = boxed(labelled({"Name": name, "Folder": where}))
    show(row(box))
    assert name.isVisible()
    assert name.x() == where.x()
    box.hide()
    assert not name.isVisible()
    assert not where.isVisible()


def test_controls_call_and_leave_the_keys_to_the_canvas(qtbot: QtBot) -> None:
    calls: list[object] = []
    press = button("Go", "Start", lambda: calls.append("go"))
    check = check_box("Live", "Follow", calls.append)
    choice = combo_box(["a", "b"], "Which", "choice")
    by_tab(press, check, choice)
    window = boxed(press, check, choice, QLineEdit())
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    press.click()
    check.click()
    assert calls == ["go", True]
    assert not any(one.hasFocus() for one in (press, check, choice))
    assert (press.toolTip(), choice.accessibleName(), choice.count()) == ("Start", "choice", 2)
