"""Training by Flax on JAX."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.networks.flax_network import build_flax, flax_parameters, flax_weights
from napari_iris.networks.libraries import jax as import_jax
from napari_iris.networks.weights import initial_weights
from napari_iris.training.engine import ADAM, FOCUS

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_iris.networks.weights import Weights
    from napari_iris.training.config import Loss, TrainConfig
    from napari_iris.training.engine import Array


class FlaxEngine:
    """One network being trained by Flax.

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

        module = build_flax(config.network, dtype=precision)
        adam = optax.inject_hyperparams(optax.adam)(
            config.learning_rate, ADAM["beta_1"], ADAM["beta_2"], ADAM["epsilon"]
        )
        loss_of = _loss(config.loss)

        def loss(parameters: Any, x: Array, y: Array, weight: Array) -> Any:
            return loss_of(module.apply({"params": parameters}, x), y, weight)

        def step(
            parameters: Any, state: Any, x: Array, y: Array, weight: Array, rate: float
        ) -> Any:
            state.hyperparams["learning_rate"] = rate
            found, slope = jax.value_and_grad(loss)(parameters, x, y, weight)
            change, state = adam.update(slope, state, parameters)
            return optax.apply_updates(parameters, change), state, found

        self._step = jax.jit(step)
        self._apply = jax.jit(lambda parameters, x: module.apply({"params": parameters}, x))
        self._adam = adam
        self._parameters: Any = None
        self._state: Any = None
        self.set_weights(initial_weights(config.network, config.seed))

    def step(self, x: Array, y: Array, weight: Array, rate: float) -> float:
        """Take one step of Adam and give the loss before it."""
        self._parameters, self._state, loss = self._step(
            self._parameters, self._state, x, y, weight, rate
        )
        return float(loss)

    def predict(self, x: Array) -> Array:
        """Give the logits of some inputs, as float32."""
        return np.asarray(self._apply(self._parameters, x), np.float32)

    def weights(self) -> Weights:
        """Give the weights as they are now."""
        return flax_weights(self._parameters)

    def set_weights(self, weights: Weights) -> None:
        """Put weights in their place; Adam begins anew."""
        import jax

        self._parameters = jax.device_put(flax_parameters(weights))
        self._state = self._adam.init(self._parameters)

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
            jax.numpy.asarray(state[f"{number:03d}"], leaf.dtype)
            for number, leaf in enumerate(leaves)
        ]
        self._state = jax.tree.unflatten(shape, kept)


def _loss(name: Loss) -> Callable[[Any, Any, Any], Any]:
    """Loss of logits against truth, averaged over all that counts."""
    import jax.numpy as jnp
    import optax

    def loss(logits: Any, y: Any, weight: Any) -> Any:
        each = optax.sigmoid_binary_cross_entropy(logits, y)
        if name == "focal":
            right = jnp.exp(-each)
            each = (1 - right) ** FOCUS * each
        return jnp.sum(each * weight) / jnp.maximum(jnp.sum(weight), 1e-7)

    return loss
