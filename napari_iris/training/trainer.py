"""The interfaces of the training loop: a framework (Keras or Flax), and a source of batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

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


def average_decay(decay: float, steps: Any, least: Callable[[Any, Any], Any] = min) -> Any:
    """Compute the decay of the moving average of the weights.

    After each step, ``average = d * average + (1 - d) * weights`` (Polyak & Juditsky, 1992).

    Parameters
    ----------
    decay : float
        Decay in the long run.
    steps : int or scalar array
        Steps taken, 1 or more.
    least : callable
        The smaller of two numbers, or of two arrays of a framework.

    Returns
    -------
    float or scalar array
        d. It rises with the steps, so that the average soon forgets the initial weights.
    """
    return least(decay, steps / (steps + 9.0))


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

    def averaged(self) -> AbstractContextManager[None]:
        """Compute with the moving average of the weights, where one is kept; see `average_decay`.

        Within this context, `predict` and `weights` are of the average.
        """

    def weights(self) -> Weights:
        """Return the current weights."""

    def set_weights(self, weights: Weights) -> None:
        """Replace the weights."""

    def optimizer_state(self) -> dict[str, Array]:
        """Return optimizer's state and average of the weights, to be stored in a checkpoint."""

    def set_optimizer_state(self, state: dict[str, Array]) -> None:
        """Restore optimizer and average from a checkpoint."""
