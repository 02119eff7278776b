"""Training with Keras on TensorFlow."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.networks.keras_network import build_keras, keras_weights, set_keras_weights
from napari_iris.networks.libraries import tensorflow
from napari_iris.networks.weights import initial_weights
from napari_iris.training.losses import batch_loss, loss_sums
from napari_iris.training.trainer import ADAM, average_decay, pad_to_multiple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_iris.networks.weights import Weights
    from napari_iris.training.config import TrainConfig
    from napari_iris.training.trainer import Array

POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16", "float16": "mixed_float16"}
"""Keras dtype policy of each precision."""


class KerasTrainer:
    """A `Trainer` in Keras; several GPUs each compute a share of every batch.

    Parameters
    ----------
    config : TrainConfig
        The run.
    precision : str
        'float32', 'bfloat16' or 'float16'.
    devices : sequence of str, optional
        TensorFlow names of the devices to use; by default all GPUs, else the CPU.
    """

    # train_on_batch would give every GPU the whole batch, and average the losses of the GPUs
    # without regard to how many pixels each of them ignores: hence a step of our own.

    def __init__(
        self, config: TrainConfig, precision: str, devices: Sequence[str] | None = None
    ) -> None:
        self._tf = tf = tensorflow()
        import keras

        for gpu in tf.config.list_physical_devices("GPU"):
            # else TensorFlow takes all memory of the GPU, also that of other programs
            tf.config.experimental.set_memory_growth(gpu, enable=True)
        gpus = [gpu.name for gpu in tf.config.list_logical_devices("GPU")]
        names = gpus if devices is None else devices
        several = len(names) > 1
        self._strategy = (
            tf.distribute.MirroredStrategy(names) if several else tf.distribute.get_strategy()
        )
        with self._strategy.scope():
            self._model = build_keras(config.network, policy=POLICIES[precision], fused=True)
            # the step gives each device its share of the gradient's norm
            clip = config.clip_norm / self._strategy.num_replicas_in_sync or None
            adam = keras.optimizers.Adam(config.learning_rate, global_clipnorm=clip, **ADAM)
            if precision == "float16":
                adam = keras.optimizers.LossScaleOptimizer(adam)
            self._adam = adam
            adam.build(self._model.trainable_variables)  # its state can be restored at once
            # each device computes the same average
            once = tf.VariableAggregation.ONLY_FIRST_REPLICA
            averaged = self._model.trainable_variables if config.average else []
            self._average = [
                tf.Variable(one.value, trainable=False, aggregation=once) for one in averaged
            ]
        self._clip, self._decay = bool(config.clip_norm), config.average
        self._loss, self._smoothing = config.loss, config.label_smoothing
        # XLA loses the gain of bfloat16 and does not compile collective operations
        with_xla = bool(gpus) and not several and precision != "bfloat16"
        self._shared_step = tf.function(self._step_everywhere, jit_compile=with_xla)
        self._shared_call = tf.function(
            lambda x: self._strategy.run(self._model, (x,), {"training": False})
        )
        self.set_weights(initial_weights(config.network, config.seed))

    def step(self, x: Array, y: Array, weight: Array, learning_rate: float) -> float:
        """Take one step of Adam and return the loss before it."""
        self._adam.learning_rate.assign(learning_rate)
        return float(self._shared_step(*self._distribute(x, y, weight)))

    def predict(self, x: Array) -> Array:
        """Compute logits as float32."""
        logits = self._shared_call(*self._distribute(x))
        shares = self._strategy.experimental_local_results(logits)
        return np.concatenate([np.asarray(share, np.float32) for share in shares])[: len(x)]

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Compute with the moving average of the weights, where one is kept."""
        if not self._average:
            yield
            return
        variables = self._model.trainable_variables
        current = [one.numpy() for one in variables]
        _assign(variables, self._average)
        try:
            yield
        finally:
            _assign(variables, current)

    def weights(self) -> Weights:
        """Return the current weights."""
        return keras_weights(self._model)

    def set_weights(self, weights: Weights) -> None:
        """Replace the weights, and their average; the optimizer keeps its state."""
        set_keras_weights(self._model, weights)
        _assign(self._average, self._model.trainable_variables[: len(self._average)])

    def optimizer_state(self) -> dict[str, Array]:
        """Return the state of Adam and the average, variable by variable."""
        return {
            f"{number:03d}": np.asarray(variable.numpy())
            for number, variable in enumerate([*self._adam.variables, *self._average])
        }

    def set_optimizer_state(self, state: dict[str, Array]) -> None:
        """Restore the state of Adam and the average."""
        for number, variable in enumerate([*self._adam.variables, *self._average]):
            variable.assign(state[f"{number:03d}"])

    def _distribute(self, *arrays: Array) -> list[Any]:
        """Give each device its share of a batch."""
        count = self._strategy.num_replicas_in_sync
        if count == 1:
            return [self._tf.constant(array) for array in arrays]
        parts = [np.split(array, count) for array in pad_to_multiple(count, *arrays)]
        give = self._strategy.experimental_distribute_values_from_function
        return [
            give(lambda device, of=of: self._tf.constant(of[device.replica_id_in_sync_group]))
            for of in parts
        ]

    def _step_everywhere(self, x: Any, y: Any, weight: Any) -> Any:
        losses = self._strategy.run(self._step_on_device, (x, y, weight))
        return self._strategy.experimental_local_results(losses)[0]

    def _step_on_device(self, x: Any, y: Any, weight: Any) -> Any:
        """Compute one device's share of the step, with the loss of the whole batch."""
        from keras import ops

        device = self._tf.distribute.get_replica_context()
        devices = device.num_replicas_in_sync
        with self._tf.GradientTape() as tape:
            logits = self._model(x, training=True)
            sums = loss_sums(ops, self._loss, logits, y, weight, self._smoothing)
            if devices > 1:
                sums = device.all_reduce("SUM", sums)
            loss = batch_loss(ops, self._loss, sums)
            # The gradient of all_reduce sums over the devices again: divide by their number once.
            scaled = self._adam.scale_loss(loss / devices)
        variables = self._model.trainable_variables
        gradient = tape.gradient(scaled, variables)
        if self._clip and devices > 1:  # Adam limits the norm first, and then adds up the devices
            gradient = [one / devices for one in device.all_reduce("SUM", gradient)]
        self._adam.apply(gradient, variables)
        if self._average:
            steps = ops.cast(self._adam.iterations, "float32")
            decay = average_decay(self._decay, steps, ops.minimum)
            for average, one in zip(self._average, variables, strict=True):
                average.assign(decay * average + (1 - decay) * one.value)
        return loss


def _assign(variables: Sequence[Any], values: Sequence[Any]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
