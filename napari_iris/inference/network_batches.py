"""Run a classifier or a U-Net on a batch of frames."""

from __future__ import annotations

from math import isnan, nan
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.inference.augmentation import augmented_probability

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from napari_iris.inference.model import Model
    from napari_iris.inference.network_data import NetworkInput


def classify(classifier: Model | None, frames: Sequence[NetworkInput]) -> list[float]:
    """Compute the probability that each frame is cloudy.

    The network is run on those alone that what is known of the clear sky does not decide.

    Parameters
    ----------
    classifier : Model or None
        A VGG8, if there is one.
    frames : sequence of NetworkInput
        The frames.

    Returns
    -------
    list of float
        From 0 to 1, with what is known of the clear sky; NaN without a classifier.
    """
    if classifier is None:
        return [nan] * len(frames)
    known = [one.evidence_beside(classifier) for one in frames]
    found = [nan if one is None else one.sure_frame for one in known]
    undecided = [place for place, p in enumerate(found) if isnan(p)]
    inputs = [x for place in undecided if (x := frames[place].classifier) is not None]
    if inputs:
        for place, p in zip(undecided, classifier.probability(np.stack(inputs)), strict=True):
            one = known[place]
            found[place] = float(p) if one is None else one.of_frame(float(p), classifier.card)
    return found


def segment(
    unet: Model, x: NDArray[np.float32], *, turned: bool
) -> Iterable[tuple[NDArray[np.float32], NDArray[np.float32] | None]]:
    """Compute the probability of cloud in each pixel.

    Parameters
    ----------
    unet : Model
        The network.
    x : ndarray of float32, shape (frames, rows, columns, planes)
        Its inputs.
    turned : bool
        Whether to use test-time augmentation, see `augmented_probability`.

    Returns
    -------
    iterable of (ndarray of float32, ndarray of float32 or None)
        Probability and spread of each frame, of shape (rows, columns); no spread without
        augmentation.
    """
    if turned:
        return zip(*augmented_probability(unet.probability, x), strict=True)
    return ((probability, None) for probability in unet.probability(x))
