"""The list of models: which folders are listed, what is read again, how a model is described."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest

from napari_iris.app.models import (
    CachedReader,
    ModelList,
    model_folders,
    model_summary,
    model_title,
)
from napari_iris.app.training.runs import read_run
from napari_iris.frames.index import FrameIndex
from napari_iris.frames.sequence import FrameSequence
from napari_iris.inference.folders import find_model_folders, read_entry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_iris.app.session import Session
    from napari_iris.inference.folders import ModelEntry


@pytest.fixture
def models(timers: Mock) -> ModelList[ModelEntry]:
    return ModelList(timers, read_entry)


def names(models: ModelList[ModelEntry]) -> list[str]:
    return [model.name for model in models.models]


def wait(timers: Mock, models: ModelList[ModelEntry]) -> None:
    timers.wait_until(lambda: models.is_current)


def test_models_are_listed_folder_by_folder_and_once_each(
    models: ModelList[ModelEntry], timers: Mock, make_model: Callable[..., Path], tmp_path: Path
) -> None:
    for name in ("unet10", "unet2", "vgg1"):
        make_model(name)
    folder = tmp_path / "night_models"
    (folder / "notes").mkdir()
    (folder / "link").symlink_to(folder / "unet2")
    models.set_folders([tmp_path / "none", folder, folder])
    assert not models.is_current
    wait(timers, models)
    assert names(models) == ["link", "unet10", "vgg1"]
    assert models.get(folder / "vgg1") is models.models[2]
    assert models.get(tmp_path) is models.get(None) is None


def test_only_a_difference_is_signalled_as_a_change(
    models: ModelList[ModelEntry], timers: Mock, make_model: Callable[..., Path]
) -> None:
    changed, refreshed = Mock(), Mock()
    models.changed.connect(changed)
    models.refreshed.connect(refreshed)
    folder = make_model("unet1")
    models.set_folders([folder.parent])
    wait(timers, models)
    models.refresh()
    wait(timers, models)
    assert (changed.call_count, refreshed.call_count) == (1, 2)
    make_model("unet1", metrics={"mcc": 0.5})
    models.refresh()
    wait(timers, models)
    assert (changed.call_count, refreshed.call_count) == (2, 3)


def test_a_folder_that_was_added_is_listed_even_if_it_is_no_model(
    models: ModelList[ModelEntry], timers: Mock, make_model: Callable[..., Path], tmp_path: Path
) -> None:
    good = make_model("elsewhere/unet1")
    (tmp_path / "photos").mkdir()
    for folder in (good, tmp_path / "photos", good):
        models.add(folder)
    wait(timers, models)
    assert names(models) == ["unet1", "photos"]
    assert "is not a model" in models.models[1].problem


@pytest.mark.parametrize("runs", [False, True])
def test_a_training_run_without_a_model_is_listed_where_that_is_wanted(
    timers: Mock, tmp_path: Path, runs: bool
) -> None:
    (tmp_path / "models" / "unet1" / "run").mkdir(parents=True)
    (tmp_path / "models" / "unet1" / "run" / "config.json").write_text("{}")
    models = ModelList(timers, read_entry, runs=runs)
    models.set_folders([tmp_path / "models"])
    wait(timers, models)
    assert len(models.models) == runs


def test_a_folder_that_may_not_be_read_has_no_models(
    models: ModelList[ModelEntry],
    timers: Mock,
    make_model: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def find(place: Path) -> list[Path]:
        if place.name == "closed":
            raise PermissionError(place)
        return find_model_folders(place)

    monkeypatch.setattr("napari_iris.app.models.find_model_folders", find)
    models.set_folders([tmp_path / "closed", make_model("unet1").parent])
    wait(timers, models)
    assert names(models) == ["unet1"]


def test_a_model_that_has_not_changed_is_read_once(make_model: Callable[..., Path]) -> None:
    folder, read = make_model("unet1"), Mock(side_effect=read_entry)
    reader = CachedReader(read)
    assert reader(folder) is reader(folder)
    later = time.time_ns() + 10**9
    os.utime(folder / "model.json", ns=(later, later))
    reader(folder)
    assert read.call_count == 2
    (folder / "run").mkdir()
    (folder / "run" / "epochs.csv").touch()
    reader(folder)
    assert read.call_count == 3


def test_models_are_looked_for_in_the_project_beside_the_frames_and_among_the_shipped(
    session: Session, make_frames: Callable[..., Path], tmp_path: Path
) -> None:
    (shipped,) = model_folders(session)
    assert (shipped / "unet-lwir").is_dir()
    frames = make_frames(2)
    session.show(FrameSequence(FrameIndex([str(frames)]).paths), [str(frames)])
    session.set_project(tmp_path / "project")
    expected = (tmp_path / "project" / "models", frames.parent / "frames_models", shipped)
    assert model_folders(session) == expected


def test_a_model_is_described_by_its_card(make_model: Callable[..., Path]) -> None:
    metrics = {"iou_clear": 0.694, "mcc": 0.792, "accuracy": 0.9517, "val_loss": 0.1}
    known = {"training": {"engine": "keras"}, "data_licence": "CC0", "version": "0.5.0"}
    model = read_entry(make_model("unet1", metrics=metrics, **known))
    assert model_summary(model).splitlines() == [
        "U-Net 2-2, 377 parameters",
        "Validation: clear IoU 0.694, MCC 0.792, accuracy 0.952",
        "Trained with Keras by napari-iris 0.5.0; data: CC0",
    ]
    assert model_title(model) == "unet1"


def test_a_model_that_is_no_better_than_a_baseline_says_so_in_list_and_summary(
    make_model: Callable[..., Path],
) -> None:
    model = read_entry(make_model("unet1", metrics={"mcc": 0.0, "accuracy": 0.86}))
    assert model_title(model) == "unet1 (no better than Always cloud)"
    assert "Caution: no better than Always cloud" in model_summary(model)
    assert read_run(model.folder).title == model_title(model)


def test_a_model_without_scores_and_with_a_lost_classifier_is_described(
    make_model: Callable[..., Path],
) -> None:
    model = read_entry(make_model("unet1", classifier="vgg9"))
    assert model_summary(model).splitlines()[1] == "No scores in its card"
    assert model_summary(model).splitlines()[-1] == "Its classifier vgg9 is missing."


def test_a_damaged_model_is_described_by_its_problem(make_model: Callable[..., Path]) -> None:
    folder = make_model("unet1")
    (folder / "weights.safetensors").unlink()
    model = read_entry(folder)
    assert "weights.safetensors is missing" in model_summary(model)
    assert model_title(model) == "unet1 (damaged)"


def test_the_shipped_model_is_described() -> None:
    from napari_iris.resources import models_folder

    model = read_entry(models_folder() / "unet-lwir")
    assert model_title(model) == "unet-lwir (shipped)"
    assert "Shipped with napari-iris" in model_summary(model)
    assert model.classifier == models_folder() / "vgg8-lwir"
