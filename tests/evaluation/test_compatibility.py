"""Predictions and a report of version 0.1.0 are still read: evaluated, reviewed, made masks of.

``tests/data/predictions_v1`` was made by the command line of that version, with a U-Net after a
classifier and test-time augmentation, on three simulated frames in ``/night``. It is never to be
made again: what users have on their disks does not change either.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from math import isclose
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from napari_iris.app.review.review import read_review
from napari_iris.evaluation.config import EvaluateConfig
from napari_iris.evaluation.evaluate import evaluate_frames
from napari_iris.evaluation.report_files import write_report
from napari_iris.frames.paths import FramePaths, find_frames
from napari_iris.frames.read import read_frame
from napari_iris.inference.prediction_file import read_prediction
from napari_iris.inference.project_masks import add_predictions
from napari_iris.inference.run_settings import run_id
from napari_iris.inference.stored import stored_predictions
from napari_iris.inference.table import open_table
from napari_iris.project.indexing import index
from napari_iris.project.project import Project

OLD = Path(__file__).parents[1] / "data" / "predictions_v1"
NAMES = ["sim_000000", "sim_000001", "sim_000002"]
SETTINGS = {
    "model": "unet@09546fe8+vgg8@1da3accd",
    "threshold": 0.4,
    "turned": True,
    "engine": "openvino",
    "precision": "float32",
    "hdu": None,
    "plane": None,
}


@pytest.fixture
def night(tmp_path: Path) -> Path:
    """The old folder, moved to another place since."""
    return Path(shutil.copytree(OLD, tmp_path / "moved"))


def test_an_old_prediction_has_all_its_facts() -> None:
    found = read_prediction(OLD / "predictions" / "sim_000001_pred.fits")
    assert (found.model, found.run) == (SETTINGS["model"], run_id(SETTINGS))
    assert found.frame_path == "/night/frames/sim_000001.fits.gz"
    assert (found.threshold, found.class_threshold) == (0.4, 0.5)
    assert found.p_cloud == pytest.approx(0.606555, abs=1e-6)
    assert found.uncertainty == pytest.approx(0.477938, abs=1e-6)
    assert found.probability.shape == found.frame.shape == found.spread.shape == (12, 16)
    assert found.cloud_fraction == found.cloud.mean()


def test_a_frame_finds_its_old_prediction(night: Path) -> None:
    path = night / "frames" / "sim_000001.fits.gz"
    pixels = read_frame(path).data
    ((file, _),) = stored_predictions(path, pixels, night / "predictions")
    assert file.name == "sim_000001_pred.fits"
    assert not list(stored_predictions(path, pixels + 1, night / "predictions"))


def test_an_old_table_is_continued(night: Path) -> None:
    frames = [Path("/night/frames") / f"{name}.fits.gz" for name in NAMES]
    with open_table(night / "predictions", SETTINGS) as table:
        assert all(table.has(frame) for frame in frames)
        assert table.place(frames[0]) == "sim_000000_pred.fits"
    with open_table(night / "predictions", {**SETTINGS, "threshold": 0.6}) as table:
        assert all(table.has_other_threshold(frame) for frame in frames)


def test_old_predictions_are_evaluated_as_they_were(night: Path, tmp_path: Path) -> None:
    """All numbers of the old report, but for those of the baselines, whose recipe may improve."""
    found = evaluate_frames(night / "predictions", night, EvaluateConfig(resamples=200, jobs=1))
    write_report(found, tmp_path / "report")
    new, old = (
        json.loads((folder / "report" / "report.json").read_bytes()) for folder in (tmp_path, OLD)
    )
    assert _keys(new) == _keys(old)
    for block, before in ((new, old), (new["classifier"], old["classifier"])):
        for key in ("model", "n_frames", "count", "threshold", "calibration"):
            _assert_same(block[key], before[key], key)
        for key in ("intervals", "confusion"):
            _assert_same(block[key]["model"], before[key]["model"], key)
        _assert_same(block["comparisons"]["all_cloud"], before["comparisons"]["all_cloud"], "p")
    _assert_same(new["frame_mean"], old["frame_mean"], "frame_mean")
    for name in ("frames.csv", "curves.csv"):
        lines = [
            (folder / "report" / name).read_text().split("\n")[0] for folder in (tmp_path, OLD)
        ]
        new_columns = [name for name in lines[0].split(",") if name != "accuracy_reference"]
        assert ",".join(new_columns) == lines[1], "one baseline was added"
    assert (tmp_path / "report" / "curves.csv").read_text() == (
        OLD / "report" / "curves.csv"
    ).read_text()


def test_old_predictions_become_the_model_masks_of_a_project(night: Path, tmp_path: Path) -> None:
    frames, _ = find_frames([night / "frames"])
    with Project(tmp_path / "project") as project:
        list(index(project, frames, None, jobs=1))
        added = list(add_predictions(project, night / "predictions"))
        assert Counter(one.how for one in added) == {"new": 3}
        for row, name in enumerate(NAMES):
            mask = project.mask(int(project.table.id[row]), "model")
            found = read_prediction(OLD / "predictions" / f"{name}_pred.fits")
            np.testing.assert_array_equal(mask, found.cloud)
        assert [one.how for one in add_predictions(project, night / "predictions")] == ["known"] * 3


def test_old_predictions_and_their_report_are_reviewed(night: Path) -> None:
    frames = FramePaths.of(sorted((night / "frames").iterdir()))
    review = read_review(night / "predictions", frames)
    assert review.names == NAMES
    assert review.places.tolist() == [0, 1, 2], "a folder that was moved is found by its pixels"
    assert review.models == (SETTINGS["model"],)
    np.testing.assert_allclose(review.columns["cloud_fraction"], [0, 0.541667, 0.536458])
    scored = review.with_scores(night / "report")
    np.testing.assert_allclose(scored.columns["accuracy"], [1, 0.541666667, 0.536458333])
    assert scored.report.confusion.sum() == 576
    assert scored.report.curves["pixels"]["model"].hit[-1] == 384


ADDED = ("reference", "own_labels", "accepted", "site_mask")
"""What reports have since: a baseline, labels accepted from the model, a site mask."""


def _keys(value: Any) -> Any:
    """Keys of nested dicts, but for what was added; version and texts apart."""
    if not isinstance(value, dict):
        return None
    return {key: _keys(one) for key, one in value.items() if key not in ADDED}


def _assert_same(new: Any, old: Any, where: str) -> None:
    if isinstance(old, dict):
        assert new.keys() == old.keys(), where
        for key in old:
            _assert_same(new[key], old[key], f"{where}.{key}")
    elif isinstance(old, list):
        assert len(new) == len(old), where
        for number, one in enumerate(old):
            _assert_same(new[number], one, f"{where}[{number}]")
    elif isinstance(old, float) and isinstance(new, float):
        assert isclose(new, old, rel_tol=1e-9, abs_tol=1e-12), where
    else:
        assert new == old, where
