"""What goes into the networks for a frame, and what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from astropy.io import fits
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class NetworkInput:
    """A frame, prepared for the networks.

    Attributes
    ----------
    frame : ndarray of float32, shape (rows, columns)
        Binned to the U-Net's shape, in ADU; NaN where blank.
    header : astropy.io.fits.Header
        Its own header.
    unet, classifier : ndarray of float32, shape (rows, columns, 1), or None
        Normalised input of each network; None where it is not used.
    id : str
        Identifier of the frame's pixels, see `frame_id`.
    """

    frame: NDArray[np.float32]
    header: fits.Header
    unet: NDArray[np.float32] | None
    classifier: NDArray[np.float32] | None
    id: str


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
    from scipy.special import entr

    p = np.asarray(probability, np.float64)
    bits: NDArray[np.float64] = (entr(p) + entr(1 - p)) / np.log(2)
    return bits
