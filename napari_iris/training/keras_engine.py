"""Training by Keras on TensorFlow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.networks.keras_network import build_keras, keras_weights, set_keras_weights
from napari_iris.networks.libraries import tensorflow
from napari_iris.training.engine import ADAM, FOCUS

if TYPE_CHECKING:
    from napari_iris.networks.weights import Weights
    from napari_iris.training.config import Loss, TrainConfig
    from napari_iris.training.engine import Array

POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16", "float16": "mixed_float16"}


class KerasEngine:
    """One network being trained by Keras; on several GPUs, each takes a share of every batch.

    Parameters
    ----------
    config : TrainConfig
        The run.
    precision : str
        'float32', 'bfloat16' or 'float16'.
    """

    def __init__(self, config: TrainConfig, precision: str) -> None:
        tf = tensorflow()
        import keras

        for gpu in tf.config.list_physical_devices("GPU"):
            tf.config.experimental.set_memory_growth(gpu, enable=True)
        gpus = tf.config.list_logical_devices("GPU")
        strategy = (
            tf.distribute.MirroredStrategy() if len(gpus) > 1 else tf.distribute.get_strategy()
        )
        with strategy.scope():
            self._model = build_keras(config.network, policy=POLICIES[precision])
            self._model.compile(
                keras.optimizers.Adam(config.learning_rate, **ADAM),
                _loss(config.loss),
                jit_compile=bool(gpus) and precision != "bfloat16",
            )

    def step(self, x: Array, y: Array, weight: Array, rate: float) -> float:
        """Take one step of Adam and give the loss before it."""
        self._model.optimizer.learning_rate.assign(rate)
        return float(self._model.train_on_batch(x, y, sample_weight=weight[..., 0]))

    def predict(self, x: Array) -> Array:
        """Give the logits of some inputs, as float32."""
        return np.asarray(self._model.predict_on_batch(x), np.float32)

    def weights(self) -> Weights:
        """Give the weights as they are now."""
        return keras_weights(self._model)

    def set_weights(self, weights: Weights) -> None:
        """Put weights in their place."""
        set_keras_weights(self._model, weights)

    def optimizer_state(self) -> dict[str, Array]:
        """Give all that Adam remembers, to go on from."""
        self._model.optimizer.build(self._model.trainable_variables)
        return {
            f"{number:03d}": np.asarray(variable.numpy())
            for number, variable in enumerate(self._model.optimizer.variables)
        }

    def set_optimizer_state(self, state: dict[str, Array]) -> None:
        """Go on from what Adam remembered."""
        self._model.optimizer.build(self._model.trainable_variables)
        for number, variable in enumerate(self._model.optimizer.variables):
            variable.assign(state[f"{number:03d}"])


def _loss(name: Loss) -> Any:
    """Loss of logits against truth, averaged over all that counts."""
    import keras

    settings: dict[str, Any] = {"from_logits": True, "reduction": "mean_with_sample_weight"}
    if name == "focal":
        return keras.losses.BinaryFocalCrossentropy(gamma=FOCUS, **settings)
    return keras.losses.BinaryCrossentropy(**settings)
