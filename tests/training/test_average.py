"""The moving average of the weights: its law, and that it is what is evaluated and saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.networks.card import ModelCard
from napari_iris.networks.weights import WEIGHTS, initial_weights, load_weights
from napari_iris.training.framework import make_trainer
from napari_iris.training.loop import fit
from napari_iris.training.run_folder import RunFolder
from napari_iris.training.trainer import average_decay
from napari_iris.training.validation import validate

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.training.config import TrainConfig


def test_the_decay_rises_to_its_value() -> None:
    found = [average_decay(0.9, steps) for steps in (1, 2, 9, 80, 81, 500)]
    assert found == pytest.approx([0.1, 2 / 11, 0.5, 80 / 89, 0.9, 0.9])


@pytest.fixture
def averaging(config: TrainConfig) -> TrainConfig:
    """A run with a moving average and a cosine."""
    return config.model_copy(update={"average": 0.8, "schedule": "cosine", "warmup": 0.5})


@pytest.mark.slow
@pytest.mark.learning
def test_the_average_is_that_of_the_weights_after_each_step(
    averaging: TrainConfig, sky: tuple
) -> None:
    trainer = make_trainer(averaging, "float32")
    expected = initial_weights(averaging.network, averaging.seed)
    for steps, batch in enumerate([*sky[0].epoch(0), *sky[0].epoch(1)], start=1):
        trainer.step(batch.x, batch.y, batch.weight, 1e-2)
        decay = average_decay(0.8, steps)
        current = trainer.weights()
        expected = {
            name: decay * mean + (1 - decay) * current[name] for name, mean in expected.items()
        }
    with trainer.averaged():
        found = trainer.weights()
        averaged = trainer.predict(sky[1].x)
    for name, value in found.items():
        np.testing.assert_allclose(value, expected[name], rtol=1e-4, atol=1e-6)
        np.testing.assert_array_equal(trainer.weights()[name], current[name])
    assert not np.allclose(averaged, trainer.predict(sky[1].x), rtol=1e-3)


@pytest.mark.slow
@pytest.mark.learning
def test_the_average_is_saved_as_the_model_and_a_resumed_run_continues_it(
    tmp_path: Path, averaging: TrainConfig, sky: tuple
) -> None:
    def run(folder: Path, stop_after: int) -> RunFolder:
        kept = RunFolder(folder)
        if not kept.path.exists():
            kept.create(averaging, {})
        trainer = make_trainer(averaging, "float32")

        def stop(event: dict) -> None:
            if event["event"] == "step" and event["epoch"] > stop_after:
                raise KeyboardInterrupt

        card = ModelCard.of(averaging.network)
        fit(trainer, *sky, averaging, kept, card, stop)
        return kept

    whole = run(tmp_path / "whole", 99)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "killed", 2)
    resumed = run(tmp_path / "killed", 99)
    curves = [
        [(one.loss, one.val_loss, one.learning_rate) for one in kept.epochs()]
        for kept in (whole, resumed)
    ]
    np.testing.assert_allclose(*curves, rtol=1e-5)
    trainer = make_trainer(averaging.model_copy(update={"average": 0.0}), "float32")
    trainer.set_weights(load_weights(whole.folder / WEIGHTS, averaging.network))
    assert validate(trainer, sky[1])[0] == pytest.approx(min(one[1] for one in curves[0]), rel=1e-4)
