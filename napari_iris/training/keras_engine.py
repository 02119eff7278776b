"""Training by Keras on TensorFlow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.networks.keras_network import build_keras, keras_weights, set_keras_weights
from napari_iris.networks.libraries import tensorflow
from napari_iris.networks.weights import initial_weights
from napari_iris.training.engine import ADAM, in_shares
from napari_iris.training.losses import loss_of, loss_sums

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_iris.networks.weights import Weights
    from napari_iris.training.config import TrainConfig
    from napari_iris.training.engine import Array

POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16", "float16": "mixed_float16"}


class KerasEngine:
    """One network being trained by Keras; on several GPUs, each takes a share of every batch.

    The step is ours rather than ``train_on_batch``, which gives each GPU the whole batch, and
    averages the GPUs' losses whatever part of the pixels each has to ignore.

    Parameters
    ----------
    config : TrainConfig
        The run.
    precision : str
        'float32', 'bfloat16' or 'float16'.
    devices : sequence of str, optional
        Devices that share the work, as TensorFlow names them; by default all GPUs, else the CPU.
    """

    def __init__(
        self, config: TrainConfig, precision: str, devices: Sequence[str] | None = None
    ) -> None:
        self._tf = tf = tensorflow()
        import keras

        for gpu in tf.config.list_physical_devices("GPU"):
            tf.config.experimental.set_memory_growth(gpu, enable=True)
        gpus = [gpu.name for gpu in tf.config.list_logical_devices("GPU")]
        names = gpus if devices is None else devices
        several = len(names) > 1
        self._strategy = (
            tf.distribute.MirroredStrategy(names) if several else tf.distribute.get_strategy()
        )
        with self._strategy.scope():
            self._model = build_keras(config.network, policy=POLICIES[precision], lean=True)
            adam = keras.optimizers.Adam(config.learning_rate, **ADAM)
            if precision == "float16":
                adam = keras.optimizers.LossScaleOptimizer(adam)
            self._adam = adam
            adam.build(self._model.trainable_variables)
        self._loss, self._smoothing = config.loss, config.label_smoothing
        with_xla = bool(gpus) and not several and precision != "bfloat16"
        self._shared_step = tf.function(self._step_everywhere, jit_compile=with_xla)
        self._shared_call = tf.function(
            lambda x: self._strategy.run(self._model, (x,), {"training": False})
        )
        self.set_weights(initial_weights(config.network, config.seed))

    def step(self, x: Array, y: Array, weight: Array, rate: float) -> float:
        """Take one step of Adam and give the loss before it."""
        self._adam.learning_rate.assign(rate)
        return float(self._shared_step(*self._shares(x, y, weight)))

    def predict(self, x: Array) -> Array:
        """Give the logits of some inputs, as float32."""
        logits = self._shared_call(*self._shares(x))
        shares = self._strategy.experimental_local_results(logits)
        return np.concatenate([np.asarray(share, np.float32) for share in shares])[: len(x)]

    def weights(self) -> Weights:
        """Give the weights as they are now."""
        return keras_weights(self._model)

    def set_weights(self, weights: Weights) -> None:
        """Put weights in their place."""
        set_keras_weights(self._model, weights)

    def optimizer_state(self) -> dict[str, Array]:
        """Give all that Adam remembers, to go on from."""
        return {
            f"{number:03d}": np.asarray(variable.numpy())
            for number, variable in enumerate(self._adam.variables)
        }

    def set_optimizer_state(self, state: dict[str, Array]) -> None:
        """Go on from what Adam remembered."""
        for number, variable in enumerate(self._adam.variables):
            variable.assign(state[f"{number:03d}"])

    def _shares(self, *arrays: Array) -> list[Any]:
        """Give each device its share of a batch."""
        count = self._strategy.num_replicas_in_sync
        if count == 1:
            return [self._tf.constant(array) for array in arrays]
        parts = [np.split(array, count) for array in in_shares(count, *arrays)]
        give = self._strategy.experimental_distribute_values_from_function
        return [
            give(lambda device, of=of: self._tf.constant(of[device.replica_id_in_sync_group]))
            for of in parts
        ]

    def _step_everywhere(self, x: Any, y: Any, weight: Any) -> Any:
        losses = self._strategy.run(self._step_of_one, (x, y, weight))
        return self._strategy.experimental_local_results(losses)[0]

    def _step_of_one(self, x: Any, y: Any, weight: Any) -> Any:
        """Take a device's part of the step: the loss is that of the whole batch on each."""
        from keras import ops

        device = self._tf.distribute.get_replica_context()
        devices = device.num_replicas_in_sync
        with self._tf.GradientTape() as tape:
            logits = self._model(x, training=True)
            sums = loss_sums(ops, self._loss, logits, y, weight, self._smoothing)
            if devices > 1:
                sums = device.all_reduce("SUM", sums)
            loss = loss_of(ops, self._loss, sums)
            scaled = self._adam.scale_loss(loss / devices)  # the slope of a sum over all is summed
        variables = self._model.trainable_variables
        self._adam.apply(tape.gradient(scaled, variables), variables)
        return loss
