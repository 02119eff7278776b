"""What is said before a training: labels left out, time, a model to start from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from napari_iris.app.training.advice import LEAST_LABELS, left_out_text, start_text, time_text
from napari_iris.app.training.data import DataChoice
from napari_iris.app.training.form import TrainingForm
from napari_iris.app.training.runs import Run
from napari_iris.app.training.supply import Supply
from napari_iris.networks.spec import NetworkSpec
from napari_iris.training.config import TrainConfig
from napari_iris.training.epochs import Epoch

if TYPE_CHECKING:
    from napari_iris.app.session import Session
    from tests.app.conftest import ManualTimers

UNET = NetworkSpec(kind="unet", channels=(8, 16))
MASKS = {"approved": 50, "best": 88, "auto": 80, "model": 0}
PROJECT = Supply(None, "project", "", MASKS, 60, frames=100, rejected=12, duplicates=8)


@pytest.mark.parametrize(
    ("masks", "by_class", "text"),
    [
        ("approved", False, "Left out: 38 not approved, 12 rejected, 8 duplicates."),
        ("approved", True, "Left out: 28 not approved, 12 rejected, 8 duplicates."),
        ("best", False, "Left out: 12 rejected, 8 duplicates."),
        ("auto", False, "Left out: 8 without such a mask, 12 rejected, 8 duplicates."),
    ],
)
def test_labels_that_are_left_out_are_counted(masks: str, by_class: bool, text: str) -> None:
    assert left_out_text(PROJECT, masks, by_class=by_class) == text


def test_nothing_is_left_out_of_a_folder_of_masks() -> None:
    assert left_out_text(Supply(None, "masks", "", MASKS), "best", by_class=False) == ""


def run(
    name: str, seconds: float, changed: float, frames: int = 100, spec: NetworkSpec = UNET
) -> Run:
    epochs = tuple(Epoch(n, 1, 1, 1, 1, 1, 1, 1, 1, seconds) for n in (1, 2, 3))
    config = TrainConfig.of(spec, epochs=3)
    return Run(Path(name), "finished", spec, config, epochs, frames=frames, changed=changed)


def test_the_time_is_that_of_the_last_run_by_frames_and_epochs() -> None:
    config = TrainConfig.of(UNET, epochs=30)
    runs = [run("old", 1000, changed=1), run("new", 4, changed=2), run("damaged", 9, 3, frames=0)]
    assert time_text(config, 100, runs) == "Time: at most 2 min, at the rate of new."
    assert time_text(config, 1000, runs) == "Time: at most 20 min, at the rate of new."


def test_without_a_run_of_such_a_network_the_time_is_not_known() -> None:
    other = run("vgg", 4, changed=2, spec=NetworkSpec(kind="vgg8"))
    text = time_text(TrainConfig.of(UNET), 100, [other])
    assert text == "Time: known after the first steps."


def test_a_shipped_model_is_suggested_for_few_labels() -> None:
    shipped = [run("vgg8-lwir", 1, 1, spec=NetworkSpec(kind="vgg8")), run("unet-lwir", 1, 1)]
    assert "start from unet-lwir" in start_text("unet", 50, "", shipped)
    assert "start from vgg8-lwir" in start_text("vgg8", 50, "", shipped)
    assert start_text("unet", 5000, "", shipped) == ""
    assert start_text("unet", 50, "/models/mine", shipped) == ""


def test_a_training_waits_for_enough_labels(
    session: Session,
    timers: ManualTimers,
    masks: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    monkeypatch.setattr("napari_iris.app.training.data.LEAST_LABELS", LEAST_LABELS)
    data = DataChoice(session, TrainingForm())
    request.addfinalizer(data.close)
    data.folder.choose(masks)
    timers.wait_until(lambda: data.is_current)
    assert data.problem == "Only 3 labelled frames: label at least 10."
