"""Two devices share a batch and train as one does; parts of the CPU stand in for GPUs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_iris.networks.spec import NetworkSpec
from napari_iris.training.config import TrainConfig
from napari_iris.training.framework import make_trainer

if TYPE_CHECKING:
    from napari_iris.training.trainer import Trainer

pytestmark = [
    pytest.mark.slow,
    pytest.mark.learning,
    pytest.mark.skipif(
        not (find_spec("tensorflow") and find_spec("flax")),
        reason="TensorFlow or Flax is not installed",
    ),
]

RUNS = (("keras", "float32"), ("keras", "float16"), ("flax", "float32"))

Found = dict[str, Any]


def config_of(framework: str) -> TrainConfig:
    network = NetworkSpec(kind="unet", channels=(4, 8), shape=(16, 20))
    return TrainConfig(network=network, engine=framework, loss="dice", clip_norm=0.1)


def train(trainer: Trainer) -> Found:
    """Take five steps."""
    rng, losses = np.random.default_rng(0), []
    for _ in range(5):
        x = rng.normal(size=(5, 16, 20, 1)).astype(np.float32)  # 5 frames for 2 devices
        y = (x > 0.5).astype(np.float32)
        weight = (rng.random(y.shape) < 0.5).astype(np.float32)
        weight[3:] = 0  # nearly all that counts lies in the first device's share
        losses.append(trainer.step(x, y, weight, 1e-2))
    trainer.set_optimizer_state(trainer.optimizer_state())
    logits = trainer.predict(x)
    return {"losses": losses, "logits": logits.ravel().tolist(), "shape": list(logits.shape)}


def main() -> None:
    """Train on two devices; they have to be set up before the libraries are first used."""
    import jax

    from napari_iris.networks.libraries import tensorflow
    from napari_iris.training.keras_trainer import KerasTrainer

    tf = tensorflow()
    cpu = tf.config.list_physical_devices("CPU")[0]
    parts = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(cpu, parts)
    assert jax.local_device_count() == 2
    for framework, precision in RUNS:
        config = config_of(framework)
        if framework == "keras":
            found = train(KerasTrainer(config, precision, ["CPU:0", "CPU:1"]))
        else:
            found = train(make_trainer(config, precision))
        print(json.dumps(found))


@pytest.fixture(scope="module")
def on_two() -> dict[tuple[str, str], Found]:
    """Each run on two devices, all in one process of their own."""
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
    words = [sys.executable, __file__]
    environment = {**os.environ, **flags}
    done = subprocess.run(words, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()[-len(RUNS) :]
    return dict(zip(RUNS, map(json.loads, lines), strict=True))


@pytest.mark.parametrize("framework", ["keras", "flax"])
def test_two_devices_train_as_one_does(
    framework: str, on_two: dict[tuple[str, str], Found]
) -> None:
    one = train(make_trainer(config_of(framework), "float32"))
    two = on_two[framework, "float32"]
    assert two["shape"] == one["shape"] == [5, 16, 20, 1]
    np.testing.assert_allclose(two["losses"], one["losses"], rtol=1e-4)
    np.testing.assert_allclose(two["logits"], one["logits"], atol=1e-2)
    assert one["losses"][-1] < one["losses"][0]


def test_float16_is_scaled_on_several_devices_too(on_two: dict[tuple[str, str], Found]) -> None:
    one = train(make_trainer(config_of("keras"), "float16"))
    np.testing.assert_allclose(on_two["keras", "float16"]["losses"], one["losses"], rtol=1e-2)


if __name__ == "__main__":
    main()
