"""A model is not evaluated on the training frames of the model it started from."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from napari_iris.networks.card import read_card
from napari_iris.training.run_folder import RunFolder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SMALL = ["--channels", "2", "4", "--shape", "32", "40", "--epochs", "1", "--percent", 50, 30, 20]
MIXED = [0.5, 0.2, 0.8, 0.0, 0.6, 1.0, 0.4, 0.3, 0.7, 0.1] * 2

pytestmark = [pytest.mark.learning, pytest.mark.usefixtures("stub_trainer")]


def learned(model: Path) -> set[str]:
    return {path.name for path in RunFolder(model).split()["train"]}


def judged(model: Path) -> set[str]:
    parts = RunFolder(model).split()
    return {path.name for part in ("validation", "test") for path in parts[part]}


def test_training_frames_of_the_initial_model_stay_in_the_training_part(
    cli: Callable[..., tuple], write_night: Callable[..., Path], tmp_path: Path
) -> None:
    one, two, three = (tmp_path / name for name in ("one", "two", "three"))
    words = ["train", "unet", write_night(MIXED), *SMALL, "--no-evaluate"]
    assert cli(*words, "--out", one).code == 0
    moved = tmp_path / "moved"
    shutil.move(tmp_path / "night", moved)  # a frame is known by its pixels too
    words[2] = moved
    ran = cli(*words, "--out", two, "--init", one, "--seed", 4)
    assert ran.code == 0, ran.err
    assert learned(one) <= learned(two)
    assert judged(two)
    assert not judged(two) & learned(one)
    facts = RunFolder(two).facts()
    assert facts["split"]["seen_by_init"] == len(learned(one)) > 0
    assert (
        f"{len(learned(one))} frames kept in the training part, as --init was trained on them"
        in ran.err
    )
    assert read_card(two).training["init"] == [str(one)]
    shutil.rmtree(one)  # what it had learned is kept with the second one
    shutil.copytree(two, tmp_path / "kept")
    resumed = cli("train", "unet", moved, "--out", two, "--resume", "--epochs", 2, "--no-evaluate")
    assert resumed.code == 0, resumed.err
    assert cli(*words, "--out", three, "--init", two, "--seed", 4).code == 0
    assert learned(two) <= learned(three)
    assert read_card(three).training["init"] == [str(two), str(one)]


def test_an_empty_validation_part_is_reported(
    cli: Callable[..., tuple], write_night: Callable[..., Path], tmp_path: Path
) -> None:
    night = write_night(MIXED)
    words = ["train", "unet", night, *SMALL, "--no-evaluate"]
    assert cli(*words, "--out", tmp_path / "one").code == 0
    few = tmp_path / "few"
    few.mkdir()
    for name in learned(tmp_path / "one"):
        shutil.copy(night / name, few / name)
    words[2] = few
    ran = cli(*words, "--out", tmp_path / "two", "--init", tmp_path / "one")
    assert ran.code == 2
    assert "was trained on all validation and test frames" in ran.err
    assert ran.err.count("\n") == 1


def test_unknown_training_frames_of_the_initial_model_are_reported(
    cli: Callable[..., tuple], write_night: Callable[..., Path], tmp_path: Path
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    words = ["train", "unet", write_night(MIXED), *SMALL]
    assert cli(*words, "--out", one, "--no-evaluate").code == 0
    shutil.rmtree(one / "run")  # as of a model that was imported
    ran = cli(*words, "--out", two, "--init", one)
    assert ran.code == 0, ran.err
    assert ran.err.count(f"the training frames of {one} are not known: ") == 1, "before training"
    report = json.loads((two / "run" / "test" / "report.json").read_text())
    warning = f"The training frames of {one}, from which this model was initialised, are not known"
    assert any(warning in one for one in report["warnings"])
    assert ran.err.count(warning) == 2, "below each table"
    assert RunFolder(two).facts()["init_unknown"] == [str(one)]


@pytest.mark.parametrize(("kind", "code"), [("unet", 0), ("vgg8", 2)])
def test_only_a_unet_starts_from_weights_of_another_frame_size(
    cli: Callable[..., tuple],
    write_night: Callable[..., Path],
    tmp_path: Path,
    kind: str,
    code: int,
) -> None:
    """The dense layers of a VGG8 fit one size of frames."""
    words = ["train", kind, write_night(MIXED), "--no-evaluate", *SMALL]
    assert cli(*words, "--out", tmp_path / "one").code == 0
    ran = cli(*words, "--shape", 48, 60, "--out", tmp_path / "two", "--init", tmp_path / "one")
    assert ran.code == code, ran.err
    assert ("is a different network" in ran.err) == (code != 0)
