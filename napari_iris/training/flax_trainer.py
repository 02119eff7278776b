"""Training with Flax on JAX."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.networks.flax_network import build_flax, flax_parameters, flax_weights
from napari_iris.networks.libraries import jax as import_jax
from napari_iris.networks.weights import initial_weights
from napari_iris.training.losses import batch_loss, loss_sums
from napari_iris.training.trainer import ADAM, average_decay, pad_to_multiple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_iris.networks.weights import Weights
    from napari_iris.training.config import TrainConfig
    from napari_iris.training.trainer import Array


class FlaxTrainer:
    """A `Trainer` in Flax; several GPUs each compute a share of every batch.

    Parameters
    ----------
    config : TrainConfig
        The run.
    precision : str
        'float32', 'bfloat16' or 'float16'.
    """

    def __init__(self, config: TrainConfig, precision: str) -> None:
        jax = import_jax()
        import optax
        from jax.sharding import NamedSharding, PartitionSpec

        self._module = build_flax(config.network, dtype=precision)
        self._adam = optax.inject_hyperparams(optax.adam)(
            config.learning_rate, ADAM["beta_1"], ADAM["beta_2"], ADAM["epsilon"]
        )
        self._clip = optax.clip_by_global_norm(config.clip_norm or float("inf"))
        self._loss, self._smoothing = config.loss, config.label_smoothing
        self._decay = config.average
        self._scale_loss = precision == "float16"
        self._step = jax.jit(self._step_of_all)
        self._apply = jax.jit(lambda parameters, x: self._module.apply({"params": parameters}, x))
        # Weights and optimizer on every device, frames shared; JAX adds up the gradients itself.
        devices = jax.make_mesh((jax.local_device_count(),), ("frames",))
        self._replicated = NamedSharding(devices, PartitionSpec())
        self._sharded = NamedSharding(devices, PartitionSpec("frames"))
        self._parameters: Any = None
        self._state: Any = None
        self.set_weights(initial_weights(config.network, config.seed))

    def step(self, x: Array, y: Array, weight: Array, learning_rate: float) -> float:
        """Take one step of Adam and return the loss before it."""
        batch = self._distribute(x, y, weight)
        self._parameters, self._state, loss = self._step(
            self._parameters, self._state, batch, learning_rate
        )
        return float(loss)

    def predict(self, x: Array) -> Array:
        """Compute logits as float32."""
        logits = self._apply(self._parameters, *self._distribute(x))
        return np.asarray(logits, np.float32)[: len(x)]

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Compute with the moving average of the weights, where one is kept."""
        current, (_, _, average) = self._parameters, self._state
        self._parameters = average if self._decay else current
        try:
            yield
        finally:
            self._parameters = current

    def weights(self) -> Weights:
        """Return the current weights."""
        return flax_weights(self._parameters)

    def set_weights(self, weights: Weights) -> None:
        """Replace the weights and their average, and reset the optimizer."""
        import jax
        from flax.training.dynamic_scale import DynamicScale

        self._parameters = jax.device_put(flax_parameters(weights), self._replicated)
        scale = DynamicScale() if self._scale_loss else None
        # As NumPy arrays: Python numbers have JAX's weak types, which the first step turns into
        # others, so that the second step would compile once more.
        average = self._parameters if self._decay else None
        state = jax.tree.map(np.asarray, (self._adam.init(self._parameters), scale, average))
        self._state = jax.device_put(state, self._replicated)

    def optimizer_state(self) -> dict[str, Array]:
        """Return the state of Adam and the average, leaf by leaf."""
        import jax

        leaves = jax.tree.leaves(self._state)
        return {f"{number:03d}": np.asarray(leaf) for number, leaf in enumerate(leaves)}

    def set_optimizer_state(self, state: dict[str, Array]) -> None:
        """Restore the state of Adam and the average."""
        import jax

        leaves, structure = jax.tree.flatten(self._state)
        restored = [
            np.asarray(state[f"{number:03d}"], leaf.dtype) for number, leaf in enumerate(leaves)
        ]
        self._state = jax.device_put(jax.tree.unflatten(structure, restored), self._replicated)

    def _distribute(self, *arrays: Array) -> Any:
        """Give each device its share of a batch."""
        import jax

        count = self._sharded.mesh.size
        return jax.device_put(pad_to_multiple(count, *arrays), self._sharded)

    def _step_of_all(self, parameters: Any, state: Any, batch: Any, learning_rate: float) -> Any:
        """Take a step; if float16 overflows, only the loss scale changes."""
        import jax
        import optax

        x, y, weight = batch
        adam, scale, average = state

        def loss(parameters: Any) -> Any:
            logits = self._module.apply({"params": parameters}, x)
            ops = _jax_ops()
            sums = loss_sums(ops, self._loss, logits, y, weight, self._smoothing)
            return batch_loss(ops, self._loss, sums)

        # Keras adds epsilon before the bias correction of the second moment, Optax after it:
        # dividing by the square root of the correction makes both the same.
        correction = 1 - ADAM["beta_2"] ** (adam.count + 1.0)
        epsilon = ADAM["epsilon"] / correction**0.5
        adam.hyperparams.update(learning_rate=learning_rate, eps=epsilon)
        if scale is None:
            value, gradient = jax.value_and_grad(loss)(parameters)
        else:
            scale, finite, value, gradient = scale.value_and_grad(loss)(parameters)
        gradient, _ = self._clip.update(gradient, self._clip.init(parameters))
        change, new_adam = self._adam.update(gradient, adam, parameters)
        updated = optax.apply_updates(parameters, change)
        if scale is not None:
            updated, new_adam = jax.tree.map(
                lambda new, old: jax.numpy.where(finite, new, old),
                (updated, new_adam),
                (parameters, adam),
            )
        if average is not None:
            decay = average_decay(self._decay, new_adam.count.astype("float32"), jax.numpy.minimum)
            average = jax.tree.map(
                lambda mean, new: decay * mean + (1 - decay) * new, average, updated
            )
        return updated, (new_adam, scale, average), value


def _jax_ops() -> SimpleNamespace:
    """Return the JAX functions that the losses call, by their names in ``keras.ops``."""
    import jax

    numpy = jax.numpy
    return SimpleNamespace(
        softplus=jax.nn.softplus,
        exp=numpy.exp,
        sum=numpy.sum,
        stack=numpy.stack,
        maximum=numpy.maximum,
    )
