"""Read kernels and biases from a Keras HDF5 file, in the layouts of Keras 2 and Keras 3."""

from __future__ import annotations

import re
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.errors import ModelError
from napari_iris.networks.card import MAX_NUMBERS
from napari_iris.networks.libraries import h5py

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    LayerWeights = tuple[NDArray[np.float32], NDArray[np.float32]]

KINDS = ("conv2d", "dense")
"""Groups of layers with weights in files of Keras 3."""

FIX = "give a .keras, .h5 or .weights.h5 file of a VGG8 or U-Net"


def read_weights(path: Path, file: Any) -> list[LayerWeights]:
    """Read kernel and bias of every layer, convolutions first.

    Shapes and types are checked, and the numbers counted, before any array is read.

    Parameters
    ----------
    path : Path
        The file, for error messages.
    file : h5py.File
        The same, open.

    Returns
    -------
    list of (ndarray, ndarray)
        Kernel and bias, float32, of each convolution in the order of the file, then of each dense
        layer.

    Raises
    ------
    ModelError
        If there are other arrays than kernels and biases of convolutions and dense layers, too many
        numbers, or some that are not finite.
    """
    old = any(name.startswith("layer_names") for name in _root(file).attrs)
    layers = list(_keras2_layers(path, file) if old else _keras3_layers(path, file))
    sizes = [prod(_shape(path, array)) for layer in layers for array in layer]
    if sum(sizes) > MAX_NUMBERS:
        raise ModelError(path, f"holds more than {MAX_NUMBERS} numbers", FIX)
    pairs = [(layer[i], layer[i + 1]) for layer in layers for i in range(0, len(layer) - 1, 2)]
    for kernel, bias in pairs:
        if len(kernel.shape) not in (2, 4) or bias.shape != kernel.shape[-1:]:
            raise _other_weights(path)
    if not pairs or 2 * len(pairs) != len(sizes):
        raise _other_weights(path)
    # Stable: within each kind the order of the file stays, which is that of the network.
    pairs.sort(key=lambda pair: -len(pair[0].shape))
    return [(_numbers(path, kernel), _numbers(path, bias)) for kernel, bias in pairs]


def _other_weights(path: Path) -> ModelError:
    reason = "holds weights other than kernels and biases of convolutions and dense layers"
    return ModelError(path, reason, FIX)


def _root(file: Any) -> Any:
    """Return the group of the layers' weights in a file of Keras 2."""
    return _follow(file, "model_weights") if "model_weights" in file else file


def _keras2_layers(path: Path, file: Any) -> Iterator[list[Any]]:
    """Yield the arrays of each layer in a file of Keras 2, or in an ``.h5`` file of Keras 3."""
    root = _root(file)
    for name in _names(root, "layer_names"):
        group = _follow(root, name)
        weights = _names(group, "weight_names")
        if any("transpose" in weight for weight in weights):
            raise _other_weights(path)
        yield [_follow(group, weight) for weight in weights]


def _keras3_layers(path: Path, file: Any) -> Iterator[list[Any]]:
    """Yield the arrays of each layer in a file of Keras 3, which numbers them: ``conv2d_1``."""
    found = [name for name in ("layers", "_layer_checkpoint_dependencies") if name in file]
    if not found:
        raise ModelError(path, "holds no layers at its top level", FIX)
    layers = _follow(file, found[0])
    for name in sorted(layers, key=_kind_and_number):
        values = _follow(layers, f"{name}/vars")
        if len(values) and _kind_and_number(name)[0] not in KINDS:
            raise _other_weights(path)
        yield [_follow(values, number) for number in sorted(values, key=int)]


def _kind_and_number(name: str) -> tuple[str, int]:
    kind, _, number = name.rpartition("_")
    return (kind, int(number)) if number.isdecimal() else (name, 0)


def _names(group: Any, name: str) -> list[str]:
    """Read a list of names from an attribute; long lists are split into numbered attributes."""
    numbered = [key for key in group.attrs if re.fullmatch(rf"{name}\d+", key)]
    numbered.sort(key=lambda key: int(key.removeprefix(name)))
    parts = [name, *numbered] if name in group.attrs else numbered
    found = [one for part in parts for one in np.atleast_1d(group.attrs[part]).tolist()]
    return [one.decode() if isinstance(one, bytes) else str(one) for one in found]


def _follow(group: Any, name: str) -> Any:
    """Go to a group or array in the file itself; links to other files are refused."""
    library = h5py()
    for part in filter(None, name.split("/")):
        if not isinstance(group.get(part, getlink=True), library.HardLink):
            raise ValueError(f"{name} is not in the file")
        group = group[part]
    return group


def _shape(path: Path, dataset: Any) -> tuple[int, ...]:
    """Return the shape of an array, if it holds plain numbers in the file itself."""
    library = h5py()
    plain = isinstance(dataset, library.Dataset) and not dataset.is_virtual
    if not plain or dataset.external or dataset.dtype.kind != "f" or dataset.shape is None:
        raise ModelError(path, "holds something other than plain numbers", FIX)
    return tuple(dataset.shape)


def _numbers(path: Path, dataset: Any) -> NDArray[np.float32]:
    values = np.asarray(dataset[()], np.float32)
    if not np.isfinite(values).all():
        raise ModelError(path, f"has {dataset.name} with NaN or infinity", "train the model again")
    return values
