"""Several devices share a batch and learn what one learns; parts of the CPU stand for GPUs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.learning,
    pytest.mark.skipif(
        not (find_spec("tensorflow") and find_spec("flax")),
        reason="TensorFlow or Flax is not installed",
    ),
]

LEARN = """
import json, sys
import numpy as np
name, precision, devices = sys.argv[1], sys.argv[2], int(sys.argv[3])
from napari_iris.networks.spec import NetworkSpec
from napari_iris.training.config import TrainConfig
config = TrainConfig(
    network=NetworkSpec(kind="unet", channels=(4, 8), shape=(16, 20)), engine=name, loss="dice"
)
if name == "keras":
    from napari_iris.networks.libraries import tensorflow
    tf = tensorflow()
    cpu = tf.config.list_physical_devices("CPU")[0]
    parts = [tf.config.LogicalDeviceConfiguration()] * devices
    tf.config.set_logical_device_configuration(cpu, parts)
    from napari_iris.training.keras_trainer import KerasTrainer
    engine = KerasTrainer(config, precision, [f"CPU:{one}" for one in range(devices)])
else:
    import jax
    assert jax.local_device_count() == devices
    from napari_iris.training.flax_trainer import FlaxTrainer
    engine = FlaxTrainer(config, precision)
rng, losses = np.random.default_rng(0), []
for step in range(5):
    x = rng.normal(size=(5, 16, 20, 1)).astype(np.float32)  # 5 frames for 2 devices
    y = (x > 0.5).astype(np.float32)
    weight = (rng.random(y.shape) < 0.5).astype(np.float32)
    weight[3:] = 0  # nearly all that counts lies in the first device's share
    losses.append(engine.step(x, y, weight, 1e-2))
engine.set_optimizer_state(engine.optimizer_state())
logits = engine.predict(x)
print(json.dumps({"losses": losses, "logits": logits.ravel().tolist(), "shape": logits.shape}))
"""


def learn(name: str, precision: str, devices: int) -> dict[str, list[float]]:
    flags = {"XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}"}
    words = [sys.executable, "-c", LEARN, name, precision, str(devices)]
    environment = {**os.environ, **flags}
    done = subprocess.run(words, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", ["keras", "flax"])
def test_two_devices_learn_what_one_learns(name: str) -> None:
    one, two = (learn(name, "float32", devices) for devices in (1, 2))
    assert two["shape"] == one["shape"] == [5, 16, 20, 1]
    np.testing.assert_allclose(two["losses"], one["losses"], rtol=1e-4)
    np.testing.assert_allclose(two["logits"], one["logits"], atol=1e-2)
    assert one["losses"][-1] < one["losses"][0]


def test_float16_is_scaled_on_several_devices_too() -> None:
    one, two = (learn("keras", "float16", devices) for devices in (1, 2))
    np.testing.assert_allclose(two["losses"], one["losses"], rtol=1e-2)
