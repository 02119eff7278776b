"""What the training loop asks of an engine; Keras and Flax both give it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.networks.weights import Weights
    from napari_iris.training.config import TrainConfig

    Array = NDArray[np.float32]

ADAM = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}
"""Adam's constants (Kingma & Ba, 2015), the same in both engines."""


def in_shares(shares: int, *arrays: Array) -> list[Array]:
    """Fill batches up with frames of 0, and so of no weight, to a number that can be shared.

    Parameters
    ----------
    shares : int
        Number of equal shares.
    *arrays : ndarray of float32, shape (frames, ...)
        Inputs, truth, weights: of the same number of frames.
    """
    missing = -len(arrays[0]) % shares
    if not missing:
        return list(arrays)
    return [np.pad(array, [(0, missing)] + [(0, 0)] * (array.ndim - 1)) for array in arrays]


class TrainingEngine(Protocol):
    """One network being trained."""

    def step(self, x: Array, y: Array, weight: Array, rate: float) -> float:
        """Take one step of Adam and give the loss before it.

        Parameters
        ----------
        x : ndarray of float32, shape (frames, rows, columns, planes)
            Inputs.
        y, weight : ndarray of float32, shape (frames, rows, columns, 1) or (frames, 1)
            Truth, 0 or 1, and what each value counts: 0 for pixels to ignore.
        rate : float
            Learning rate.
        """

    def predict(self, x: Array) -> Array:
        """Give the logits of some inputs, as float32."""

    def weights(self) -> Weights:
        """Give the weights as they are now."""

    def set_weights(self, weights: Weights) -> None:
        """Put weights in their place."""

    def optimizer_state(self) -> dict[str, Array]:
        """Give all that Adam remembers, to go on from."""

    def set_optimizer_state(self, state: dict[str, Array]) -> None:
        """Go on from what Adam remembered."""


def make_engine(config: TrainConfig, precision: str) -> TrainingEngine:
    """Build the network in the engine that the config names.

    Parameters
    ----------
    config : TrainConfig
        The run.
    precision : str
        'float32', 'bfloat16' or 'float16'.

    Raises
    ------
    IrisError
        If the engine is not installed.
    """
    if config.engine == "keras":
        from napari_iris.training.keras_engine import KerasEngine

        return KerasEngine(config, precision)
    from napari_iris.training.flax_engine import FlaxEngine

    return FlaxEngine(config, precision)
