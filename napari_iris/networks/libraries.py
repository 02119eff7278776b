"""Import TensorFlow, JAX and other heavy libraries when needed; name a missing one with its fix."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

TELEMETRY = "openvino_telemetry"
"""Package through which OpenVINO reports its use."""


def tensorflow() -> Any:
    """Import TensorFlow, without its log messages, and make it the backend of Keras.

    If its environment asks Keras to compute with OpenVINO, Keras loads it, and with it its
    telemetry; models and trainers here compute with TensorFlow.

    Returns
    -------
    module
        ``tensorflow``.

    Raises
    ------
    IrisError
        If it is not installed.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    with _quiet():
        return _imported("tensorflow", "cpu]' or 'napari-iris[gpu")


def jax() -> Any:
    """Import JAX.

    Returns
    -------
    module
        ``jax``.

    Raises
    ------
    IrisError
        If it is not installed.
    """
    with _uninterrupted():
        return _imported("jax", "flax")


def openvino() -> Any:
    """Import OpenVINO, without its telemetry.

    OpenVINO reports every import to an analytics host on the web, unless the package that does it
    is missing. To `import openvino` anywhere else first would send that report.

    Returns
    -------
    module
        ``openvino``.

    Raises
    ------
    IrisError
        If it is not installed.
    """
    if sys.modules.get("openvino") is not None:  # None blocks the import
        return sys.modules["openvino"]
    hidden = sys.modules.get(TELEMETRY)
    sys.modules[TELEMETRY] = cast("ModuleType", None)  # lets `import` fail
    try:
        return _imported("openvino", "")
    finally:
        del sys.modules[TELEMETRY]
        if hidden is not None:
            sys.modules[TELEMETRY] = hidden


def h5py() -> Any:
    """Import h5py, which comes with Keras.

    Returns
    -------
    module
        ``h5py``.

    Raises
    ------
    IrisError
        If it is not installed.
    """
    return _imported("h5py", "cpu' or 'napari-iris[gpu]")


def tensorboardx() -> Any:
    """Import tensorboardX, which writes TensorBoard event files.

    Returns
    -------
    module
        ``tensorboardX``.

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
def _uninterrupted() -> Iterator[None]:
    """Defer Ctrl+C: KeyboardInterrupt while JAX initialises its C++ module crashes the process."""
    received: list[int] = []
    handlers = {}
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) is signal.default_int_handler:
                handlers[number] = signal.signal(number, lambda one, _: received.append(one))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    if received:
        raise KeyboardInterrupt


@contextmanager
def _quiet() -> Iterator[None]:
    """Suppress standard error, C++ included: TensorFlow logs six lines when it is imported."""
    sys.stderr.flush()
    stderr = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)
