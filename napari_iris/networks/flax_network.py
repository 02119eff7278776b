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
"""Weights in the layout of Flax: by step, then 'kernel' and 'bias'."""


def build_flax(spec: NetworkSpec, *, dtype: str = "float32") -> Any:
    """Build a network in Flax; its output is logits.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    dtype : str
        Precision of the computation: 'float32', 'bfloat16' or 'float16'. Weights and logits are
        always float32.

    Returns
    -------
    flax.linen.Module
        ``module.apply({"params": parameters}, batch)`` maps (batch, rows, columns, planes) to
        (batch, rows, columns, 1) or (batch, 1).
    """
    import jax
    import jax.numpy as jnp
    from flax import linen

    class Network(linen.Module):  # type: ignore[misc]
        @linen.compact  # type: ignore[untyped-decorator]
        def __call__(self, tensor: Any) -> Any:
            outputs: dict[str, Any] = {}
            for step in plan(spec):
                # logits in float32: half precision would round probabilities near 0 and 1
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
                    skip = outputs[step.skip]
                    size = (*skip.shape[:3], tensor.shape[3])
                    near = jax.image.resize(tensor, size, "nearest")
                    tensor = jnp.concatenate([skip, near], axis=-1)
                elif step.op == "flatten":
                    tensor = tensor.reshape(tensor.shape[0], -1)
                else:
                    tensor = linen.Dense(step.units, **settings)(tensor)
                if step.relu and step.op in ("conv", "dense"):
                    tensor = linen.relu(tensor)
                outputs[step.name] = tensor
            return tensor

    return Network(name=spec.kind)


def flax_parameters(weights: Mapping[str, NDArray[np.float32]]) -> Parameters:
    """Convert weights to the layout of Flax.

    Parameters
    ----------
    weights : mapping of str to ndarray of float32
        By name in the weights file.

    Returns
    -------
    dict of str to dict of str to ndarray of float32
        By step, then 'kernel' and 'bias'.
    """
    parameters: Parameters = {}
    for name, value in weights.items():
        step, part = name.split("/")
        parameters.setdefault(step, {})[part] = value
    return parameters


def flax_weights(parameters: Parameters) -> Weights:
    """Convert weights from the layout of Flax.

    Parameters
    ----------
    parameters : dict of str to dict of str to array
        By step, then 'kernel' and 'bias'.

    Returns
    -------
    dict of str to ndarray of float32
        By name in the weights file.
    """
    import numpy as np

    return {
        f"{step}/{part}": np.asarray(value, np.float32)
        for step, parts in parameters.items()
        for part, value in parts.items()
    }
