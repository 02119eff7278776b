"""Stored predictions as columns: read, located in a sequence, joined with scores, sorted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.app.review.review import Review, find_reviews, read_review
from napari_iris.app.review.rows import (
    COLUMNS,
    UNCERTAIN,
    VALUES,
    WORST,
    cell_text,
    default_order,
    sorted_rows,
)
from napari_iris.errors import FileError
from napari_iris.frames.paths import FramePaths
from napari_iris.inference.rows import TABLE, PredictionRow
from napari_iris.io.table_cells import number_columns
from napari_iris.io.tables import as_parquet
from tests.app.review.conftest import PREDICTED
from tests.timing import assert_within, seconds

if TYPE_CHECKING:
    from collections.abc import Callable

MANY = 100_000
START = np.datetime64("2024-01-15T18:00:00", "us")


def test_frames_come_in_order_of_time(predictions: Path) -> None:
    review = read_review(predictions)
    assert review.names == ["sky_a", "sky_b", "sky_c", "sky_d"]
    assert review.models == ("unet1@aa",)
    np.testing.assert_array_equal(review.columns["cloud_fraction"], [0.1, 0.2, 0.3, 0.4])
    np.testing.assert_array_equal(review.columns["p_cloud"], [0.9, 0.1, np.nan, 0.8])
    assert np.isnat(review.times[3])
    assert (review.places == -1).all()


def test_frames_are_located_in_the_open_sequence(predictions: Path) -> None:
    frames = FramePaths.of(["/night/sky_d.fits", "/night/moon.fits", "/night/sky_a.fits"])
    review = read_review(predictions, frames)
    np.testing.assert_array_equal(review.places, [2, -1, -1, 0])
    assert [review.row_of(number) for number in range(3)] == [3, None, 0]


def test_frames_of_the_same_names_elsewhere_are_other_frames(predictions: Path) -> None:
    frames = FramePaths.of(["/x/sky_d.fits", "/x/sky_a.fits"])
    assert read_review(predictions, frames).places.tolist() == [-1] * 4


def test_scores_are_added_to_each_frame(predictions: Path, report: Path) -> None:
    review = read_review(predictions, report=report)
    np.testing.assert_array_equal(review.columns["accuracy"], [0.9, 0.6, 0.6, np.nan])
    np.testing.assert_array_equal(review.columns["iou_clear"], [0.8, 0.5, np.nan, np.nan])
    np.testing.assert_array_equal(review.columns["true_cloud_fraction"], [0.15, 0.25, 0.35, np.nan])
    assert review.report is not None
    np.testing.assert_array_equal(review.report.confusion, [[5, 1], [2, 4]])
    np.testing.assert_array_equal(review.report.curves["pixels"]["model"].hit, [2, 4, 6])
    assert review.report.threshold == 0.5


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "holds no predictions"),
        (",".join(PREDICTED) + "\n", "holds no prediction yet"),
        ("frame,model\na.fits,unet1\n", "is damaged"),
        (",".join(PREDICTED) + "\na.fits,yesterday,,clear,0,0,unet1\n", "is damaged"),
        (",".join(PREDICTED) + "\na.fits,,,clear,much,0,unet1\n", "is damaged"),
    ],
)
def test_a_folder_without_a_table_of_predictions_is_an_error(
    tmp_path: Path, text: str | None, reason: str
) -> None:
    if text is not None:
        (tmp_path / "predictions.csv").write_text(text)
    with pytest.raises(FileError, match=reason):
        read_review(tmp_path)


@pytest.mark.parametrize("name", ["report.json", "frames.csv", "curves.csv"])
def test_a_damaged_report_is_an_error(predictions: Path, report: Path, name: str) -> None:
    (report / name).write_text("x")
    if name == "curves.csv":
        (report / name).write_text("of,answer\npixels,model\n")
    with pytest.raises(FileError, match=r"holds no report|is damaged"):
        read_review(predictions, report=report)


def test_folders_of_predictions_are_found_newest_first(
    tmp_path: Path, write_table: Callable[..., None]
) -> None:
    for age, name in enumerate(("a/predictions.csv", "b/predictions.csv", "predictions.csv")):
        write_table(tmp_path / name, PREDICTED, [])
        os.utime(tmp_path / name, (1e9 - age, 1e9 - age))
    found = find_reviews([tmp_path, tmp_path / "gone"])
    assert found == [tmp_path / "a", tmp_path / "b", tmp_path]


def names(review: Review, column: str, *, descending: bool) -> str:
    """Last letters of the frames' names in an order."""
    rows = sorted_rows(review, column, descending=descending)
    return "".join(review.names[row][-1] for row in rows)


def test_the_default_order_depends_on_the_evaluation(predictions: Path, report: Path) -> None:
    assert default_order(read_review(predictions)) == UNCERTAIN
    assert default_order(read_review(predictions, report=report)) == WORST


def test_equal_frames_are_sorted_by_loss_and_those_without_a_value_last(
    predictions: Path, report: Path
) -> None:
    review = read_review(predictions, report=report)
    assert names(review, "Accuracy", descending=False) == "cbad"
    assert names(review, "Uncertainty", descending=True) == "dbca"
    assert names(review, "Time", descending=True) == "dcba"


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("descending", [False, True])
def test_every_column_sorts_both_ways_with_unknown_values_last(
    predictions: Path, report: Path, column: str, descending: bool
) -> None:
    review = read_review(predictions, FramePaths.of(["/night/sky_c.fits"]), report)
    rows = sorted_rows(review, column, descending=descending)
    assert sorted(rows) == [0, 1, 2, 3]
    texts = [cell_text(review, row, column) for row in rows]
    known = [text for text in texts if text]
    assert texts[: len(known)] == known or column == "Time"
    if column in VALUES:
        values = review.columns[VALUES[column]][rows]
        steps = np.diff(values[~np.isnan(values)])
        assert (steps <= 0).all() if descending else (steps >= 0).all()


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        ("Frame", ["", "", "1", ""]),
        ("Time", ["01-15 18:00:00", "01-15 18:01:00", "01-15 18:02:00", ""]),
        ("Accuracy", ["0.900", "0.600", "0.600", ""]),
        ("Clear IoU", ["0.800", "0.500", "", ""]),
        ("Truth", ["15%", "25%", "35%", ""]),
        ("P(cloud)", ["0.900", "0.100", "", "0.800"]),
        ("File", ["sky_a.fits", "sky_b.fits", "sky_c.fits", "sky_d.fits"]),
    ],
)
def test_cells_are_written(predictions: Path, report: Path, column: str, texts: list[str]) -> None:
    review = read_review(predictions, FramePaths.of(["/night/sky_c.fits"]), report)
    assert [cell_text(review, row, column) for row in range(4)] == texts


@pytest.mark.timed
@pytest.mark.slow
def test_a_hundred_thousand_predictions_are_read_in_seconds(
    tmp_path: Path, write_table: Callable[..., None]
) -> None:
    rows = [
        (f"/night/sky_{n:06}.fits", START + np.timedelta64(n, "s"), 0.5, "cloudy", 0.25, 0.5, "m")
        for n in range(MANY)
    ]
    write_table(tmp_path / "predictions.csv", PREDICTED, rows)
    frames = FramePaths.of([row[0] for row in rows])
    reviews: list[Review] = []
    assert_within(10, lambda: seconds(lambda: reviews.append(read_review(tmp_path, frames))))
    review = reviews[-1]
    assert len(review) == MANY
    np.testing.assert_array_equal(review.places, np.arange(MANY))


def test_frames_unlike_the_training_frames_are_marked(
    tmp_path: Path, write_table: Callable[..., None]
) -> None:
    rows = [
        (f"/night/{name}.fits", "", "", "clear", 0, 0, "unet1", novelty)
        for name, novelty in (("a", 0.5), ("b", 1.25), ("c", ""))
    ]
    write_table(tmp_path / "predictions.csv", (*PREDICTED, "novelty"), rows)
    review = read_review(tmp_path)
    assert [cell_text(review, row, "Novelty") for row in range(3)] == ["0.50", "! 1.25", ""]
    assert sorted_rows(review, "Novelty", descending=True).tolist() == [1, 0, 2]


def test_tables_of_older_versions_know_no_novelty(predictions: Path) -> None:
    assert np.isnan(read_review(predictions).columns["novelty"]).all()


def test_a_table_of_parquet_is_reviewed_alike(predictions: Path) -> None:
    pytest.importorskip("pyarrow")
    before = read_review(predictions)
    as_parquet(predictions / TABLE, number_columns(PredictionRow))
    after = read_review(predictions)
    assert (after.names, after.models) == (before.names, before.models)
    for name, values in before.columns.items():
        np.testing.assert_array_equal(after.columns[name], values)
    assert find_reviews([predictions]) == [predictions]
