"""What the Review dock draws: cloud cover against time, confusion matrix, ROC, error colours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtGui import QColor, QPalette

from napari_iris.app.review.cover import CoverSeries
from napari_iris.app.review.report import StoredReport
from napari_iris.app.review.roc import Roc
from napari_iris.desk.layers.prediction_layers import ERROR_COLORS, MASK_COLORS
from napari_iris.desk.layers.reader import CLOUD_COLORS
from napari_iris.desk.review.confusion import ConfusionView
from napari_iris.desk.review.cover_plot import CoverPlot
from napari_iris.desk.review.roc import RocView
from napari_iris.desk.review.scores import ScoreTable
from napari_iris.metrics.ranking import Curve
from tests.timing import assert_within, seconds

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.gui

START = np.datetime64("2024-01-15T18:00:00", "us")


@pytest.fixture
def plot(qtbot: QtBot) -> CoverPlot:
    """Seven frames, an hour apart, in a plot of 400 pixels."""
    widget = CoverPlot()
    qtbot.addWidget(widget)
    widget.resize(400, 150)
    times = START + np.arange(7) * np.timedelta64(1, "h")
    predicted = np.linspace(0, 1, 7)
    truth = np.where(np.arange(7) % 2, np.nan, 0.5)
    widget.show_series(CoverSeries.of(times, predicted, truth))
    widget.show()
    return widget


def x_of(plot: CoverPlot, row: int) -> float:
    """Where a frame is on the widget."""
    unit = 1e6 if plot.series.is_timed else 1
    return plot.place(plot.series.x[row] / unit, 0).x()


def pixels(widget: Any) -> np.ndarray:
    image = widget.grab().toImage().convertToFormat(widget.grab().toImage().Format.Format_RGB32)
    data = image.constBits()
    data.setsize(image.sizeInBytes())
    return (
        np.frombuffer(data, np.uint8).reshape(image.height(), image.width(), 4)[..., 2::-1].copy()
    )


def test_a_click_chooses_the_frame_nearest_in_time(plot: CoverPlot, qtbot: QtBot) -> None:
    chosen: list[int] = []
    plot.chosen.connect(chosen.append)
    for row in (0, 3, 6):
        place = QPoint(round(x_of(plot, row)) + 5, 60)
        qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
    for x in (0, 399):
        qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, 60))
    assert chosen == [0, 3, 6, 0, 6]


def test_the_arrow_keys_step_through_the_frames(plot: CoverPlot, qtbot: QtBot) -> None:
    plot.chosen.connect(plot.mark)
    for key, row in (
        ("Right", 0),
        ("Right", 1),
        ("End", 6),
        ("Right", 6),
        ("Left", 5),
        ("Home", 0),
    ):
        qtbot.keyClick(plot, getattr(Qt.Key, f"Key_{key}"))
        assert plot.row == row
    assert plot.accessibleDescription() == "2024-01-15 18:00:00\npredicted: 0.0%\ntruth: 50.0%"


def test_the_frame_in_view_is_marked_where_it_is(plot: CoverPlot) -> None:
    before = pixels(plot).astype(int)
    plot.mark(4)
    changed = np.abs(pixels(plot).astype(int) - before).sum(axis=2) > 0
    columns = np.flatnonzero(changed.any(axis=0))
    assert abs(columns.mean() - x_of(plot, 4)) < 3
    assert len(columns) < 14


def test_without_times_the_frames_are_numbered(plot: CoverPlot) -> None:
    times = np.array([START, np.datetime64("NaT")])
    plot.show_series(CoverSeries.of(times, np.array([0.1, 0.2]), None))
    assert not plot.series.is_timed
    assert plot.values(1) == "frame 2\npredicted: 20.0%"
    assert plot.row_at(QPoint(round(x_of(plot, 1)), 60)) == 1


@pytest.mark.parametrize("count", [0, 1])
def test_no_frame_and_one_frame(plot: CoverPlot, count: int) -> None:
    times = START + np.arange(count) * np.timedelta64(1, "h")
    plot.show_series(CoverSeries.of(times, np.full(count, 0.5), None))
    plot.mark(0)
    assert pixels(plot).size
    assert plot.row_at(QPoint(10, 60)) == (0 if count else None)
    plot.show_series(None)
    assert pixels(plot).size


@pytest.mark.timed
def test_a_hundred_thousand_frames_are_drawn_at_once(plot: CoverPlot) -> None:
    times = START + np.arange(100_000) * np.timedelta64(1, "s")
    cover = np.random.default_rng(0).uniform(0, 1, 100_000)
    plot.show_series(CoverSeries.of(times, cover, 1 - cover))
    assert_within(0.1, lambda: seconds(plot.grab))


def test_a_gap_in_the_night_is_left_empty(plot: CoverPlot) -> None:
    times = START + np.array([0, 1, 2, 60, 61, 62]) * np.timedelta64(10, "m")
    plot.show_series(CoverSeries.of(times, np.full(6, 0.3), None))
    image = pixels(plot).astype(int)
    row = round(plot.place(0, 0.3).y())
    beside = image[row - 12]
    colored = np.abs(image[row] - beside).sum(axis=1) > 120
    middle = slice(round(x_of(plot, 2)) + 8, round(x_of(plot, 3)) - 8)
    assert not colored[middle].any()
    assert colored[: middle.start].any()


def test_the_axis_has_round_times_in_utc(plot: CoverPlot) -> None:
    axis, first = plot.item.getAxis("bottom"), float(plot.series.x[0]) / 1e6
    ((step, ticks),) = axis.tickValues(first, first + 6 * 3600, 199)
    assert axis.tickStrings(ticks, 1, step) == ["18:00", "20:00", "22:00", "01-16"]
    assert "2024-01-15 to 01-16 UTC" in plot.item.titleLabel.text


def evaluated(**more: Any) -> StoredReport:
    """The report on 10 clear and 10 cloud pixels."""
    matrix = {"true_clear": {"clear": 8, "cloud": 2}, "true_cloud": {"clear": 1, "cloud": 9}}
    always = {"true_clear": {"clear": 0, "cloud": 10}, "true_cloud": {"clear": 0, "cloud": 10}}
    content = {
        "model": {"accuracy": 0.85, "balanced_accuracy": 0.85, "iou_clear": None, "auc": 0.9},
        "baselines": {"all_cloud": {"accuracy": 0.5, "mcc": 0.0}},
        "confusion": {"model": matrix, "all_cloud": always},
        "warnings": [],
    }
    curve = Curve(np.array([0.9, 0.5, 0.1], np.float32), np.array([5, 9, 10]), np.array([0, 2, 10]))
    return StoredReport(Path("report"), {**content, **more}, {"pixels": {"model": curve}})


def test_the_scores_stand_beside_the_baselines(qtbot: QtBot) -> None:
    table = ScoreTable()
    qtbot.addWidget(table)
    table.show_report(evaluated())
    assert table.texts["model", "accuracy"].text() == "<b>0.850</b>"
    assert table.texts["model", "iou_clear"].text() == "<b>–</b>", "not defined"
    assert table.texts["all_cloud", "mcc"].text() == "0.000"
    assert table.texts["otsu", "mcc"].text() == "–"
    table.show_report(None)
    assert {label.text() for label in table.texts.values()} == {"–", "<b>–</b>"}


def test_the_confusion_matrix_is_shaded_by_the_part_of_its_row(qtbot: QtBot) -> None:
    view = ConfusionView()
    qtbot.addWidget(view)
    view.resize(180, 180)
    view.show_matrix(evaluated().confusion)
    assert "clear predicted as cloud: 2 pixels" in view.toolTip()
    view.show()
    image = pixels(view).astype(int)
    corners = {place: cell.mapTo(view, QPoint(3, 3)) for place, cell in view.cells.items()}
    shade = [
        [image[corners[row, column].y(), corners[row, column].x()] for column in (0, 1)]
        for row in (0, 1)
    ]
    ground = image[1, 1]
    assert view.cells[1, 1].text() == "90.0%\n9"
    strength = np.abs(np.array(shade) - ground).sum(axis=2)
    assert strength[1, 1] > strength[0, 0] > strength[0, 1] > strength[1, 0]
    view.show_matrix(None)
    assert view.toolTip() == ""
    assert pixels(view).size


def test_the_roc_marks_the_threshold(qtbot: QtBot) -> None:
    view = RocView()
    qtbot.addWidget(view)
    view.resize(180, 180)
    view.show_roc(Roc.of(evaluated()))
    before = pixels(view).astype(int)
    view.mark(0.5)
    changed = np.argwhere(np.abs(pixels(view).astype(int) - before).sum(axis=2) > 0)
    place = view.place(0.2, 0.9)
    expected = place.y(), place.x()
    assert np.abs(changed - expected).sum(axis=1).min() < 8
    assert "Always cloud: true-positive rate 100.0%" in view.toolTip()
    view.show_roc(Roc())
    assert pixels(view).size


@pytest.mark.parametrize("background", ["#262930", "#efebe9"])
def test_everything_is_read_on_dark_and_light(qtbot: QtBot, background: str) -> None:
    dark = QColor(background).lightness() < 128
    ink = QColor("#f0f1f2" if dark else "#3b3a39")
    views = (CoverPlot(), ConfusionView(), RocView())
    for view in views:
        qtbot.addWidget(view)
        palette = view.palette()
        palette.setColor(QPalette.ColorRole.Window, QColor(background))
        palette.setColor(QPalette.ColorRole.WindowText, ink)
        view.setPalette(palette)
        view.setAutoFillBackground(True)
        view.resize(200, 180)
    times = START + np.arange(5) * np.timedelta64(1, "h")
    views[0].show_series(CoverSeries.of(times, np.linspace(0, 1, 5), np.linspace(1, 0, 5)))
    views[1].show_matrix(evaluated().confusion)
    views[2].show_roc(Roc.of(evaluated()))
    for view in views:
        image = pixels(view).astype(int)
        far = np.abs(image - np.array(QColor(background).getRgb()[:3])).sum(axis=2)
        assert (far > 250).sum() > 60, f"{type(view).__name__}: too faint"


DEFICIENCIES = {
    "protan": "0.152286 1.052583 -0.204868 0.114503 0.786281 0.099216 -0.003882 -0.048116 1.051998",
    "deutan": "0.367322 0.860646 -0.227968 0.280085 0.672501 0.047413 -0.011820 0.042940 0.968881",
    "tritan": "1.255528 -0.076749 -0.178779 -0.078411 0.930809 0.147602 0.004733 0.691367 0.303900",
    "none": "1 0 0 0 1 0 0 0 1",
}
"""What colour-blind eyes see of linear RGB (Machado et al., IEEE TVCG 15, 1291, 2009)."""


@pytest.mark.parametrize("eyes", DEFICIENCIES)
def test_colour_blind_eyes_tell_the_errors_apart(eyes: str) -> None:
    from skimage.color import rgb2lab

    matrix = np.array(DEFICIENCIES[eyes].split(), float)

    def seen(name: str) -> np.ndarray:
        rgb = np.array(QColor(name).getRgbF()[:3])
        linear = np.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)
        linear = np.clip(matrix.reshape(3, 3) @ linear, 0, 1)
        back = np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear)
        return rgb2lab(back[None, None])[0, 0]

    def apart(names: list[str]) -> float:
        colors = [seen(name) for name in names]
        return min(
            float(np.linalg.norm(a - b)) for n, a in enumerate(colors) for b in colors[n + 1 :]
        )

    assert apart(list(ERROR_COLORS.values())) > 30
    assert apart([MASK_COLORS[1], CLOUD_COLORS[1]]) > 40, "the model's mask and a person's"
