"""What a model's training frames are like: fitted in training, or for a model that exists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.errors import ModelError
from napari_iris.networks.card import read_card, write_card
from napari_iris.networks.find import find_model
from napari_iris.networks.normalisation import frame_plane
from napari_iris.networks.novelty import FEWEST, SMALLEST, fit_novelty

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.networks.novelty import Novelty
    from napari_iris.training.class_weights import ClassWeightedBatches


def training_novelty(batches: ClassWeightedBatches, earlier: str | Path | None) -> Novelty | None:
    """Learn what the training frames of a run are like, from its first epoch.

    Parameters
    ----------
    batches : ClassWeightedBatches
        The training batches.
    earlier : str or Path, optional
        Model that the run starts from, or goes on with: where the run has too few frames of its
        own, what that model was trained on stands in for them.

    Returns
    -------
    Novelty or None
        None where neither has enough frames.
    """
    inner = batches.batches
    if len(inner.rows) >= FEWEST and min(inner.spec.shape) >= SMALLEST:
        fitted = fit_novelty(_planes(batches))
        if fitted is not None:
            return fitted
    return None if earlier is None else read_card(find_model(earlier)).novelty


def _planes(batches: ClassWeightedBatches) -> Iterator[NDArray[np.float32]]:
    for batch in batches.epoch(0):
        yield from batch.x[: batch.count, ..., 0]  # augmented copies are not frames of their own


def add_novelty(model: str | Path, frames: Iterable[NDArray[np.floating]]) -> Novelty:
    """Fit, for a model that exists, what frames like those it was trained on are like.

    Parameters
    ----------
    model : str or Path
        Model folder, whose card is written anew.
    frames : iterable of ndarray of float, shape (rows, columns)
        Frames of the training kind, binned to the network's input, in any unit; NaN where blank.

    Returns
    -------
    Novelty
        As the card has it now.

    Raises
    ------
    ModelError
        If there is no such model, or there are fewer than `FEWEST` frames, or they are
        too small.
    FileError
        If the card cannot be written.
    """
    folder = find_model(model)
    card = read_card(folder)
    fitted = fit_novelty(frame_plane(frame, card.normalisation) for frame in frames)
    if fitted is None:
        reason = f"needs {FEWEST} frames of {SMALLEST} pixels or more to tell what is unlike them"
        raise ModelError(folder, reason, "give more frames")
    write_card(folder, card.model_copy(update={"novelty": fitted}))
    return fitted
