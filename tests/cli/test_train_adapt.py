"""Adapting a model to frames without labels, from the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.networks.card import read_card
from napari_iris.networks.weights import WEIGHTS, initial_weights, load_weights
from napari_iris.resources import sample_night
from napari_iris.training.run_folder import RunFolder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NIGHT = sample_night()

SMALL = ["--simulated", "12", "--epochs", "2", "--batch-size", "8"]

pytestmark = [pytest.mark.learning, pytest.mark.usefixtures("stub_trainer")]


@pytest.fixture
def model(cli: Callable[..., tuple], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model that takes the excess."""
    monkeypatch.setattr("napari_iris.training.adapting.TRUTH_FRAMES", 6)
    words = ["--channels", "2", "4", "--shape", "64", "80", "--planes", "2", "--epochs", "1"]
    ran = cli("train", "unet", "--simulated", "20", *words, "--out", tmp_path / "first")
    assert ran.code == 0, ran.err
    return tmp_path / "first"


def adapt(cli: Callable[..., tuple], model: Path, *words: object) -> tuple:
    out = model.with_name("adapted")
    return cli("train", "unet", "--adapt", NIGHT, "--init", model, "--out", out, *SMALL, *words)


def test_a_model_is_adapted_and_says_what_it_knows_of_simulated_truth(
    cli: Callable[..., tuple], model: Path
) -> None:
    ran = adapt(cli, model)
    assert ran.code == 0, ran.err
    assert "reference: measured" in ran.err
    assert "sure labels in " in ran.err
    assert "on 6 simulated frames of another seed: accuracy " in ran.err
    assert "no epoch was better than --init, whose weights the model keeps" in ran.err
    run = RunFolder(model.with_name("adapted"))
    scores = run.facts()["adapted"]
    assert scores["before"] == scores["after"], "the stub learns nothing"
    assert run.config().adapt == str(NIGHT)
    again = cli("train", "unet", "--out", run.folder, "--resume", "--json")
    assert again.code == 0, again.err
    events = [json.loads(line) for line in again.out.splitlines()]
    assert [one["event"] for one in events] == ["device", "data", "adapted", "end"]
    assert events[2]["after"] == scores["after"]
    assert (events[2]["epoch"], events[3]["best_epoch"]) == (0, 0)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["unet", "--adapt", NIGHT], "--adapt needs a model to start from: give --init, such as"),
        (["vgg8", "--adapt", NIGHT, "--init", "vgg8-lwir"], "--adapt is for a unet"),
        (["unet", NIGHT, "--adapt", NIGHT], "--adapt takes the place of DATA: leave out one"),
        (["unet", "--adapt", "gone", "--init", "unet-lwir"], "gone: does not exist"),
        (
            ["unet", "--adapt", NIGHT, "--init", "unet-lwir", "--reference", "none"],
            "reference: none; without one, no label is sure: add frames with clear sky in view, or",
        ),
    ],
)
def test_what_cannot_be_adapted_is_refused_in_one_line(
    cli: Callable[..., tuple], tmp_path: Path, words: list[object], reason: str
) -> None:
    ran = cli("train", *words, "--out", tmp_path / "out")
    assert ran.code == 2
    assert reason in ran.err
    assert ran.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_an_epoch_that_forgets_simulated_truth_is_not_kept(
    cli: Callable[..., tuple], model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load_weights(model / WEIGHTS, read_card(model).network)
    other = initial_weights(read_card(model).network, 99)

    def step(self: object, *_: object) -> float:
        self.kept = other
        return 0.7

    losses = iter([1.0, 0.5, 0.4])  # better on the validation frames, epoch by epoch

    def validate(trainer: object, batches: object) -> tuple[float, dict[str, float]]:
        known = trainer.kept is not other
        is_truth = len(batches.rows) == 6
        loss = 1.0 if is_truth else next(losses)
        names = ("accuracy", "balanced_accuracy", "iou_cloud", "iou_clear", "mcc")
        return loss, dict.fromkeys(names, 0.9 if known else worse)

    monkeypatch.setattr("tests.cli.conftest.StubTrainer.step", step, raising=False)
    for room in ("adapting", "loop"):
        monkeypatch.setattr(f"napari_iris.training.{room}.validate", validate)
    worse = 0.89
    ran = adapt(cli, model)
    assert ran.code == 0, ran.err
    kept = load_weights(model.with_name("adapted") / WEIGHTS, read_card(model).network)
    assert all(np.array_equal(kept[name], first[name]) for name in first)
