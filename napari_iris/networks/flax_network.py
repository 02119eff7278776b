"""Build a network in Flax."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_iris.networks.plan import KERNEL, plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.networks.spec import NetworkSpec
    from napari_iris.networks.weights import Weights

Parameters = dict[str, dict[str, Any]]
"""Weights as Flax has them: by step, then 'kernel' and 'bias'."""


def build_flax(spec: NetworkSpec, *, dtype: str = "float32") -> Any:
    """Build a network; its output is a logit.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    dtype : str
        What is computed in: 'float32', 'bfloat16' or 'float16'. Weights and logits are float32 in
        each.

    Returns
    -------
    flax.linen.Module
        ``module.apply({"params": parameters}, batch)`` takes (batch, rows, columns, planes) to
        (batch, rows, columns, 1) or (batch, 1).
    """
    import jax
    import jax.numpy as jnp
    from flax import linen

    class Network(linen.Module):  # type: ignore[misc]
        @linen.compact  # type: ignore[untyped-decorator]
        def __call__(self, tensor: Any) -> Any:
            kept: dict[str, Any] = {}
            for step in plan(spec):
                settings = {
                    "name": step.name,
                    "dtype": "float32" if step.name == "logit" else dtype,
                }
                if step.op == "conv":
                    padding = "SAME" if step.same else "VALID"
                    tensor = linen.Conv(step.units, (KERNEL, KERNEL), padding=padding, **settings)(
                        tensor
                    )
                elif step.op == "pool":
                    tensor = linen.max_pool(tensor, (2, 2), (2, 2))
                elif step.op == "up":
                    skip = kept[step.skip]
                    size = (*skip.shape[:3], tensor.shape[3])
                    near = jax.image.resize(tensor, size, "nearest")
                    tensor = jnp.concatenate([skip, near], axis=-1)
                elif step.op == "flatten":
                    tensor = tensor.reshape(tensor.shape[0], -1)
                else:
                    tensor = linen.Dense(step.units, **settings)(tensor)
                if step.relu and step.op in ("conv", "dense"):
                    tensor = linen.relu(tensor)
                kept[step.name] = tensor
            return tensor

    return Network(name=spec.kind)


def flax_parameters(weights: Mapping[str, NDArray[np.float32]]) -> Parameters:
    """Give weights of the weights file as Flax has them."""
    parameters: Parameters = {}
    for name, value in weights.items():
        step, part = name.split("/")
        parameters.setdefault(step, {})[part] = value
    return parameters


def flax_weights(parameters: Parameters) -> Weights:
    """Give Flax's parameters by their names in the weights file."""
    import numpy as np

    return {
        f"{step}/{part}": np.asarray(value, np.float32)
        for step, parts in parameters.items()
        for part, value in parts.items()
    }
