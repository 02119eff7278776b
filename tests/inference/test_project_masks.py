"""Predictions added to a project: as model masks, beside human ones, and only once."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.cli.main import main
from napari_iris.errors import FileError
from napari_iris.inference.cloud_mask import cloud_mask
from napari_iris.inference.prediction_file import (
    Prediction,
    PredictionError,
    read_prediction,
    write_prediction,
)
from napari_iris.inference.project_masks import add_predictions
from napari_iris.matching.names import prediction_path
from napari_iris.matching.pixels import frame_id
from napari_iris.project.indexing import index
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SHAPE = (24, 32)


def probability(number: int) -> np.ndarray:
    found = np.random.default_rng(number).uniform(0, 1, SHAPE).astype(np.float32)
    found[0, :4] = np.nan
    return found


def predict(frame: Path, out: Path, number: int, model: str = "unet1@12345678") -> Path:
    """Write the prediction of a frame."""
    out.mkdir(exist_ok=True)
    path = prediction_path(frame, out)
    pixels = np.zeros(SHAPE, np.float32)
    made = Prediction(
        pixels,
        probability(number),
        fits.Header(),
        model,
        0.6,
        uncertainty=0.1 * number,
        novelty=0.8 * number,
    )
    write_prediction(path, made)
    return path


@pytest.fixture
def frames(write_frame: Callable[..., Path]) -> list[Path]:
    return [
        write_frame(f"night/sky_{number}.fits", DATE_OBS=f"2024-01-15T{number:02}:00:00")
        for number in range(4)
    ]


@pytest.fixture
def folder(tmp_path: Path, frames: list[Path]) -> Path:
    """A project of the four frames, without masks."""
    with Project(tmp_path / "project") as project:
        list(index(project, frames, None, jobs=1))
    return tmp_path / "project"


@pytest.fixture
def predictions(tmp_path: Path, frames: list[Path]) -> Path:
    """Predictions of the first three frames."""
    for number, frame in enumerate(frames[:3]):
        predict(frame, tmp_path / "predictions", number)
    return tmp_path / "predictions"


def take(folder: Path, predictions: Path) -> tuple[Counter[str], list[FileError]]:
    with Project(folder) as project:
        found = list(add_predictions(project, predictions))
    problems = [one for one in found if isinstance(one, FileError)]
    return Counter(one.how for one in found if not isinstance(one, FileError)), problems


def stored(folder: Path, number: int, tag: Any) -> np.ndarray | None:
    with Project(folder, read_only=True) as project:
        return project.mask(int(project.table.id[number]), tag)


def test_each_prediction_becomes_the_model_mask_of_its_frame(
    folder: Path, predictions: Path
) -> None:
    assert take(folder, predictions) == (Counter(new=3), [])
    with Project(folder, read_only=True) as project:
        assert project.status()["masks"] == {"auto": 0, "model": 3, "human": 0}
        for number in range(3):
            frame = int(project.table.id[number])
            expected = cloud_mask(probability(number), 0.6)
            np.testing.assert_array_equal(project.mask(frame, "model"), expected)
            assert (expected[0, :4] == 2).all()
            facts = project.mask_facts(frame, "model")
            assert (facts.by, facts.method) == ("unet1@12345678", "threshold 0.6")
            assert facts.uncertainty == pytest.approx(0.1 * number)
            assert project.decision(frame).status == "auto"
        np.testing.assert_allclose(project.table.uncertainty[:3], [0, 0.1, 0.2], atol=1e-6)
        assert np.isnan(project.table.uncertainty[3])
        np.testing.assert_allclose(project.table.novelty[:3], [0, 0.8, 1.6], atol=1e-6)
        assert np.isnan(project.table.novelty[3])


def test_adding_again_changes_nothing_and_a_new_model_replaces_the_old_one(
    folder: Path, predictions: Path, frames: list[Path]
) -> None:
    take(folder, predictions)
    assert take(folder, predictions) == (Counter(known=3), [])
    predict(frames[0], predictions, 3, "unet2@87654321")
    assert take(folder, predictions) == (Counter(known=2, new=1), [])
    np.testing.assert_array_equal(stored(folder, 0, "model"), cloud_mask(probability(3), 0.6))
    with Project(folder, read_only=True) as project:
        entries = project.history(int(project.table.id[0]))
    assert [one.by for one in entries] == ["unet1@12345678", "unet2@87654321"]


def test_a_human_mask_and_decision_are_kept(folder: Path, predictions: Path) -> None:
    drawn = np.ones(SHAPE, np.uint8)
    with Project(folder, by="ann") as project:
        first, second = (int(frame) for frame in project.table.id[:2])
        project.label(first, drawn, "cloudy", "drawn")
        project.reject(second, "dome")
        before = [project.decision(frame) for frame in (first, second)]
    take(folder, predictions)
    np.testing.assert_array_equal(stored(folder, 0, "human"), drawn)
    np.testing.assert_array_equal(stored(folder, 0, None), drawn, "and is the active one")
    with Project(folder, read_only=True) as project:
        assert [project.decision(frame) for frame in (first, second)] == before


def test_predictions_of_other_frames_are_counted_not_added(
    folder: Path, predictions: Path, tmp_path: Path
) -> None:
    predict(tmp_path / "elsewhere" / "moon_1.fits", predictions, 1)
    assert take(folder, predictions) == (Counter(new=3, other=1), [])


def of_frame(frame: Path, out: Path, number: int) -> Path:
    """Write a prediction as napari-iris does: with the frame's path and identifier."""
    path = predict(frame, out, number)
    known = {"frame_id": frame_id(fits.getdata(frame)), "frame_path": str(frame)}
    write_prediction(path, replace(read_prediction(path), **known))
    return path


def test_a_prediction_of_another_night_is_not_added(
    folder: Path, frames: list[Path], write_frame: Callable[..., Path], tmp_path: Path
) -> None:
    other = write_frame("tuesday/sky_0.fits", np.random.default_rng(9).normal(600, 9, SHAPE))
    of_frame(other, tmp_path / "p", 0)
    assert take(folder, tmp_path / "p") == (Counter(other=1), [])
    of_frame(frames[0], tmp_path / "p", 0)
    assert take(folder, tmp_path / "p") == (Counter(new=1), [])


def test_a_moved_frame_is_recognised_by_its_pixels(
    frames: list[Path], write_frame: Callable[..., Path], tmp_path: Path
) -> None:
    frame = write_frame("night/sky_9.fits", np.random.default_rng(9).normal(600, 9, SHAPE))
    of_frame(frame, tmp_path / "p", 1)
    moved = frame.rename(tmp_path / "moved.fits")
    with Project(tmp_path / "project") as project:
        list(index(project, [frames[0], moved], None, jobs=1))
    assert take(tmp_path / "project", tmp_path / "p") == (Counter(new=1), [])


def test_an_older_prediction_of_another_night_by_its_table_is_not_added(
    folder: Path, predictions: Path, tmp_path: Path
) -> None:
    head = "frame,date_obs,p_cloud,sky,cloud_fraction,uncertainty,model"
    lines = [f"{tmp_path}/tuesday/sky_{n}.fits,,,cloudy,0.5,0.1,unet1@1" for n in range(3)]
    (predictions / "predictions.csv").write_text("\n".join([head, *lines]) + "\n")
    assert take(folder, predictions) == (Counter(other=3), [])


def test_a_damaged_prediction_is_named_and_the_others_are_added(
    folder: Path, predictions: Path, frames: list[Path]
) -> None:
    bad = prediction_path(frames[1], predictions)
    bad.write_bytes(b"SIMPLE")
    counts, problems = take(folder, predictions)
    assert counts == Counter(new=2)
    assert [one.path for one in problems] == [bad]


def test_of_two_frames_with_one_name_the_table_decides(
    folder: Path, predictions: Path, write_frame: Callable[..., Path], frames: list[Path]
) -> None:
    other = write_frame("tuesday/sky_0.fits", DATE_OBS="2024-01-16T00:00:00")
    with Project(folder) as project:
        list(index(project, [other], None, jobs=1))
    counts, problems = take(folder, predictions)
    assert counts == Counter(new=2)
    assert "one of 2 frames of the project called sky_0" in str(problems[0])
    lines = [f"{frame},,,cloudy,0.5,0.1,unet1@12345678" for frame in (other, *frames[1:3])]
    head = "frame,date_obs,p_cloud,sky,cloud_fraction,uncertainty,model"
    (predictions / "predictions.csv").write_text("\n".join([head, *lines]) + "\n")
    assert take(folder, predictions) == (Counter(new=1, known=2), [])
    with Project(folder, read_only=True) as project:
        row = [path.parent.name for path in project.table.paths].index("tuesday")
        assert project.tags(int(project.table.id[row])) == ("model",)


def test_a_folder_without_predictions_is_an_error_of_the_command(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    with Project(folder) as project, pytest.raises(PredictionError, match="holds no prediction"):
        list(add_predictions(project, tmp_path / "empty"))


def test_the_command_adds_predictions_and_reports_counts(
    folder: Path, predictions: Path, capsys: pytest.CaptureFixture[str], frames: list[Path]
) -> None:
    words = ["project", str(folder), "take", str(predictions)]
    assert main([*words, "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (events[0]["total"], events[-1]["new"], events[-1]["known"]) == (3, 3, 0)
    assert main(words) == 0
    assert f"0 predictions added to {folder} (3 added earlier; " in capsys.readouterr().err
    prediction_path(frames[0], predictions).write_bytes(b"")
    assert main(words) == 1
    assert "sky_0_pred.fits" in capsys.readouterr().err


@pytest.mark.parametrize("gone", ["project", "predictions"])
def test_the_command_needs_both(
    folder: Path, predictions: Path, capsys: pytest.CaptureFixture[str], gone: str
) -> None:
    shutil.rmtree(folder if gone == "project" else predictions)
    assert main(["project", str(folder), "take", str(predictions)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert gone == "predictions" or not folder.exists(), "none is begun by mistake"
