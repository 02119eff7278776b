"""Weights of a network in one file that Keras and Flax both read: numbers, nothing that runs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.errors import ModelError
from napari_iris.io.atomic import atomic_open
from napari_iris.networks.plan import weight_shapes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.networks.spec import NetworkSpec

Weights = dict[str, "NDArray[np.float32]"]

WEIGHTS = "weights.safetensors"
"""Name of the weights' file in a model folder."""


def initial_weights(spec: NetworkSpec, seed: int) -> Weights:
    """Draw the weights that training starts from (Glorot & Bengio, 2010): uniform, biases zero.

    Keras and Flax start from the same numbers.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    seed : int
        Seed of the draw.

    Returns
    -------
    dict of str to ndarray of float32
        By name, as in `weight_shapes`.
    """
    rng = np.random.default_rng(seed)
    weights: Weights = {}
    for name, shape in weight_shapes(spec).items():
        if name.endswith("/bias"):
            weights[name] = np.zeros(shape, np.float32)
            continue
        field = int(np.prod(shape[:-2]))
        limit = np.sqrt(6 / (field * (shape[-2] + shape[-1])))
        weights[name] = rng.uniform(-limit, limit, shape).astype(np.float32)
    return weights


def save_weights(path: Path, weights: Mapping[str, NDArray[np.floating]]) -> None:
    """Write weights to a safetensors file, atomically.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    from safetensors.numpy import save

    arrays = {name: np.ascontiguousarray(value, np.float32) for name, value in weights.items()}
    with atomic_open(path, durable=True) as file:
        file.write(save(arrays))


def load_weights(path: Path, spec: NetworkSpec) -> Weights:
    """Read the weights of a network.

    Nothing is read before the file is known to hold this network's weights: what else is in it, and
    however much, is left alone.

    Raises
    ------
    ModelError
        If the file is missing, damaged, or holds another network's weights.
    """
    with _opened(path) as file:
        _check(path, spec, {name: file.get_slice(name) for name in file.keys()})  # noqa: SIM118
        found = {name: file.get_tensor(name) for name in weight_shapes(spec)}
    for name, value in found.items():
        if not np.isfinite(value).all():
            raise ModelError(path, f"has {name} with NaN or infinity", "train the model again")
    return found


def check_weights(path: Path, spec: NetworkSpec) -> None:
    """See that a file holds the weights of a network, by its header: no number is read.

    Raises
    ------
    ModelError
        If the file is missing, cut short, or holds another network's weights.
    """
    with _opened(path) as file:
        _check(path, spec, {name: file.get_slice(name) for name in file.keys()})  # noqa: SIM118


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a safetensors file; whatever is wrong with it becomes a `ModelError`."""
    from safetensors import SafetensorError, safe_open

    if path.exists() and not path.is_file():  # a pipe or a device would never end
        raise ModelError(path, "is no file", "copy the model again")
    try:
        with safe_open(path, framework="numpy") as file:
            yield file
    except FileNotFoundError as error:
        raise ModelError(path, "is missing", "train the model again, or copy it whole") from error
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelError(path, f"is damaged ({error})", "copy the model again") from error


def _check(path: Path, spec: NetworkSpec, slices: Mapping[str, Any]) -> None:
    """See that a file holds float32 weights of a network's names and shapes."""
    fix = "give the model folder that it belongs to"
    for name, shape in weight_shapes(spec).items():
        if name not in slices:
            raise ModelError(path, f"lacks {name} of a {spec.kind}", fix)
        found = tuple(slices[name].get_shape())
        if found != shape:
            reason = f"has {name} of shape {found}, its model.json says {shape}"
            raise ModelError(path, reason, fix)
        if slices[name].get_dtype() != "F32":
            reason = f"has {name} as {slices[name].get_dtype()}, not float32"
            raise ModelError(path, reason, fix)
