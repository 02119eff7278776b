"""Evaluation in memory: the same numbers as from files, whatever the truth is given as."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits

import napari_iris as iris
from napari_iris.masks.mask_file import write_mask

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COUNT = 4
QUICK = {"resamples": 100, "jobs": 1}
RNG = np.random.default_rng(0)
MASKS = [(np.arange(16) < 3 + 2 * number) * np.ones((12, 1), np.uint8) for number in range(COUNT)]
PIXELS = [(600 + 50.0 * mask + RNG.normal(0, 5, mask.shape)).astype(np.float32) for mask in MASKS]


def predictions(paths: bool = False) -> list[iris.Prediction]:
    """Predictions with a few wrong pixels, of frames in memory or from files."""
    made = []
    for number, (frame, mask) in enumerate(zip(PIXELS, MASKS, strict=True)):
        probability = np.where(mask == 1, np.float32(0.9), np.float32(0.1))
        probability[: number + 1, 0] = 0.3
        header = fits.Header({"DATE-OBS": f"2024-01-15T18:0{number}:00"})
        path = f"/night/sky_{number}.fits" if paths else ""
        made.append(iris.Prediction(frame, probability, header, "m@1", 0.5, frame_path=path))
    return made


def mask_files(folder: Path) -> list[Path]:
    folder.mkdir()
    paths = [folder / f"sky_{number}_mask.fits" for number in range(COUNT)]
    for path, frame, mask in zip(paths, PIXELS, MASKS, strict=True):
        write_mask(path, frame, mask.astype(np.uint8), fits.Header(), {})
    return paths


@pytest.fixture(scope="module")
def expected() -> dict[str, float]:
    return iris.evaluate(predictions(), MASKS, **QUICK).scores


def cloud_masks() -> list[iris.CloudMask]:
    config = iris.MaskConfig(shape=(12, 16), gate=False)
    made = [iris.mask(frame, config) for frame in PIXELS]
    return [replace(one, mask=mask) for one, mask in zip(made, MASKS, strict=True)]


TRUTHS: dict[str, Callable[[Path], Any]] = {
    "arrays": lambda _: MASKS,
    "tuple": lambda _: tuple(MASKS),
    "booleans": lambda _: [mask == 1 for mask in MASKS],
    "mask files": mask_files,
    "folder": lambda folder: mask_files(folder)[0].parent,
    "CloudMask": lambda _: cloud_masks(),
    "generator": lambda _: iter(MASKS),
}


@pytest.mark.parametrize("name", TRUTHS)
def test_any_truth_gives_the_same_scores(
    name: str, tmp_path: Path, expected: dict[str, float]
) -> None:
    found = iris.evaluate(predictions(paths=True), TRUTHS[name](tmp_path / "truth"), **QUICK)
    assert found.scores == expected
    assert found.scores["accuracy"] == 1 - sum(range(1, COUNT + 1)) / (COUNT * 12 * 16)


def test_a_single_prediction(tmp_path: Path) -> None:
    found = iris.evaluate(predictions()[0], MASKS[0], **QUICK)
    assert len(found.table) == 1
    assert repr(found).startswith("EvaluationResult(1 frames, accuracy 0.995, clear IoU 0.")


def test_masked_truth_is_ignored() -> None:
    wrong = np.ma.MaskedArray(MASKS[0], mask=False)
    wrong[0, 0] = np.ma.masked
    assert iris.evaluate(predictions()[0], wrong, **QUICK).scores["accuracy"] == 1


def test_a_simulated_frame_is_its_own_truth() -> None:
    sky = iris.simulate(2, sky="cloudy", seed=4)
    truths = [one.truth for one in sky]
    made = [
        iris.Prediction(one.data.astype(np.float32), np.float32(one.truth), one.header, "m@1", 0.5)
        for one in sky
    ]
    assert iris.evaluate(made, sky, **QUICK).scores["accuracy"] == 1
    assert iris.evaluate(made, truths, **QUICK).scores["accuracy"] == 1


def test_baselines_warnings_and_table(expected: dict[str, float]) -> None:
    found = iris.evaluate(predictions(), MASKS, **QUICK)
    assert set(found.baselines) == {"all_cloud", "otsu", "recipe", "recipe_gate", "reference"}
    assert found.baselines["all_cloud"]["accuracy"] == pytest.approx(np.mean(MASKS))
    assert found.warnings == found.report.warnings() != []
    assert found.table.colnames[:3] == ["frame", "time", "accuracy"]
    assert list(found.table["accuracy"]) == sorted(found.table["accuracy"])
    assert found.to_dict()["model"] == expected


def test_it_is_written_as_the_command_does(tmp_path: Path) -> None:
    found = iris.evaluate(predictions(), MASKS, **QUICK)
    found.write(tmp_path / "report")
    assert {path.name for path in (tmp_path / "report").iterdir()} == {
        "report.json", "report.md", "frames.csv", "curves.csv",
    }  # fmt: skip
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    assert report["model"]["accuracy"] == found.scores["accuracy"]


@pytest.mark.slow
def test_figures_are_drawn_on_request(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="figures need matplotlib")
    found = iris.evaluate(predictions(), MASKS, **QUICK)
    found.write(tmp_path / "report", figures=True)
    assert (tmp_path / "report" / "figures" / "roc.pdf").exists()


def test_its_files_go_with_it() -> None:
    found = iris.evaluate(predictions(), MASKS, **QUICK)
    folder = found.report.predictions.parent
    assert folder.is_dir()
    del found
    assert not folder.exists()


@pytest.mark.parametrize(
    ("made", "truth", "text"),
    [
        (predictions(), MASKS[:2], "there are only 2 truths; give one truth for each prediction"),
        (predictions()[:1], MASKS, "there is only 1 prediction;"),
        (predictions()[:1], [MASKS[0] + 7], "truth: expected .* values 7 to 8"),
        (predictions()[:1], [MASKS[0][0]], r"truth: expected .* received shape \(16,\)"),
        (predictions(), "/nowhere", "prediction 0 is of a frame in memory"),
        (predictions(paths=True)[:1] * 2, "/nowhere", "two predictions are of frames called sky_0"),
        ("/nowhere", MASKS, "predictions in a folder need truth in a folder"),
    ],
)
def test_what_does_not_fit_is_refused(made: Any, truth: Any, text: str) -> None:
    with pytest.raises(iris.IrisError, match=text):
        iris.evaluate(made, truth, **QUICK)


def test_another_model_needs_folders() -> None:
    with pytest.raises(iris.IrisError, match="against: predictions and truth must be folders"):
        iris.evaluate(predictions(), MASKS, against="other", **QUICK)
