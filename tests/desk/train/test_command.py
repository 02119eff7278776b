"""The shell command of a training: what it says is what runs, and no more than needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_iris.cli.main import main
from napari_iris.desk.train.command import resume_command, train_command
from napari_iris.networks.spec import NetworkSpec
from napari_iris.training.config import TrainConfig
from napari_iris.training.run_folder import Position

DATA, OUT = Path("/sky/night one"), Path("/sky/models/it's")

START: dict[str, Any] = {}
"""What the command takes over from the model to start from."""


def understood(words: list[str]) -> dict[str, Any]:
    """What the command line makes of a command."""
    taken: dict[str, Any] = {}

    def train(config: TrainConfig, data: Path, out: Path, tell: object, **how: Any) -> Position:
        taken.update(config=config, data=data, out=out, **how)
        return Position(1, 0.5, 1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("napari_iris.training.train.train", train)
        patch.setattr("napari_iris.cli.train._start", lambda _: dict(START))
        patch.setattr("napari_iris.cli.train._finish", lambda rest, _: taken.update(rest=rest))
        assert main([*words, "--json"]) == 0
    return taken


@pytest.mark.parametrize("kind", ["unet", "vgg8"])
def test_what_is_as_published_is_left_out(kind: Any) -> None:
    config = TrainConfig.of(NetworkSpec(kind=kind))
    words = train_command(config, DATA, OUT)
    assert words == ["train", kind, str(DATA), "--out", str(OUT)]
    assert understood(words)["config"] == config


networks = st.builds(
    NetworkSpec,
    kind=st.sampled_from(["unet", "vgg8"]),
    channels=st.lists(st.integers(1, 512), min_size=1, max_size=3).map(tuple),
    shape=st.tuples(st.integers(64, 512), st.integers(64, 512)),
    convolutions=st.integers(1, 2),
)
configs = st.builds(
    TrainConfig,
    network=networks,
    engine=st.sampled_from(["keras", "flax"]),
    epochs=st.integers(1, 10_000),
    batch_size=st.integers(1, 512),
    aug_batch_size=st.integers(0, 512),
    learning_rate=st.floats(1e-8, 1).map(lambda rate: float(f"{rate:.6g}")),
    loss=st.sampled_from(["bce", "focal"]),
    masks=st.sampled_from(["approved", "best", "auto", "model"]),
    percent=st.just((60.0, 25.5, 14.5)) | st.just((70.0, 20.0, 10.0)),
    gap_s=st.floats(0, 1e5).map(lambda gap: float(f"{gap:.6g}")),
    simulated=st.integers(0, 1000),
    seed=st.integers(0, 2**31 - 1),
)


@given(config=configs, init=st.sampled_from(["", "unet-lwir", "/sky/models/unet 1"]))
def test_every_choice_reaches_the_training(config: TrainConfig, init: str) -> None:
    taken = understood(train_command(config, DATA, OUT, init=init))
    assert taken["config"] == config
    assert (taken["data"], taken["out"]) == (DATA, OUT)
    assert taken["init"] == (init or None)
    assert not taken["resume"]


def test_a_run_goes_on_by_its_folder_alone() -> None:
    words = resume_command("vgg8", DATA, OUT)
    assert words == ["train", "vgg8", str(DATA), "--out", str(OUT), "--resume"]
    taken = understood(words)
    assert taken["resume"]
    assert taken["config"].model_fields_set == {"network"}, "the rest is the run's own"
    more = understood(resume_command("vgg8", DATA, OUT, epochs=90, patience=30))["config"]
    assert (more.epochs, more.patience) == (90, 30)


def test_the_model_to_start_from_changes_nothing_that_was_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The command would take over its network and normalisation."""
    other = NetworkSpec(kind="unet", channels=(4, 8), shape=(64, 80), convolutions=1)
    monkeypatch.setitem(START, "network", other.model_dump())
    monkeypatch.setitem(START, "normalisation", "full-scale")
    config = TrainConfig.of(NetworkSpec(kind="unet"))
    assert understood(train_command(config, DATA, OUT, init="unet1"))["config"] == config


@pytest.mark.parametrize("evaluate", [True, False])
def test_what_is_done_at_the_end(evaluate: bool) -> None:
    config = TrainConfig.of(NetworkSpec(kind="unet"))
    rest = understood(
        train_command(config, DATA, OUT, evaluate=evaluate, predictions=Path("/sky/kept"))
    )["rest"]
    assert rest.evaluate == evaluate
    assert rest.save_predictions == Path("/sky/kept")
