"""Inference engines: OpenVINO, Keras or Flax, with the same result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.networks.devices import framework_with_gpu
from napari_iris.networks.flax_network import build_flax, flax_parameters
from napari_iris.networks.hardware import cpu_is_faster_in_bf16
from napari_iris.networks.keras_network import build_keras, set_keras_weights
from napari_iris.networks.libraries import jax, openvino, tensorflow
from napari_iris.networks.openvino_int8 import quantize
from napari_iris.networks.openvino_network import build_openvino
from napari_iris.networks.plan import shapes

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from napari_iris.inference.config import EngineName, Precision
    from napari_iris.networks.spec import NetworkSpec
    from napari_iris.networks.weights import Weights

    Array = NDArray[np.float32]

HINTS = {"float32": "f32", "bfloat16": "bf16", "int8": "f32"}
"""OpenVINO's name of each precision; with int8, the layers that are not quantised are float32."""

PRECISIONS = {"f32": "float32", "bf16": "bfloat16"}


class Engine(Protocol):
    """A network ready for inference.

    Attributes
    ----------
    name : str
        openvino, keras or flax.
    precision : str
        Precision of the computation: float32, bfloat16 or int8.
    """

    name: str
    precision: str

    def logits(self, x: Array) -> Array:
        """Give the logits of some inputs; for one thread at a time.

        Parameters
        ----------
        x : ndarray of float32, shape (frames, rows, columns, planes)
            Inputs; any number of frames.

        Returns
        -------
        ndarray of float32, shape (frames, rows, columns, 1) or (frames, 1)
        """


def make_engine(
    spec: NetworkSpec,
    weights: Weights,
    name: EngineName = "auto",
    precision: Precision = "auto",
    typical: Callable[[], Array] | None = None,
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
    precision : {'auto', 'float32', 'bfloat16', 'int8'}
        Precision of the computation. 'auto' is bfloat16 in OpenVINO on CPUs that are faster with
        it, else float32. Only OpenVINO has 'int8'.
    typical : callable, optional
        Gives typical inputs, ndarray of float32, shape (frames, rows, columns, planes); needed for
        'int8', whose quantisation range is found from them.

    Raises
    ------
    IrisError
        If the engine is not installed, or does not compute in this precision.
    """
    if precision == "int8":
        if name not in ("auto", "openvino"):
            raise IrisError(f"{name} does not compute in int8; use openvino")
        return OpenVINOEngine(spec, weights, precision, typical)
    chosen = framework_with_gpu() or "openvino" if name == "auto" else name
    return ENGINES[chosen](spec, weights, precision)


class OpenVINOEngine:
    """A network in OpenVINO, on the CPU.

    Many frames are distributed one by one over independent streams, as many as OpenVINO finds best
    for the CPU; a single frame uses all cores, for the shortest latency.
    """

    name = "openvino"

    def __init__(
        self,
        spec: NetworkSpec,
        weights: Weights,
        precision: Precision,
        typical: Callable[[], Array] | None = None,
    ) -> None:
        self._library = openvino()
        self._model = build_openvino(spec, weights, batch=1)
        if precision == "int8":
            if typical is None:
                raise ValueError("typical: expected a callable for int8, received None")
            self._model = quantize(self._model, typical())
        self._shape = shapes(spec)["logit"]
        if precision == "auto" and not cpu_is_faster_in_bf16():
            precision = "float32"  # OpenVINO itself takes bfloat16 wherever the CPU has it
        self._hints = {"INFERENCE_PRECISION_HINT": HINTS[precision]} if precision in HINTS else {}
        compiled = self._compiled("LATENCY")
        taken = compiled.get_property("INFERENCE_PRECISION_HINT").to_string()
        self.precision = "int8" if precision == "int8" else PRECISIONS.get(taken, taken)
        self._alone = compiled.create_infer_request()
        self._queue: Any = None

    def logits(self, x: Array) -> Array:
        """Give the logits of some inputs."""
        if len(x) == 1:
            return np.array(self._alone.infer(x)[0], np.float32)
        if self._queue is None:
            self._queue = self._library.AsyncInferQueue(self._compiled("THROUGHPUT"))
            self._queue.set_callback(_keep)
        found = np.empty((len(x), *self._shape), np.float32)
        try:
            for place in range(len(x)):
                self._queue.start_async(x[place : place + 1], (found, place))
        finally:  # also on Ctrl+C: requests under way write into `found`
            self._queue.wait_all()
        return found

    def _compiled(self, aim: str) -> Any:
        hints = {**self._hints, "PERFORMANCE_HINT": aim}
        return self._library.compile_model(self._model, "CPU", hints)


def _keep(request: Any, target: tuple[Array, int]) -> None:
    """Store a frame's logits in their place."""
    found, place = target
    found[place] = request.get_output_tensor().data[0]


class KerasEngine:
    """A network in Keras on TensorFlow."""

    name = "keras"

    def __init__(self, spec: NetworkSpec, weights: Weights, precision: Precision) -> None:
        tf = tensorflow()
        for gpu in tf.config.list_physical_devices("GPU"):
            tf.config.experimental.set_memory_growth(gpu, enable=True)
        self.precision = "bfloat16" if precision == "bfloat16" else "float32"
        policy = "mixed_bfloat16" if precision == "bfloat16" else "float32"
        model = build_keras(spec, policy=policy)
        set_keras_weights(model, weights)
        inputs = tf.TensorSpec((None, *spec.shape, spec.planes), tf.float32)
        self._call = tf.function(lambda x: model(x, training=False), input_signature=[inputs])

    def logits(self, x: Array) -> Array:
        """Give the logits of some inputs."""
        return _padded(self._call, x)


class FlaxEngine:
    """A network in Flax on JAX."""

    name = "flax"

    def __init__(self, spec: NetworkSpec, weights: Weights, precision: Precision) -> None:
        library = jax()
        self.precision = "bfloat16" if precision == "bfloat16" else "float32"
        module = build_flax(spec, dtype=self.precision)
        parameters = library.device_put(flax_parameters(weights))
        self._call: Callable[[Array], Any] = library.jit(
            lambda x: module.apply({"params": parameters}, x)
        )

    def logits(self, x: Array) -> Array:
        """Give the logits of some inputs."""
        return _padded(self._call, x)


ENGINES: dict[str, Callable[[NetworkSpec, Weights, Precision], Engine]] = {
    "openvino": OpenVINOEngine,
    "keras": KerasEngine,
    "flax": FlaxEngine,
}


def _padded(call: Callable[[Array], Any], x: Array) -> Array:
    """Pad to a power of two of frames: the function is compiled for each number, so have few."""
    count = len(x)
    missing = (1 << (count - 1).bit_length()) - count
    found = call(np.pad(x, [(0, missing), (0, 0), (0, 0), (0, 0)]))
    return np.asarray(found, np.float32)[:count]
