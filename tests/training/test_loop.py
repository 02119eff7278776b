"""A run trains, is reproducible, resumes after a kill, and stops early."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_iris.errors import IrisError
from napari_iris.networks.card import ModelCard, read_card
from napari_iris.networks.weights import WEIGHTS, initial_weights, load_weights
from napari_iris.training.checkpoint import RunProgress
from napari_iris.training.framework import make_trainer
from napari_iris.training.loop import fit
from napari_iris.training.run_folder import RunFolder
from napari_iris.training.validation import validate

from .conftest import read_events

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.events import Event
    from napari_iris.training.config import TrainConfig

pytestmark = [pytest.mark.slow, pytest.mark.learning]


class StoppedError(Exception):
    """The run was killed."""


def run(
    folder: Path, config: TrainConfig, sky: tuple, stop_at: tuple[int, int] | None = None
) -> Any:
    """Train with a new trainer, as a new process would."""

    def on_event(event: Event) -> None:
        events.append(event)
        if event["event"] == "step" and (event["epoch"], event["step"]) == stop_at:
            raise StoppedError

    events: list[Event] = []
    kept = RunFolder(folder)
    if not (folder / "run").exists():
        kept.create(config, {})
    engine = make_trainer(config, "float32")
    engine.set_weights(initial_weights(config.network, config.seed))
    position = fit(engine, *sky, config, kept, ModelCard.of(config.network), on_event)
    return position, events


def read_curves(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """Curves of a run in TensorBoard: step and value by tag."""
    found: dict[str, list[tuple[int, float]]] = {}
    for path in sorted((folder / "run" / "tensorboard").iterdir()):
        for event in read_events(path):
            for value in event.summary.value:
                found.setdefault(value.tag, []).append((event.step, value.simple_value))
    return found


def curve(folder: Path) -> list[tuple[float, float]]:
    return [(epoch.loss, epoch.val_loss) for epoch in RunFolder(folder).epochs()]


def test_a_run_saves_its_best_epoch_as_the_model(
    tmp_path: Path, config: TrainConfig, sky: tuple
) -> None:
    position, events = run(tmp_path, config, sky)
    assert position.epochs == 4
    losses = curve(tmp_path)
    assert losses[-1][1] < 0.7 * losses[0][1]
    best = min(range(4), key=lambda number: losses[number][1])
    assert position.best_epoch == best + 1
    card = read_card(tmp_path)
    assert card.metrics["val_loss"] == losses[best][1]
    engine = make_trainer(config, "float32")
    engine.set_weights(load_weights(tmp_path / WEIGHTS, config.network))
    assert validate(engine, sky[1])[0] == pytest.approx(losses[best][1], rel=1e-5)
    assert [event["event"] for event in events].count("epoch") == 4
    assert [event["steps"] for event in events if event["event"] == "step"] == [3] * 12


@pytest.fixture(scope="module")
def whole_runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of uninterrupted runs, by framework."""
    return {name: tmp_path_factory.mktemp("whole") / name for name in ("keras", "flax")}


@pytest.fixture
def whole(whole_runs: dict[str, Path], config: TrainConfig, sky: tuple) -> Path:
    """An uninterrupted run; trained by the first test that needs it."""
    folder = whole_runs[config.engine]
    if not folder.exists():
        run(folder, config, sky)
    return folder


def test_a_run_is_reproducible_by_its_seed(
    tmp_path: Path, config: TrainConfig, sky: tuple, whole: Path
) -> None:
    run(tmp_path / "again", config, sky)
    assert np.allclose(curve(tmp_path / "again"), curve(whole), rtol=1e-6)
    other = config.model_copy(update={"seed": 4})
    run(tmp_path / "other", other, sky)
    assert not np.allclose(curve(tmp_path / "other"), curve(whole), rtol=1e-3)


@pytest.mark.parametrize("stop_at", [(1, 2), (2, 1)])
def test_a_killed_run_resumes_to_the_same_curve(
    tmp_path: Path, config: TrainConfig, sky: tuple, whole: Path, stop_at: tuple[int, int]
) -> None:
    with pytest.raises(StoppedError):
        run(tmp_path / "killed", config, sky, stop_at)
    assert len(curve(tmp_path / "killed")) == stop_at[0] - 1
    run(tmp_path / "killed", config, sky)
    assert np.allclose(curve(tmp_path / "killed"), curve(whole), rtol=1e-5)
    for tag, count in (("step/loss", 12), ("epoch/val_loss", 4)):
        killed = read_curves(tmp_path / "killed")[tag]
        assert [step for step, _ in killed] == list(range(1, count + 1)), "each step once"
        assert np.allclose(killed, read_curves(whole)[tag], rtol=1e-5)


def test_early_stopping_after_patience_epochs(
    tmp_path: Path, config: TrainConfig, sky: tuple
) -> None:
    """With a tiny learning rate, the first epoch stays the best, or nearly so."""
    idle = config.model_copy(update={"learning_rate": 1e-12, "patience": 2, "epochs": 50})
    position, _ = run(tmp_path, idle, sky)
    assert position.epochs - position.best_epoch == 2
    assert position.epochs < 50


def test_a_loss_that_is_not_finite_ends_the_run(
    tmp_path: Path, config: TrainConfig, sky: tuple
) -> None:
    def spoil(event: Event) -> None:
        if event["event"] == "epoch":
            broken = {name: value * np.nan for name, value in engine.weights().items()}
            engine.set_weights(broken)
        steps.append(event["event"])

    steps: list[str] = []
    kept = RunFolder(tmp_path)
    kept.create(config, {})
    engine = make_trainer(config, "float32")
    with pytest.raises(IrisError, match="loss is not finite in epoch 2; .*--learning-rate"):
        fit(engine, *sky, config, kept, ModelCard.of(config.network), spoil)
    assert steps == ["step", "step", "step", "epoch"], "it stops at once, not at the epoch's end"
    engine.set_weights(load_weights(tmp_path / WEIGHTS, config.network))
    assert np.isfinite(validate(engine, sky[1])[0]), "the best epoch is kept"


def test_weights_that_are_not_finite_are_never_saved(
    tmp_path: Path, config: TrainConfig, sky: tuple
) -> None:
    """ReLU turns NaN into 0, so that the loss can be finite."""
    sky[0].x[:] = np.inf
    with pytest.raises(IrisError, match="not finite in epoch 1"):
        run(tmp_path, config, sky)
    assert not (tmp_path / WEIGHTS).exists()


def test_a_folder_with_a_run_is_not_overwritten(tmp_path: Path, config: TrainConfig) -> None:
    kept = RunFolder(tmp_path)
    kept.create(config, {"data": "none"})
    assert kept.config() == config
    assert kept.facts() == {"data": "none"}
    kept.create(config, {"data": "no epoch yet"})
    kept.save_checkpoint(make_trainer(config, "float32"), RunProgress(1, 0.5, 1))
    with pytest.raises(IrisError, match="already holds a training run; .*--resume"):
        kept.create(config, {})
    assert kept.progress() == RunProgress(1, 0.5, 1)
    with pytest.raises(IrisError, match="no training run to resume"):
        RunFolder(tmp_path / "none").config()


def test_a_run_without_a_checkpoint_starts_at_zero(tmp_path: Path, config: TrainConfig) -> None:
    engine = make_trainer(config, "float32")
    assert RunFolder(tmp_path).load_checkpoint(config, engine) == RunProgress()


def test_ignored_pixels_do_not_affect_training(
    tmp_path: Path, config: TrainConfig, sky: tuple, whole: Path
) -> None:
    sky[0].y[:, :3] = 1 - sky[0].y[:, :3]
    run(tmp_path / "other", config, sky)
    assert np.allclose(curve(tmp_path / "other"), curve(whole), rtol=1e-6)
