"""The weights file (safetensors), the same for all frameworks; it holds numbers, never code."""

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
"""Name of the weights file in a model folder."""


def initial_weights(spec: NetworkSpec, seed: int) -> Weights:
    """Draw initial weights (Glorot & Bengio, 2010: uniform); biases are zero.

    They are drawn here, not by a framework, so that a run starts from the same numbers in Keras
    and in Flax.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    seed : int
        Random seed.

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
        field = int(np.prod(shape[:-2]))  # receptive field: 9 for convolutions, 1 for dense layers
        limit = np.sqrt(6 / (field * (shape[-2] + shape[-1])))
        weights[name] = rng.uniform(-limit, limit, shape).astype(np.float32)
    return weights


def save_weights(path: Path, weights: Mapping[str, NDArray[np.floating]]) -> None:
    """Write weights to a safetensors file, atomically.

    Parameters
    ----------
    path : Path
        File to write.
    weights : mapping of str to ndarray of float
        By name, as in `weight_shapes`; written as float32.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    from safetensors.numpy import save

    arrays = {name: np.ascontiguousarray(value, np.float32) for name, value in weights.items()}
    with atomic_open(path, durable=True) as file:  # durable: a model must survive a power cut
        file.write(save(arrays))


def load_weights(path: Path, spec: NetworkSpec) -> Weights:
    """Read the weights of a network.

    Names, shapes and types are checked before any number is read; arrays with other names, such as
    an optimizer's state, are ignored, whatever their size.

    Parameters
    ----------
    path : Path
        The weights file, or a checkpoint.
    spec : NetworkSpec
        The network.

    Returns
    -------
    dict of str to ndarray of float32
        By name, as in `weight_shapes`.

    Raises
    ------
    ModelError
        If the file is missing, damaged, of another network, or has values that are not finite.
    """
    with _opened(path) as file:
        _check(path, spec, {name: file.get_slice(name) for name in file.keys()})  # noqa: SIM118
        found = {name: file.get_tensor(name) for name in weight_shapes(spec)}
    for name, value in found.items():
        if not np.isfinite(value).all():
            raise ModelError(path, f"has {name} with NaN or infinity", "train the model again")
    return found


def check_weights(path: Path, spec: NetworkSpec) -> None:
    """Check by its header that a file holds the weights of a network; no number is read.

    Parameters
    ----------
    path : Path
        The weights file.
    spec : NetworkSpec
        The network.

    Raises
    ------
    ModelError
        If the file is missing, truncated, or of another network.
    """
    with _opened(path) as file:
        _check(path, spec, {name: file.get_slice(name) for name in file.keys()})  # noqa: SIM118


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a safetensors file; re-raise its errors as `ModelError`."""
    from safetensors import SafetensorError, safe_open

    if path.exists() and not path.is_file():  # reading a pipe or a device may never end
        raise ModelError(path, "is not a file", "copy the model again")
    try:
        with safe_open(path, framework="numpy") as file:
            yield file
    except FileNotFoundError as error:
        raise ModelError(
            path, "is missing", "train the model again, or copy the whole folder"
        ) from error
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelError(path, f"is damaged ({error})", "copy the model again") from error


def _check(path: Path, spec: NetworkSpec, slices: Mapping[str, Any]) -> None:
    """Check names, shapes and types of the arrays in a file."""
    fix = "give the model folder of these weights"
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
