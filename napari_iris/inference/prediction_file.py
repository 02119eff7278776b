"""Prediction files: the binned frame and the cloud probability of every pixel in one FITS file."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isnan, nan
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import FileError
from napari_iris.frames.facts import without_scaling
from napari_iris.inference.cloud_mask import is_cloud
from napari_iris.inference.prediction_cards import cards_of, facts_of
from napari_iris.io.fits_files import card, write_fits
from napari_iris.io.images import read_images
from napari_iris.networks.novelty import UNLIKE_ABOVE

if TYPE_CHECKING:
    from astropy.io import fits
    from astropy.nddata import CCDData
    from numpy.typing import NDArray

    from napari_iris.io.fits_files import Images
    from napari_iris.io.images import Image
    from napari_iris.io.outputs import Mark

_AGAIN = "predict it again"


class PredictionError(FileError):
    """A prediction file that cannot be read."""


@dataclass(frozen=True, eq=False, repr=False)
class Prediction:
    """A model's prediction of a frame.

    Attributes
    ----------
    frame : ndarray of float32, shape (rows, columns)
        The binned frame, in ADU; NaN where blank.
    probability : ndarray of float32, shape (rows, columns)
        Probability that a pixel is cloud, 0 to 1; NaN where the frame is blank.
    header : astropy.io.fits.Header
        The frame's own header.
    model : str
        Model that made it: name and fingerprint.
    threshold : float
        Probability from which a pixel is cloud.
    p_cloud : float
        The classifier's probability that there is cloud in the frame; NaN without a classifier.
    cloud_fraction : float
        Part of the sky that is cloud, 0 to 1.
    uncertainty : float
        Mean entropy of the pixels' probabilities [bit], or of the classifier's where it called the
        frame clear: 0 certain, 1 undecided.
    spread : ndarray of float32, shape (rows, columns), or None
        Standard deviation of the probability over augmented copies of the frame; None without
        test-time augmentation.
    frame_id : str
        Hash of the frame's shape and pixels as read, see `content_hash`; empty where not known.
    frame_path : str
        The frame's file; empty where not known.
    run : str
        Identifier of the settings, see `PredictionTable`; empty where not known.
    class_threshold : float
        Classifier's probability from which the frame is cloudy; NaN where not known.
    trust : float
        Trust in the mask, from 0 to 1: falls with the uncertainty, and with the part of the frame
        in which the excess above the clear sky contradicts it; NaN where not known.
    reference : str
        Clear-sky reference that it was compared with: measured, limit, or none.
    level : float
        Level of the clear sky, in ADU; NaN without a reference.
    median_excess : float
        Median excess above it, in ADU; NaN without a reference.
    median_radiance : float
        The same in W m-2 sr-1; NaN where the camera's response is not known.
    median_kelvin : float
        The same in kelvin; NaN where the frame is not calibrated.
    clear_part : float
        Fraction of the valid pixels that are surely clear by their excess; NaN without a reference.
    cloud_part : float
        Fraction that is surely cloud.
    undecided_part : float
        Fraction in between.
    novelty : float
        How unlike the model's training frames the frame is, 0 or more; NaN where the model does not
        know.

    Examples
    --------
    >>> import napari_iris as iris
    >>> found = iris.predict(iris.simulate(1, sky="clear", seed=1)[0])
    >>> found.cloud_fraction, found.p_cloud < 0.5
    (0.0, True)
    >>> found.to_fits("sky_pred.fits")
    >>> found.to_ccddata().mask.any()
    np.False_
    """

    frame: NDArray[np.float32]
    probability: NDArray[np.float32]
    header: fits.Header = field(repr=False)
    model: str
    threshold: float
    p_cloud: float = nan
    cloud_fraction: float = nan
    uncertainty: float = nan
    spread: NDArray[np.float32] | None = None
    frame_id: str = ""
    frame_path: str = ""
    run: str = ""
    class_threshold: float = nan
    trust: float = nan
    reference: str = "none"
    level: float = nan
    median_excess: float = nan
    median_radiance: float = nan
    median_kelvin: float = nan
    clear_part: float = nan
    cloud_part: float = nan
    undecided_part: float = nan
    novelty: float = nan

    def __repr__(self) -> str:
        rows, columns = self.probability.shape
        facts = {"p_cloud": self.p_cloud, "cloud fraction": self.cloud_fraction}
        known = [f"{name} {value:.3f}" for name, value in facts.items() if not isnan(value)]
        return f"Prediction({', '.join([f'{rows}x{columns}', *known, self.model])})"

    def to_fits(self, path: Path | str) -> None:
        """Write a prediction file: the rebinned frame, and the probability of cloud.

        Parameters
        ----------
        path : Path or str
            File to write, in place of an older one.

        Raises
        ------
        FileError
            If it cannot be written.
        """
        write_prediction(Path(path), self)

    def to_ccddata(self) -> CCDData:
        """Convert to an astropy `CCDData`: the probability of cloud; blank pixels are masked.

        Returns
        -------
        astropy.nddata.CCDData
            Dimensionless, with the frame's header, the cards of the prediction, and the WCS.
        """
        from napari_iris.frames.ccddata import to_ccddata

        header = self.header.copy()
        header.extend(cards_of(vars(self)), update=True)
        return to_ccddata(self.probability, header, np.isnan(self.probability), "")

    @property
    def cloud(self) -> NDArray[np.bool_]:
        """Where the probability reaches the threshold."""
        return is_cloud(self.probability, self.threshold)

    @property
    def unlike(self) -> bool | None:
        """Whether the frame is unlike the model's training frames; None where not known."""
        return None if isnan(self.novelty) else self.novelty > UNLIKE_ABOVE

    @property
    def is_of_frame(self) -> bool:
        """Whether a classifier alone made it, so that every pixel has the frame's probability."""
        seen = self.probability[np.isfinite(self.probability)]
        same = bool(np.all(seen == np.float32(self.p_cloud)))
        return isnan(self.cloud_fraction) and not isnan(self.p_cloud) and same


def write_prediction(path: Path, prediction: Prediction, mark: Mark | None = None) -> None:
    """Write a frame and its prediction to one FITS file, atomically.

    HDU 0 is the frame with its original header, HDU 1 the probability (``EXTNAME='PROB'``), HDU 2
    the spread (``EXTNAME='SPREAD'``) where there is one. Blank pixels are NaN in all of them, as
    the FITS standard defines (4.0, section 5.3).

    Parameters
    ----------
    path : Path
        File to write.
    prediction : Prediction
        The prediction.
    mark : Mark, optional
        Which command makes it, and from what.

    Raises
    ------
    FileError
        If the file cannot be written.
    """
    write_fits(path, prediction_images(prediction), mark=mark)


def prediction_images(prediction: Prediction) -> Images:
    """Give the images of a prediction file, as `write_fits` takes them.

    Parameters
    ----------
    prediction : Prediction
        The prediction.
    """
    known = [("EXTNAME", "PROB", "probability of cloud, 0 to 1"), *cards_of(vars(prediction))]
    images: list[tuple[NDArray[np.float32], fits.Header | str]] = [
        (np.asarray(prediction.frame, np.float32), without_scaling(prediction.header)),
        (np.asarray(prediction.probability, np.float32), "".join(card(*one) for one in known)),
    ]
    if prediction.spread is not None:
        cards = card("EXTNAME", "SPREAD", "std. dev. over augmented copies")
        images.append((np.asarray(prediction.spread, np.float32), cards))
    return images


def read_prediction(path: Path) -> Prediction:
    """Read a prediction file.

    Parameters
    ----------
    path : Path
        File to read.

    Raises
    ------
    PredictionError
        If the file is damaged or holds no prediction.
    """
    try:
        frame, probability, spread = read_images(path, (0,), ("PROB",), ("SPREAD",))
    except Exception as error:  # astropy raises a dozen types on damaged bytes
        raise PredictionError(path, f"holds no prediction ({error})", _AGAIN) from error
    if frame is None or probability is None:
        raise PredictionError(path, "holds no prediction (there is no HDU PROB)", _AGAIN)
    pixels = _pixels(frame), _pixels(probability)
    if pixels[0].shape != pixels[1].shape or pixels[0].ndim != 2:
        shapes = f"frame {pixels[0].shape} and probability {pixels[1].shape} differ in shape"
        raise PredictionError(path, shapes, _AGAIN)
    seen = pixels[1][~np.isnan(pixels[1])]
    if seen.size and not 0 <= seen.min() <= seen.max() <= 1:
        raise PredictionError(path, "holds probabilities outside 0..1", _AGAIN)
    try:
        facts = facts_of(probability.header)
    except ValueError as error:
        raise PredictionError(path, str(error), _AGAIN) from error
    deviation = None if spread is None else _pixels(spread)
    return Prediction(*pixels, frame.header, spread=deviation, **facts)


def _pixels(image: Image) -> NDArray[np.float32]:
    """Pixels of an image in the byte order of the machine."""
    return np.asarray(image.data, np.float32)
