"""Read a Keras file as data: its description and its arrays."""

from __future__ import annotations

import io
import json
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_iris.errors import ModelError
from napari_iris.io.regular import refuse_special
from napari_iris.networks.card import MAX_NUMBERS
from napari_iris.networks.keras_import.arrays import FIX, read_weights
from napari_iris.networks.keras_import.description import read_description
from napari_iris.networks.libraries import h5py

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_iris.networks.keras_import.arrays import LayerWeights
    from napari_iris.networks.keras_import.layer import Layer

HDF5, ZIP = b"\x89HDF\r\n\x1a\n", b"PK\x03\x04"
"""First bytes of the two file formats."""

DESCRIPTION, WEIGHTS = "config.json", "model.weights.h5"
"""Members of a ``.keras`` file."""

MAX_TEXT = 2**24
"""Largest description [bytes]; that of a U-Net has some ten thousand."""

AGAIN = "download it again"


@dataclass(frozen=True, eq=False)
class KerasFile:
    """Contents of a Keras file.

    Attributes
    ----------
    layers : list of Layer or None
        The described layers; None for a file of weights alone.
    weights : list of (ndarray, ndarray)
        Kernel and bias, float32, of each convolution in the order of the file, then of each dense
        layer.
    """

    layers: list[Layer] | None
    weights: list[LayerWeights]


def read_keras_file(path: Path) -> KerasFile:
    """Read a ``.keras`` file, or a ``.h5`` file of a whole model or of weights alone.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    KerasFile
        Its contents.

    Raises
    ------
    ModelError
        If it is not such a file, damaged, or has other layers than a VGG8 or U-Net.
    """
    try:
        refuse_special(path)
        with path.open("rb") as file:
            start = file.read(len(HDF5))
    except OSError as error:
        raise ModelError(path, f"cannot be read ({error.strerror})", FIX) from error
    if start.startswith(ZIP):
        return _read_zip(path)
    if start != HDF5:
        raise ModelError(path, "is not a Keras file", FIX)
    with _open_hdf5(path, path) as file:
        text = file.attrs.get("model_config")
        layers = None if text is None else _layers(path, text)
        return KerasFile(layers, read_weights(path, file))


def _read_zip(path: Path) -> KerasFile:
    try:
        with zipfile.ZipFile(path) as members:
            text = _member(path, members, DESCRIPTION, MAX_TEXT)
            weights = _member(path, members, WEIGHTS, 8 * MAX_NUMBERS)
    except ModelError:
        raise
    except Exception as error:  # zipfile and what it decompresses with raise a dozen types
        raise ModelError(path, f"is damaged ({error})", AGAIN) from error
    layers = _layers(path, text)
    with _open_hdf5(path, io.BytesIO(weights)) as file:
        return KerasFile(layers, read_weights(path, file))


def _member(path: Path, members: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """Read a member of a zip file, up to a limit that does not depend on what its header claims."""
    if name not in members.namelist():
        raise ModelError(path, f"has no {name}", FIX)
    with members.open(name) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise ModelError(path, f"has a {name} of more than {limit} bytes", FIX)
    return content


@contextmanager
def _open_hdf5(path: Path, content: Path | io.BytesIO) -> Iterator[Any]:
    """Open HDF5; re-raise the errors of damaged files, which are of a dozen types."""
    try:
        with h5py().File(content, "r") as file:
            yield file
    except ModelError:
        raise
    except Exception as error:
        raise ModelError(path, f"is damaged ({error})", AGAIN) from error


def _layers(path: Path, text: bytes | str) -> list[Layer]:
    try:
        description = json.loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        raise ModelError(path, f"has a damaged description ({error})", AGAIN) from error
    if not isinstance(description, dict):
        raise ModelError(path, "has a damaged description", AGAIN)
    return read_description(path, description)
