"""The learning libraries: imported when they are needed, quietly, or named with their fix."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from collections.abc import Iterator


def tensorflow() -> Any:
    """Import TensorFlow, with Keras on it, without the lines it writes on its way.

    Raises
    ------
    IrisError
        If it is not installed.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    with _silenced():
        return _imported("tensorflow", "cpu]' or 'napari-iris[gpu")


def jax() -> Any:
    """Import JAX.

    Raises
    ------
    IrisError
        If it is not installed.
    """
    return _imported("jax", "flax")


def openvino() -> Any:
    """Import OpenVINO.

    Raises
    ------
    IrisError
        If it is not installed.
    """
    return _imported("openvino", "")


def h5py() -> Any:
    """Import h5py, which comes with Keras.

    Raises
    ------
    IrisError
        If it is not installed.
    """
    return _imported("h5py", "cpu' or 'napari-iris[gpu]")


def tensorboardx() -> Any:
    """Import tensorboardX, which writes what TensorBoard reads.

    Raises
    ------
    IrisError
        If it is not installed.
    """
    return _imported("tensorboardX", "cpu]' or 'napari-iris[gpu]' or 'napari-iris[flax")


def _imported(name: str, extra: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        fix = f"pip install 'napari-iris[{extra}]'" if extra else f"pip install {name}"
        raise IrisError(f"{error.name} is not installed; {fix}") from error


@contextmanager
def _silenced() -> Iterator[None]:
    """Send what C++ writes on standard error nowhere: TensorFlow says good morning in six lines."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
