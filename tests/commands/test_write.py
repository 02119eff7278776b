"""The command of a training run: it runs what the config says, and is no longer than needed."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_iris.cli.main import main
from napari_iris.commands.configs import TRAIN
from napari_iris.commands.write import resume_command, train_command
from napari_iris.networks.normalisation import Normalisation
from napari_iris.networks.spec import NetworkSpec
from napari_iris.training.checkpoint import RunProgress
from napari_iris.training.config import (
    ClassWeight,
    Framework,
    Loss,
    Schedule,
    SimulatedMasks,
    TrainConfig,
    TrainingPrecision,
)

DATA, OUT = Path("/sky/night one"), Path("/sky/models/it's")

START: dict[str, Any] = {}
"""Network and normalisation of the model to start from."""


def trained(words: list[str]) -> dict[str, Any]:
    """What the command line passes on to the training."""
    taken: dict[str, Any] = {}

    def train(config: TrainConfig, data: Path, out: Path, tell: object, **how: Any) -> RunProgress:
        taken.update(config=config, data=data, out=out, **how)
        return RunProgress(1, 0.5, 1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("napari_iris.training.train.train", train)
        patch.setattr("napari_iris.cli.train._init", lambda _: dict(START))
        patch.setattr("napari_iris.cli.train._finish", lambda rest, _: taken.update(rest=rest))
        assert main([*words, "--json"]) == 0
    return taken


@pytest.mark.parametrize("kind", ["unet", "vgg8"])
def test_published_values_are_left_out(kind: Any) -> None:
    config = TrainConfig.of(NetworkSpec(kind=kind))
    words = train_command(config, DATA, OUT)
    assert words == ["train", kind, str(DATA), "--out", str(OUT)]
    assert trained(words)["config"] == config


networks = st.builds(
    NetworkSpec,
    kind=st.sampled_from(["unet", "vgg8"]),
    channels=st.lists(st.integers(1, 512), min_size=1, max_size=3).map(tuple),
    shape=st.tuples(st.integers(64, 512), st.integers(64, 512)),
    planes=st.integers(1, 3),
    convolutions=st.integers(1, 2),
)
configs = st.builds(
    TrainConfig,
    network=networks,
    engine=st.sampled_from(get_args(Framework)),
    epochs=st.integers(1, 10_000),
    batch_size=st.integers(1, 512),
    val_batch_size=st.integers(1, 512),
    aug_batch_size=st.integers(0, 512),
    mirror=st.booleans(),
    learning_rate=st.floats(1e-8, 1),
    clip_norm=st.floats(0, 100),
    schedule=st.sampled_from(get_args(Schedule)),
    halve_every=st.integers(1, 100),
    warmup=st.floats(0, 10),
    average=st.floats(0, 1, exclude_max=True),
    patience=st.integers(1, 100),
    loss=st.sampled_from(get_args(Loss)),
    label_smoothing=st.floats(0, 1, exclude_max=True),
    class_weight=st.sampled_from(get_args(ClassWeight)),
    precision=st.sampled_from(get_args(TrainingPrecision)),
    normalisation=st.sampled_from(get_args(Normalisation)),
    reference=st.sampled_from(["auto", "none", "camera.fits"]),
    site_mask=st.sampled_from(["auto", "none", "horizon.fits"]),
    masks=st.sampled_from(["approved", "best", "auto", "model"]),
    percent=st.just((60.0, 25.5, 14.5)) | st.just((70.0, 20.0, 10.0)),
    gap_s=st.floats(0, 1e5),
    simulated=st.integers(0, 1000),
    simulated_masks=st.sampled_from(get_args(SimulatedMasks)),
    adapt=st.sampled_from([None, "/sky/night", "/sky/*.fits"]),
    seed=st.integers(0, 2**31 - 1),
)


@given(config=configs, init=st.sampled_from(["", "unet-lwir", "/sky/models/unet 1"]))
def test_every_option_reaches_the_training(config: TrainConfig, init: str) -> None:
    assert config.model_fields_set == set(TrainConfig.model_fields), "vary new fields above, too"
    assert set(TRAIN.names) == set(TrainConfig.model_fields) - {"network"}
    words = train_command(config, DATA, OUT, init=init)
    run = trained(words)
    assert run["config"] == config
    assert (run["data"], run["out"]) == (DATA if config.adapt is None else None, OUT)
    assert run["init"] == (init or None)
    assert not run["resume"]


def test_a_run_is_resumed_from_its_folder_alone() -> None:
    words = resume_command("vgg8", DATA, OUT)
    assert words == ["train", "vgg8", str(DATA), "--out", str(OUT), "--resume"]
    run = trained(words)
    assert run["resume"]
    assert run["config"].model_fields_set == {"network"}, "the rest is the run's own"
    more = trained(resume_command("vgg8", DATA, OUT, epochs=90, patience=30))["config"]
    assert (more.epochs, more.patience) == (90, 30)


def test_the_initial_model_overrides_no_option(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its network and normalisation are the defaults of the command."""
    other = NetworkSpec(kind="unet", channels=(4, 8), shape=(64, 80), convolutions=1)
    monkeypatch.setitem(START, "network", other.model_dump())
    monkeypatch.setitem(START, "normalisation", "full-scale")
    config = TrainConfig.of(NetworkSpec(kind="unet"))
    words = train_command(config, DATA, OUT, init="unet1")
    assert trained(words)["config"] == config


@pytest.mark.parametrize("evaluate", [True, False])
def test_evaluation_and_predictions_after_the_training(evaluate: bool) -> None:
    config = TrainConfig.of(NetworkSpec(kind="unet"))
    rest = trained(
        train_command(config, DATA, OUT, evaluate=evaluate, predictions=Path("/sky/kept"))
    )["rest"]
    assert rest.evaluate == evaluate
    assert rest.save_predictions == Path("/sky/kept")


TOOL = runpy.run_path(str(Path(__file__).parents[2] / "tools" / "models.py"))


@pytest.mark.parametrize("name", TOOL["RUNS"])
def test_the_shipped_models_are_trained_by_commands_that_train_takes(name: str) -> None:
    words = f"{TOOL['RUNS'][name]} {TOOL['LEARNING']}".format(out="m").split()
    run = trained(["train", *words, "--out", f"m/{name}"])
    assert run["data"] is None
    assert run["config"].simulated > 0
    assert run["config"].network.planes == 2
    assert run["config"].normalisation == "asinh"
