"""What computes a network's answers: OpenVINO, Keras or Flax, with the same result."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from napari_iris.networks.flax_network import build_flax, flax_parameters
from napari_iris.networks.keras_network import build_keras, set_keras_weights
from napari_iris.networks.libraries import jax, openvino, tensorflow
from napari_iris.networks.openvino_network import build_openvino

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from napari_iris.inference.config import EngineName, Precision
    from napari_iris.networks.spec import NetworkSpec
    from napari_iris.networks.weights import Weights

    Array = NDArray[np.float32]

HINTS = {"float32": "f32", "bfloat16": "bf16"}
"""What OpenVINO calls a precision."""


class Engine(Protocol):
    """A network ready to answer."""

    name: str

    def logits(self, x: Array) -> Array:
        """Give the logits of some inputs.

        Parameters
        ----------
        x : ndarray of float32, shape (frames, rows, columns, planes)
            Inputs; any number of frames.

        Returns
        -------
        ndarray of float32, shape (frames, rows, columns, 1) or (frames, 1)
        """


def make_engine(
    spec: NetworkSpec, weights: Weights, name: EngineName = "auto", precision: Precision = "auto"
) -> Engine:
    """Build a network in an engine.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    weights : dict of str to ndarray
        Its weights.
    name : {'auto', 'openvino', 'keras', 'flax'}
        The engine; 'auto' is Keras or Flax where there is a GPU that they can use, else OpenVINO.
        Never 'auto' or 'keras' beside a window: TensorFlow and OpenGL clash.
    precision : {'auto', 'float32', 'bfloat16'}
        What is computed in. 'auto' is OpenVINO's choice, bfloat16 where the CPU has it; float32 for
        Keras and Flax.

    Raises
    ------
    IrisError
        If the engine is not installed.
    """
    chosen = _with_gpu() or "openvino" if name == "auto" else name
    return ENGINES[chosen](spec, weights, precision)


class OpenVINOEngine:
    """A network in OpenVINO, on the CPU; may be used by several threads in turn."""

    name = "openvino"

    def __init__(self, spec: NetworkSpec, weights: Weights, precision: Precision) -> None:
        hint = {"INFERENCE_PRECISION_HINT": HINTS[precision]} if precision in HINTS else {}
        model = build_openvino(spec, weights)
        self._request = openvino().compile_model(model, "CPU", hint).create_infer_request()

    def logits(self, x: Array) -> Array:
        """Give the logits of some inputs."""
        return np.array(self._request.infer(x)[0], np.float32)


class KerasEngine:
    """A network in Keras on TensorFlow."""

    name = "keras"

    def __init__(self, spec: NetworkSpec, weights: Weights, precision: Precision) -> None:
        tf = tensorflow()
        policy = "mixed_bfloat16" if precision == "bfloat16" else "float32"
        model = build_keras(spec, policy=policy)
        set_keras_weights(model, weights)
        self._call = tf.function(lambda x: model(x, training=False))

    def logits(self, x: Array) -> Array:
        """Give the logits of some inputs."""
        return _padded(self._whole, x)

    def _whole(self, x: Array) -> Array:
        return np.asarray(self._call(x), np.float32)


class FlaxEngine:
    """A network in Flax on JAX."""

    name = "flax"

    def __init__(self, spec: NetworkSpec, weights: Weights, precision: Precision) -> None:
        library = jax()
        module = build_flax(spec, dtype="bfloat16" if precision == "bfloat16" else "float32")
        parameters = library.device_put(flax_parameters(weights))
        self._call: Callable[[Array], Any] = library.jit(
            lambda x: module.apply({"params": parameters}, x)
        )

    def logits(self, x: Array) -> Array:
        """Give the logits of some inputs."""
        return _padded(self._whole, x)

    def _whole(self, x: Array) -> Array:
        return np.asarray(self._call(x), np.float32)


ENGINES: dict[str, Callable[[NetworkSpec, Weights, Precision], Engine]] = {
    "openvino": OpenVINOEngine,
    "keras": KerasEngine,
    "flax": FlaxEngine,
}


def _padded(call: Callable[[Array], Array], x: Array) -> Array:
    """Call with a power of two of frames: each number is compiled anew, so let there be few."""
    count = len(x)
    missing = (1 << (count - 1).bit_length()) - count
    return call(np.pad(x, [(0, missing), (0, 0), (0, 0), (0, 0)]))[:count]


def _with_gpu() -> str | None:
    """Name the installed engine that has a GPU to use; nothing is imported where there is none."""
    if not Path("/proc/driver/nvidia").exists():
        return None
    gpus: dict[str, Callable[[], list[Any]]] = {
        "tensorflow": lambda: tensorflow().config.list_physical_devices("GPU"),
        "jax": lambda: [device for device in jax().devices() if device.platform == "gpu"],
    }
    names = {"tensorflow": "keras", "jax": "flax"}
    return next((names[name] for name, gpu in gpus.items() if find_spec(name) and gpu()), None)
