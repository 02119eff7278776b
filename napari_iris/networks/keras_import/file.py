"""Read a Keras file as data: its description and its numbers, never anything that runs."""

from __future__ import annotations

import io
import json
import re
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.errors import ModelError
from napari_iris.networks.card import MOST_NUMBERS
from napari_iris.networks.keras_import.graph import Layer, read_graph
from napari_iris.networks.libraries import h5py

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

HDF5, ZIP = b"\x89HDF\r\n\x1a\n", b"PK\x03\x04"
"""How the two kinds of file begin."""

DESCRIPTION, NUMBERS = "config.json", "model.weights.h5"
"""What a ``.keras`` file holds."""

KINDS = ("conv2d", "dense")
"""Kinds of layers with weights, as Keras 3 calls them in its files."""

MOST_TEXT = 2**24
"""Bytes of a description at most: a U-Net's has some ten thousand."""

FIX = "give a .keras, .h5 or .weights.h5 file of a VGG8 or U-Net"


@dataclass(frozen=True, eq=False)
class KerasFile:
    """What a Keras file holds.

    Attributes
    ----------
    layers : list of Layer or None
        The model, layer by layer; None in a file of weights alone.
    weights : list of (ndarray, ndarray)
        Kernel and bias, float32, of each convolution in the file's order, then of each dense layer.
    """

    layers: list[Layer] | None
    weights: list[tuple[NDArray[np.float32], NDArray[np.float32]]]


def read_keras_file(path: Path) -> KerasFile:
    """Read a ``.keras`` file, or a ``.h5`` file of a whole model or of weights alone.

    Keras does not see the file. Links to other files are not followed, and nothing is read that
    is larger than any model of ours.

    Raises
    ------
    ModelError
        If it is no such file, damaged, or holds other layers than a VGG8 or U-Net.
    """
    try:
        with path.open("rb") as file:
            start = file.read(len(HDF5))
    except OSError as error:
        raise ModelError(path, f"cannot be read ({error.strerror})", FIX) from error
    if start.startswith(ZIP):
        return _read_zip(path)
    if start != HDF5:
        raise ModelError(path, "is no Keras file", FIX)
    with _opened(path, path) as file:
        config = _described(path, file)
        layers = None if config is None else read_graph(path, config)
        return KerasFile(layers, _weights(path, file))


def _read_zip(path: Path) -> KerasFile:
    try:
        with zipfile.ZipFile(path) as parts:
            text = _part(path, parts, DESCRIPTION, MOST_TEXT)
            numbers = _part(path, parts, NUMBERS, 8 * MOST_NUMBERS)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise ModelError(path, f"is damaged ({error})", "copy it again") from error
    layers = read_graph(path, _json(path, text))
    with _opened(path, io.BytesIO(numbers)) as file:
        return KerasFile(layers, _weights(path, file))


def _part(path: Path, parts: zipfile.ZipFile, name: str, most: int) -> bytes:
    """Read a part of a ``.keras`` file, however much it says it holds."""
    if name not in parts.namelist():
        raise ModelError(path, f"has no {name}", FIX)
    with parts.open(name) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise ModelError(path, f"has a {name} of more than {most} bytes", FIX)
    return content


@contextmanager
def _opened(path: Path, content: Path | io.BytesIO) -> Iterator[Any]:
    """Open HDF5; whatever is damaged in it is told as one line."""
    try:
        with h5py().File(content, "r") as file:
            yield file
    except ModelError:
        raise
    except Exception as error:
        raise ModelError(path, f"is damaged ({error})", "copy it again") from error


def _described(path: Path, file: Any) -> dict[str, Any] | None:
    """Read the description in an HDF5 file of a whole model."""
    if "model_config" not in file.attrs:
        return None
    text = file.attrs["model_config"]
    return _json(path, text if isinstance(text, bytes) else str(text).encode())


def _json(path: Path, text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelError(path, f"has a damaged description ({error})", "copy it again") from error
    if not isinstance(found, dict):
        raise ModelError(path, "has a damaged description", "copy it again")
    return found


def _weights(path: Path, file: Any) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Read kernels and biases, layer by layer; convolutions first."""
    old = any(name.startswith("layer_names") for name in _root(file).attrs)
    layers = list(_old_layers(path, file) if old else _new_layers(path, file))
    sizes = [prod(_shape(path, one)) for layer in layers for one in layer]
    if sum(sizes) > MOST_NUMBERS:
        raise ModelError(path, f"holds more than {MOST_NUMBERS} numbers", FIX)
    pairs = [(layer[i], layer[i + 1]) for layer in layers for i in range(0, len(layer) - 1, 2)]
    for kernel, bias in pairs:
        if len(kernel.shape) not in (2, 4) or bias.shape != kernel.shape[-1:]:
            raise _other_layers(path)
    if not pairs or 2 * len(pairs) != len(sizes):
        raise _other_layers(path)
    pairs.sort(key=lambda pair: -len(pair[0].shape))
    return [(_numbers(path, kernel), _numbers(path, bias)) for kernel, bias in pairs]


def _other_layers(path: Path) -> ModelError:
    reason = "holds other weights than kernels and biases of convolutions and dense layers"
    return ModelError(path, reason, FIX)


def _root(file: Any) -> Any:
    """Group of the layers' weights as Keras 2 wrote them."""
    return _hard(file, "model_weights") if "model_weights" in file else file


def _old_layers(path: Path, file: Any) -> Iterator[list[Any]]:
    """Weights of each layer as Keras 2 wrote them, and Keras 3 in ``.h5`` files: in order."""
    root = _root(file)
    for name in _names(root, "layer_names"):
        group = _hard(root, name)
        weights = _names(group, "weight_names")
        if any("transpose" in weight for weight in weights):
            raise _other_layers(path)
        yield [_hard(group, weight) for weight in weights]


def _new_layers(path: Path, file: Any) -> Iterator[list[Any]]:
    """Weights of each layer as Keras 3 writes them: numbered by their kind, ``conv2d_1``."""
    found = [name for name in ("layers", "_layer_checkpoint_dependencies") if name in file]
    if not found:
        raise ModelError(path, "holds no layers right in it", FIX)
    layers = _hard(file, found[0])
    for name in sorted(layers, key=_place):
        values = _hard(layers, f"{name}/vars")
        if len(values) and _place(name)[0] not in KINDS:
            raise _other_layers(path)
        yield [_hard(values, number) for number in sorted(values, key=int)]


def _place(name: str) -> tuple[str, int]:
    kind, _, number = name.rpartition("_")
    return (kind, int(number)) if number.isdecimal() else (name, 0)


def _names(group: Any, name: str) -> list[str]:
    """Read a list of names; a long one is kept in numbered parts."""
    parts = [name] if name in group.attrs else []
    numbered = (key for key in group.attrs if re.fullmatch(rf"{name}\d+", key))
    parts += sorted(numbered, key=_number)
    found = [one for part in parts for one in np.atleast_1d(group.attrs[part]).tolist()]
    return [one.decode() if isinstance(one, bytes) else str(one) for one in found]


def _number(name: str) -> int:
    """Give the number that a name ends with."""
    return int(re.split(r"\D", name)[-1])


def _hard(group: Any, name: str) -> Any:
    """Go to what lies in this very file; links to others are not followed."""
    library = h5py()
    for part in filter(None, name.split("/")):
        link = group.get(part, getlink=True)
        if not isinstance(link, library.HardLink):
            raise ValueError(f"{name} is not in the file")
        group = group[part]
    return group


def _shape(path: Path, dataset: Any) -> tuple[int, ...]:
    """Shape of an array that may be read: plain numbers in this very file."""
    library = h5py()
    plain = isinstance(dataset, library.Dataset) and not dataset.is_virtual
    if not plain or dataset.external or dataset.dtype.kind != "f" or dataset.shape is None:
        raise ModelError(path, "holds something else than plain numbers", FIX)
    return tuple(dataset.shape)


def _numbers(path: Path, dataset: Any) -> NDArray[np.float32]:
    values = np.asarray(dataset[()], np.float32)
    if not np.isfinite(values).all():
        raise ModelError(path, f"has {dataset.name} with NaN or infinity", "train the model again")
    return values
