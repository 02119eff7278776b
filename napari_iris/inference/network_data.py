"""What goes into the networks for a frame, and what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from napari_iris.frames.rebin import rebin, rebin_colour

if TYPE_CHECKING:
    from astropy.io import fits
    from numpy.typing import NDArray

    from napari_iris.inference.evidence import Evidence
    from napari_iris.inference.model import Model
    from napari_iris.radiometry.excess import Excess


@dataclass(frozen=True, eq=False)
class NetworkInput:
    """A frame, prepared for the networks.

    Attributes
    ----------
    frame : ndarray of float32, shape (rows, columns)
        Binned to the U-Net's shape, in ADU; NaN where blank.
    header : astropy.io.fits.Header
        Its own header.
    unet, classifier : ndarray of float32, shape (rows, columns, planes), or None
        Input of each network, see `Model.input`; None where it is not used.
    id : str
        Identifier of the frame's pixels, see `frame_id`.
    excess : Excess or None
        Its excess above the clear sky; None where there is no reference.
    evidence : Evidence or None
        What is known of it beside the networks; None if none of them takes the excess.
    """

    frame: NDArray[np.float32]
    header: fits.Header
    unet: NDArray[np.float32] | None
    classifier: NDArray[np.float32] | None
    id: str
    excess: Excess | None = None
    evidence: Evidence | None = None

    def evidence_beside(self, model: Model | None) -> Evidence | None:
        """Return the evidence, for a model that takes the excess."""
        return self.evidence if model is not None and model.takes_excess else None


class NetworkOutput(NamedTuple):
    """The outputs of the networks for a frame.

    Attributes
    ----------
    p_cloud : float
        The classifier's probability that there is cloud in it; NaN without a classifier.
    probability, spread : ndarray of float32, shape (rows, columns), or None
        The U-Net's, and its spread over augmented copies; None where it was not run.
    """

    p_cloud: float
    probability: NDArray[np.float32] | None = None
    spread: NDArray[np.float32] | None = None


def network_inputs(
    unet: Model | None,
    classifier: Model | None,
    frame: NDArray[np.generic],
    small: NDArray[np.float32],
    excess: NDArray[np.float32] | None,
    colour: NDArray[np.float32] | None = None,
) -> tuple[NDArray[np.float32] | None, NDArray[np.float32] | None]:
    """Make the inputs of the networks for a frame.

    Parameters
    ----------
    unet, classifier : Model or None
        The models that are used.
    frame : ndarray, shape (rows, columns)
        The frame as read.
    small : ndarray of float32, shape of the U-Net's input; without one, of the classifier's
        The frame, rebinned.
    excess : ndarray of float32, shape of `small`, or None
        Its `Excess.relative`; None where nothing is known of its clear sky.

    colour : ndarray of float32, shape (rows, columns, 3), or None
        The frame's colours as read; only models of colour need them.

    Returns
    -------
    unet, classifier : ndarray of float32, shape (rows, columns, planes), or None
        Their inputs, one and the same where they can share it.
    """

    def seen_by(model: Model) -> NDArray[np.float32]:
        if model.takes_colour and colour is not None:
            return rebin_colour(colour, model.shape)
        return small if model.shape == small.shape else rebin(frame, model.shape)

    x = None if unet is None else unet.input(seen_by(unet), excess)
    if classifier is None:
        return x, None
    if unet is not None and classifier.shares_input(unet):
        return x, x
    nearest = None if excess is None else _nearest(excess, classifier.shape)
    return x, classifier.input(seen_by(classifier), nearest)


def _nearest(excess: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Resample an excess, which is smooth, by nearest neighbours: blank pixels stay apart."""
    rows, columns = (
        ((np.arange(new) + 0.5) * old / new).astype(np.intp)
        for new, old in zip(shape, excess.shape, strict=True)
    )
    return excess[np.ix_(rows, columns)]


def entropy(probability: NDArray[np.floating] | float) -> NDArray[np.float64]:
    """Compute the entropy of a binary probability.

    Parameters
    ----------
    probability : ndarray of float or float
        0 to 1.

    Returns
    -------
    ndarray of float64, same shape
        In bit: 0 where certain, 1 at one half.
    """
    p = np.asarray(probability, np.float64)
    # scipy.special.entr takes three times as long; 0 log 0 is 0
    q = 1 - p
    bits: NDArray[np.float64] = 0 - p * np.log2(np.maximum(p, 1e-300))
    bits -= q * np.log2(np.maximum(q, 1e-300))
    return bits
