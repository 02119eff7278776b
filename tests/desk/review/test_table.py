"""Predictions as columns and as a table: read from files, joined with scores, sorted, fast."""

from __future__ import annotations

import csv
import json
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from qtpy.QtCore import Qt

from napari_iris.desk.review.data import Review, find_reviews, read_review
from napari_iris.desk.review.table import ReviewTable
from napari_iris.desk.review.table_model import COLUMNS, ReviewModel
from napari_iris.errors import FileError
from napari_iris.frames.paths import FramePaths

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.gui

MANY = 100_000
START = np.datetime64("2024-01-15T18:00:00", "us")

HEAD = ("frame", "date_obs", "p_cloud", "sky", "cloud_fraction", "uncertainty", "model")
SCORES = ("frame", "accuracy", "iou_clear", "true_cloud_fraction", "bce")


def write(path: Path, head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(head)
        table.writerows(rows)


@pytest.fixture
def predictions(tmp_path: Path) -> Path:
    """Four predictions, their lines out of order; one has no time."""
    folder = tmp_path / "predictions" / "unet1"
    rows = [
        (f"/night/sky_{name}.fits", when, p, "cloudy", cloud, doubt, "unet1@aa")
        for name, when, p, cloud, doubt in (
            ("c", "2024-01-15T18:02:00", "", 0.3, 0.5),
            ("a", "2024-01-15T18:00:00", 0.9, 0.1, 0.2),
            ("d", "", 0.8, 0.4, 0.9),
            ("b", "2024-01-15T18:01:00", 0.1, 0.2, 0.7),
        )
    ]
    write(folder / "predictions.csv", HEAD, rows)
    return folder


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """What an evaluation wrote of three of them, and of one that is not among them."""
    folder = tmp_path / "report"
    rows = [
        ("sky_b", 0.6, 0.5, 0.25, 0.9),
        ("sky_c", 0.6, "", 0.35, 1.2),
        ("sky_a", 0.9, 0.8, 0.15, 0.1),
        ("sky_z", 0.1, 0.1, 0.1, 0.1),
    ]
    write(folder / "frames.csv", SCORES, rows)
    matrix = {"true_clear": {"clear": 5, "cloud": 1}, "true_cloud": {"clear": 2, "cloud": 4}}
    facts = {"model": {"auc": 0.75}, "baselines": {}, "confusion": {"model": matrix}}
    (folder / "report.json").write_text(json.dumps(facts))
    lines = [("pixels", "model", 0.9, 2, 0), ("pixels", "model", 0.5, 4, 1)]
    lines += [("pixels", "model", 0.0, 6, 6)]
    write(folder / "curves.csv", ("of", "answer", "threshold", "hit", "false"), lines)
    return folder


def test_the_frames_come_in_order_of_time(predictions: Path) -> None:
    review = read_review(predictions)
    assert review.names == ["sky_a", "sky_b", "sky_c", "sky_d"]
    assert review.models == ("unet1@aa",)
    np.testing.assert_array_equal(review.columns["cloud"], [0.1, 0.2, 0.3, 0.4])
    np.testing.assert_array_equal(review.columns["p(cloud)"], [0.9, 0.1, np.nan, 0.8])
    assert np.isnat(review.times[3])
    assert (review.places == -1).all()


def test_they_are_found_in_the_night_that_is_open(predictions: Path) -> None:
    night = FramePaths.of(["/night/sky_d.fits", "/night/moon.fits", "/night/sky_a.fits"])
    review = read_review(predictions, night)
    np.testing.assert_array_equal(review.places, [2, -1, -1, 0])
    assert [review.row_of(number) for number in range(3)] == [3, None, 0]


def test_another_night_s_frames_of_the_same_names_are_not_taken_for_them(predictions: Path) -> None:
    night = FramePaths.of(["/x/sky_d.fits", "/x/sky_a.fits"])
    assert read_review(predictions, night).places.tolist() == [-1] * 4


def test_what_was_measured_is_put_to_each(predictions: Path, report: Path) -> None:
    review = read_review(predictions).with_scores(report)
    np.testing.assert_array_equal(review.columns["accuracy"], [0.9, 0.6, 0.6, np.nan])
    np.testing.assert_array_equal(review.columns["clear IoU"], [0.8, 0.5, np.nan, np.nan])
    np.testing.assert_array_equal(review.columns["truth"], [0.15, 0.25, 0.35, np.nan])
    np.testing.assert_array_equal(review.measured.confusion, [[5, 1], [2, 4]])
    np.testing.assert_array_equal(review.measured.curves["pixels"]["model"].hit, [2, 4, 6])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "holds no predictions"),
        (",".join(HEAD) + "\n", "holds no prediction yet"),
        ("frame,model\na.fits,unet1\n", "is damaged"),
        (",".join(HEAD) + "\na.fits,yesterday,,clear,0,0,unet1\n", "is damaged"),
        (",".join(HEAD) + "\na.fits,,,clear,much,0,unet1\n", "is damaged"),
    ],
)
def test_what_is_no_table_of_predictions_is_told(
    tmp_path: Path, text: str | None, reason: str
) -> None:
    if text is not None:
        (tmp_path / "predictions.csv").write_text(text)
    with pytest.raises(FileError, match=reason):
        read_review(tmp_path)


@pytest.mark.parametrize("name", ["report.json", "frames.csv", "curves.csv"])
def test_what_is_no_report_is_told(predictions: Path, report: Path, name: str) -> None:
    (report / name).write_text("x")
    if name == "curves.csv":
        (report / name).write_text("of,answer\npixels,model\n")
    with pytest.raises(FileError, match=rf"holds no report|{name}: is damaged at line 1"):
        read_review(predictions).with_scores(report)


def test_reviews_are_found_the_newest_first(tmp_path: Path) -> None:
    import os

    for age, name in enumerate(("a/predictions.csv", "b/predictions.csv", "predictions.csv")):
        write(tmp_path / name, HEAD, [])
        os.utime(tmp_path / name, (1e9 - age, 1e9 - age))
    found = find_reviews([tmp_path, tmp_path / "gone"])
    assert found == [tmp_path / "a", tmp_path / "b", tmp_path]


def shown(model: ReviewModel, column: str = "file") -> list[str]:
    place = COLUMNS.index(column)
    return [model.data(model.index(row, place)) for row in range(model.rowCount())]


@pytest.fixture
def table(qtbot: QtBot) -> ReviewTable:
    widget = ReviewTable()
    qtbot.addWidget(widget)
    widget.show()
    return widget


def test_the_most_uncertain_come_first_where_nothing_is_measured(
    table: ReviewTable, predictions: Path
) -> None:
    table.show_review(read_review(predictions))
    assert shown(table.model) == ["sky_d.fits", "sky_b.fits", "sky_c.fits", "sky_a.fits"]
    assert table.order.currentText() == "most uncertain first"
    assert table.count.text() == "4 frames"


def test_the_worst_come_first_where_it_is(
    table: ReviewTable, predictions: Path, report: Path
) -> None:
    table.show_review(read_review(predictions).with_scores(report))
    assert table.order.currentText() == "worst first"
    expected = ["sky_c.fits", "sky_b.fits", "sky_a.fits", "sky_d.fits"]
    assert shown(table.model) == expected, "of equal ones the greater loss; unmeasured ones last"
    assert shown(table.model, "accuracy") == ["0.600", "0.600", "0.900", ""]
    assert shown(table.model, "clear IoU") == ["", "0.500", "0.800", ""]


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("down", [False, True])
def test_every_column_sorts_both_ways_with_nothing_last(
    table: ReviewTable, predictions: Path, report: Path, column: str, down: bool
) -> None:
    review = read_review(predictions).with_scores(report).at(FramePaths.of(["/x/sky_c.fits"]))
    table.show_review(review)
    order = Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder
    table.view.sortByColumn(COLUMNS.index(column), order)
    texts = [text for text in shown(table.model, column) if text]
    assert shown(table.model, column)[: len(texts)] == texts or column == "time"
    if column in review.columns:
        values = review.columns[column][table.model.rows]
        known = values[~np.isnan(values)]
        assert (np.diff(known) <= 0).all() if down else (np.diff(known) >= 0).all()


def test_an_order_that_is_chosen_stays(table: ReviewTable, predictions: Path, report: Path) -> None:
    review = read_review(predictions)
    table.show_review(review)
    table.order.setCurrentText("in time")
    table.order.activated.emit(table.order.currentIndex())
    assert shown(table.model)[0] == "sky_a.fits"
    table.show_review(review.with_scores(report))
    assert shown(table.model)[0] == "sky_a.fits"
    table.view.horizontalHeader().sectionClicked.emit(0)
    table.view.sortByColumn(COLUMNS.index("cloud"), Qt.SortOrder.DescendingOrder)
    assert table.order.currentText() == "", "the column has no name of its own"


def test_a_click_and_enter_and_the_arrows_choose_a_frame(
    table: ReviewTable, predictions: Path, qtbot: QtBot
) -> None:
    chosen: list[int] = []
    table.chosen.connect(chosen.append)
    table.show_review(read_review(predictions))
    view = table.view
    place = view.visualRect(table.model.index(1, 3)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert chosen == [1, 2, 2]
    table.select(0)
    assert chosen == [1, 2, 2], "following is no choice"
    assert view.currentIndex().row() == 3
    table.select(None)
    assert not view.currentIndex().isValid() or not view.selectionModel().hasSelection()


def test_the_selection_keeps_its_frame_when_sorted(table: ReviewTable, predictions: Path) -> None:
    table.show_review(read_review(predictions))
    table.select(2)
    table.arrange("in time")
    assert table.view.currentIndex().row() == 2
    table.arrange("most uncertain first")
    assert table.model.rows[table.view.currentIndex().row()] == 2


def many() -> Review:
    rng = np.random.default_rng(0)
    columns = {
        name: rng.uniform(0, 1, MANY)
        for name in ("cloud", "uncertainty", "p(cloud)", "accuracy", "clear IoU", "truth", "loss")
    }
    names = [f"sky_{number:06}" for number in range(MANY)]
    return Review(
        None,
        names,
        [f"/night/{name}.fits" for name in names],
        START + np.arange(MANY) * np.timedelta64(1, "s"),
        columns,
        ("unet1@aa",),
        np.arange(MANY),
    )


@pytest.mark.timed
def test_a_hundred_thousand_frames_are_quick(table: ReviewTable, qtbot: QtBot) -> None:
    review, took = many(), {}

    def timed(name: str, act: Callable[[], object]) -> None:
        best = np.inf
        for _ in range(3):
            begin = time.perf_counter()
            act()
            best = min(best, time.perf_counter() - begin)
        took[name] = 1000 * best

    timed("show", lambda: table.show_review(review))
    timed("sort", lambda: table.arrange("worst first"))
    timed("uncertain", lambda: table.arrange("most uncertain first"))
    timed("select", lambda: table.select(MANY // 3))
    timed("paint", table.view.grab)
    print({name: f"{ms:.0f} ms" for name, ms in took.items()})
    assert max(took.values()) < 100
    uncertainty = review.columns["uncertainty"]
    assert uncertainty[table.model.rows[0]] == uncertainty.max()


@pytest.mark.timed
@pytest.mark.slow
def test_a_hundred_thousand_predictions_are_read_in_seconds(tmp_path: Path) -> None:
    rows = [
        (f"/night/sky_{n:06}.fits", START + np.timedelta64(n, "s"), 0.5, "cloudy", 0.25, 0.5, "m")
        for n in range(MANY)
    ]
    write(tmp_path / "predictions.csv", HEAD, rows)
    night = FramePaths.of([row[0] for row in rows])
    begin = time.perf_counter()
    review = read_review(tmp_path, night)
    took = time.perf_counter() - begin
    print(f"{took:.1f} s")
    assert len(review) == MANY
    np.testing.assert_array_equal(review.places, np.arange(MANY))
    assert took < 10
