"""The table of a review as a widget: its order, its selection, its speed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from qtpy.QtCore import Qt

from napari_iris.app.review.review import Review
from napari_iris.desk.review.table import ReviewTable
from napari_iris.desk.review.table_model import NAMES, ReviewModel
from tests.timing import assert_within, seconds

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.gui

MANY = 100_000
START = np.datetime64("2024-01-15T18:00:00", "us")


def some(count: int = 4) -> Review:
    """Frames one second apart, named a, b, c ...; the later, the more uncertain."""
    names = [chr(ord("a") + number % 26) for number in range(count)]
    uncertainty = np.linspace(0.1, 0.9, count)
    return Review(
        Path("predictions"),
        names,
        [f"/night/{name}.fits" for name in names],
        START + np.arange(count) * np.timedelta64(1, "s"),
        {"uncertainty": uncertainty, "cloud_fraction": 1 - uncertainty},
        ("unet1@aa",),
        np.arange(count),
    )


def shown(model: ReviewModel, column: str = "File") -> list[str]:
    place = NAMES.index(column)
    return [model.data(model.index(row, place)) for row in range(model.rowCount())]


@pytest.fixture
def table(qtbot: QtBot) -> ReviewTable:
    widget = ReviewTable()
    qtbot.addWidget(widget)
    widget.show()
    return widget


def test_the_default_order_is_shown(table: ReviewTable) -> None:
    table.show_review(some())
    assert shown(table.model) == ["d.fits", "c.fits", "b.fits", "a.fits"]
    assert table.order.currentText() == "Most uncertain first"
    assert table.count.text() == "4 frames"


def test_an_order_that_is_chosen_is_kept(table: ReviewTable) -> None:
    table.show_review(some())
    table.order.setCurrentText("By time")
    table.order.activated.emit(table.order.currentIndex())
    assert shown(table.model)[0] == "a.fits"
    table.show_review(some(5))
    assert shown(table.model)[0] == "a.fits"
    table.view.horizontalHeader().sectionClicked.emit(0)
    table.view.sortByColumn(NAMES.index("Cloud"), Qt.SortOrder.DescendingOrder)
    assert table.order.currentText() == "", "this order has no name"


def test_a_click_and_enter_and_the_arrows_choose_a_frame(table: ReviewTable, qtbot: QtBot) -> None:
    chosen: list[int] = []
    table.chosen.connect(chosen.append)
    table.show_review(some())
    view = table.view
    place = view.visualRect(table.model.index(1, 3)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert chosen == [2, 1, 1]
    table.select(0)
    assert chosen == [2, 1, 1], "selecting the current frame chooses nothing"
    assert view.currentIndex().row() == 3
    table.select(None)
    assert not view.currentIndex().isValid() or not view.selectionModel().hasSelection()


def test_the_selection_stays_on_its_frame_when_sorted(table: ReviewTable) -> None:
    table.show_review(some())
    table.select(2)
    table.arrange("By time")
    assert table.view.currentIndex().row() == 2
    table.arrange("Most uncertain first")
    assert table.model.rows[table.view.currentIndex().row()] == 2


@pytest.mark.timed
def test_a_hundred_thousand_frames_are_quick(table: ReviewTable, qtbot: QtBot) -> None:
    rng = np.random.default_rng(0)
    review = some(MANY)
    for name in ("uncertainty", "accuracy", "iou_clear", "true_cloud_fraction", "bce"):
        review.columns[name] = rng.uniform(0, 1, MANY)
    for act in (
        lambda: table.show_review(review),
        lambda: table.arrange("Worst first"),
        lambda: table.arrange("Most uncertain first"),
        lambda: table.select(MANY // 3),
        table.view.grab,
    ):
        assert_within(0.1, lambda: seconds(act))  # noqa: B023
    uncertainty = review.columns["uncertainty"]
    assert uncertainty[table.model.rows[0]] == uncertainty.max()
