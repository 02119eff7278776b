"""The interfaces of the training loop: a framework (Keras or Flax), and a source of batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from napari_iris.networks.weights import Weights

    Array = NDArray[np.float32]

ADAM = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}
"""Constants of Adam (Kingma & Ba, 2015), the same in both frameworks."""


def pad_to_multiple(shares: int, *arrays: Array) -> list[Array]:
    """Pad batches with zeros, hence with zero weight, to a length divisible by `shares`.

    Parameters
    ----------
    shares : int
        Number of devices that divide the batch among them, 1 or more.
    *arrays : ndarray of float32, shape (frames, ...)
        Inputs, targets and weights, all of the same number of frames.

    Returns
    -------
    list of ndarray of float32
        The arrays, with up to ``shares - 1`` frames appended.
    """
    missing = -len(arrays[0]) % shares
    if not missing:
        return list(arrays)
    return [np.pad(array, [(0, missing)] + [(0, 0)] * (array.ndim - 1)) for array in arrays]


class TrainingBatch(Protocol):
    """Inputs, targets and weights; see `Trainer.step`."""

    x: Array
    y: Array
    weight: Array


class BatchSource(Protocol):
    """The batches of one part of the split."""

    def __len__(self) -> int: ...

    def epoch(self, number: int) -> Iterator[TrainingBatch]:
        """Iterate over the batches of an epoch, from 0; reproducible."""


class Trainer(Protocol):
    """A network, its weights and its optimizer in one framework."""

    def step(self, x: Array, y: Array, weight: Array, learning_rate: float) -> float:
        """Take one step of Adam.

        Parameters
        ----------
        x : ndarray of float32, shape (frames, rows, columns, planes)
            Inputs.
        y, weight : ndarray of float32, shape (frames, rows, columns, 1) or (frames, 1)
            Targets, 0 or 1, and their weights in the loss; 0 for ignored pixels.
        learning_rate : float
            Learning rate of this step.

        Returns
        -------
        float
            Loss before the step.
        """

    def predict(self, x: Array) -> Array:
        """Compute logits.

        Parameters
        ----------
        x : ndarray of float32, shape (frames, rows, columns, planes)
            Inputs.

        Returns
        -------
        ndarray of float32, shape (frames, rows, columns, 1) or (frames, 1)
            Logits.
        """

    def weights(self) -> Weights:
        """Return the current weights."""

    def set_weights(self, weights: Weights) -> None:
        """Replace the weights."""

    def optimizer_state(self) -> dict[str, Array]:
        """Return the optimizer's state, to be stored in a checkpoint."""

    def set_optimizer_state(self, state: dict[str, Array]) -> None:
        """Restore the optimizer's state from a checkpoint."""
