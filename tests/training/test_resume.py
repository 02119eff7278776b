"""A resumed run has the data and the precision that it was started with."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest

from napari_iris.errors import ModelError
from napari_iris.networks.spec import NetworkSpec
from napari_iris.sky import SimulationConfig, write_simulation
from napari_iris.training import train as module
from napari_iris.training.config import TrainConfig
from napari_iris.training.device import Device

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    import numpy as np

    from napari_iris.events import Event

pytest.importorskip("tensorboardX", reason="tensorboardX is not installed")


class StubTrainer:
    """A trainer that learns nothing."""

    precisions: list[str]

    def __init__(self, config: TrainConfig, precision: str) -> None:
        self.precisions.append(precision)

    def step(self, *_: object) -> float:
        return 0.7

    def predict(self, x: np.ndarray) -> np.ndarray:
        return x

    def averaged(self) -> AbstractContextManager[None]:
        return nullcontext()

    def weights(self) -> dict[str, np.ndarray]:
        return self.values

    def set_weights(self, weights: dict[str, np.ndarray]) -> None:
        self.values = weights

    def optimizer_state(self) -> dict[str, np.ndarray]:
        return {}

    def set_optimizer_state(self, state: dict[str, np.ndarray]) -> None:
        pass


def simulated(folder: Path, seed: int) -> Path:
    small = SimulationConfig(count=9, seed=seed, shape=(64, 80), truth_shape=(16, 20))
    assert not any(isinstance(one, Exception) for one in write_simulation(small, folder))
    return folder


@pytest.mark.slow
def test_a_resumed_run_keeps_its_precision_and_its_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def train_on(data: Path, precision: str, **changes: object) -> list[Event]:
        device = Device("cpu", "a CPU", 1, precision)
        monkeypatch.setattr(module, "find_device", lambda _: device)
        events: list[Event] = []
        resume = bool(changes)
        config = TrainConfig.of(network, batch_size=4, **{"epochs": 1, **changes})
        module.train(config, data, tmp_path / "m", events.append, resume=resume)
        return events

    network = NetworkSpec(kind="unet", channels=(2,), shape=(16, 20))
    monkeypatch.setattr(module, "make_trainer", StubTrainer)
    StubTrainer.precisions = []
    data = simulated(tmp_path / "data", 3)
    train_on(data, "float32")
    started, *_ = train_on(data, "bfloat16", epochs=2)
    assert started["precision"] == "float32"
    assert StubTrainer.precisions == ["float32", "float32"]
    with pytest.raises(ModelError, match="was trained on other data; give the data of the run"):
        train_on(simulated(tmp_path / "other", 4), "float32", epochs=3)
