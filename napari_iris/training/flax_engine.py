"""Training by Flax on JAX."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.networks.flax_network import build_flax, flax_parameters, flax_weights
from napari_iris.networks.libraries import jax as import_jax
from napari_iris.networks.weights import initial_weights
from napari_iris.training.engine import ADAM, in_shares
from napari_iris.training.losses import loss_of, loss_sums

if TYPE_CHECKING:
    from napari_iris.networks.weights import Weights
    from napari_iris.training.config import TrainConfig
    from napari_iris.training.engine import Array


class FlaxEngine:
    """One network being trained by Flax; on several GPUs, each takes a share of every batch.

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
        self._loss, self._smoothing = config.loss, config.label_smoothing
        self._scaled = precision == "float16"
        self._step = jax.jit(self._step_of_all)
        self._apply = jax.jit(lambda parameters, x: self._module.apply({"params": parameters}, x))
        devices = jax.make_mesh((jax.local_device_count(),), ("frames",))
        self._on_each = NamedSharding(devices, PartitionSpec())
        self._shared = NamedSharding(devices, PartitionSpec("frames"))
        self._parameters: Any = None
        self._state: Any = None
        self.set_weights(initial_weights(config.network, config.seed))

    def step(self, x: Array, y: Array, weight: Array, rate: float) -> float:
        """Take one step of Adam and give the loss before it."""
        batch = self._shares(x, y, weight)
        self._parameters, self._state, loss = self._step(self._parameters, self._state, batch, rate)
        return float(loss)

    def predict(self, x: Array) -> Array:
        """Give the logits of some inputs, as float32."""
        logits = self._apply(self._parameters, *self._shares(x))
        return np.asarray(logits, np.float32)[: len(x)]

    def weights(self) -> Weights:
        """Give the weights as they are now."""
        return flax_weights(self._parameters)

    def set_weights(self, weights: Weights) -> None:
        """Put weights in their place; Adam begins anew."""
        import jax
        from flax.training.dynamic_scale import DynamicScale

        self._parameters = jax.device_put(flax_parameters(weights), self._on_each)
        scale = DynamicScale() if self._scaled else None
        state = (self._adam.init(self._parameters), scale)
        self._state = jax.device_put(state, self._on_each)

    def optimizer_state(self) -> dict[str, Array]:
        """Give all that Adam remembers, to go on from."""
        import jax

        leaves = jax.tree.leaves(self._state)
        return {f"{number:03d}": np.asarray(leaf) for number, leaf in enumerate(leaves)}

    def set_optimizer_state(self, state: dict[str, Array]) -> None:
        """Go on from what Adam remembered."""
        import jax

        leaves, shape = jax.tree.flatten(self._state)
        kept = [
            np.asarray(state[f"{number:03d}"], leaf.dtype) for number, leaf in enumerate(leaves)
        ]
        self._state = jax.device_put(jax.tree.unflatten(shape, kept), self._on_each)

    def _shares(self, *arrays: Array) -> Any:
        """Give each device its share of a batch."""
        import jax

        count = self._shared.mesh.size
        return jax.device_put(in_shares(count, *arrays), self._shared)

    def _step_of_all(self, parameters: Any, state: Any, batch: Any, rate: float) -> Any:
        """Take a step; one in which float16 overflowed changes nothing but the scale."""
        import jax
        import optax

        x, y, weight = batch
        adam, scale = state

        def loss(parameters: Any) -> Any:
            logits = self._module.apply({"params": parameters}, x)
            maths = _maths()
            sums = loss_sums(maths, self._loss, logits, y, weight, self._smoothing)
            return loss_of(maths, self._loss, sums)

        seen = 1 - ADAM["beta_2"] ** (adam.count + 1.0)
        adam.hyperparams.update(learning_rate=rate, eps=ADAM["epsilon"] / seen**0.5)  # as in Keras
        if scale is None:
            found, slope = jax.value_and_grad(loss)(parameters)
        else:
            scale, finite, found, slope = scale.value_and_grad(loss)(parameters)
        change, moved = self._adam.update(slope, adam, parameters)
        after = optax.apply_updates(parameters, change)
        if scale is not None:
            after, moved = jax.tree.map(
                lambda new, old: jax.numpy.where(finite, new, old),
                (after, moved),
                (parameters, adam),
            )
        return after, (moved, scale), found


def _maths() -> SimpleNamespace:
    """Give the functions that the losses are written in."""
    import jax

    maths = jax.numpy
    return SimpleNamespace(
        softplus=jax.nn.softplus,
        exp=maths.exp,
        sum=maths.sum,
        stack=maths.stack,
        maximum=maths.maximum,
    )
