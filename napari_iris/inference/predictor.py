"""Classify a frame, then segment it if it is cloudy."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import IrisError, ModelError
from napari_iris.frames.read import read_frame
from napari_iris.frames.rebin import rebin
from napari_iris.inference.model import Model, open_model
from napari_iris.inference.prediction_file import Prediction
from napari_iris.inference.turned import turned_answers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from astropy.io import fits
    from numpy.typing import NDArray

    from napari_iris.inference.config import PredictConfig
    from napari_iris.networks.spec import Kind


@dataclass(frozen=True, eq=False)
class Loaded:
    """A frame as the networks want it.

    Attributes
    ----------
    frame : ndarray of float32, shape (rows, columns)
        Binned to the U-Net's shape, in ADU; NaN where blank.
    header : astropy.io.fits.Header
        Its own header.
    x : ndarray of float32, shape (rows, columns, 1)
        Input of the U-Net.
    look : ndarray of float32, shape (rows, columns, 1), or None
        Input of the classifier.
    """

    frame: NDArray[np.float32]
    header: fits.Header
    x: NDArray[np.float32]
    look: NDArray[np.float32] | None


class Predictor:
    """A U-Net, and a classifier before it if there is one.

    Parameters
    ----------
    unet : Model
        Gives a probability for every pixel.
    classifier : Model, optional
        Tells clear frames from cloudy ones; clear ones need no U-Net.
    threshold : float, optional
        Probability from which a pixel is cloud; by default the model's.
    turned : bool
        Whether to average over turned copies, and give their spread.
    """

    def __init__(
        self,
        unet: Model,
        classifier: Model | None = None,
        threshold: float | None = None,
        *,
        turned: bool = False,
    ) -> None:
        self.unet, self.classifier, self.turned = unet, classifier, turned
        self.threshold = unet.card.threshold if threshold is None else threshold
        self.id = unet.id if classifier is None else f"{unet.id}+{classifier.id}"

    @classmethod
    def open(
        cls, model: str | Path, classifier: str | Path | None, config: PredictConfig
    ) -> Predictor:
        """Open the models.

        Raises
        ------
        ModelError
            If one is missing, damaged, or of the other kind.
        IrisError
            If the engine is not installed.
        """
        unet = _of_kind("unet", open_model(model, config.engine, config.precision))
        first = None
        if classifier is not None:
            first = _of_kind("vgg8", open_model(classifier, config.engine, config.precision))
        return cls(unet, first, config.threshold, turned=config.turned)

    def load(self, path: Path, hdu: int | None = None, plane: int | None = None) -> Loaded:
        """Read a frame for the networks; in any thread.

        Raises
        ------
        FileError
            If it cannot be read.
        IrisError
            If it is too small or blank.
        """
        found = read_frame(path, hdu=hdu, plane=plane)
        return self.prepare(found.data, found.header)

    def prepare(self, frame: NDArray[np.generic], header: fits.Header) -> Loaded:
        """Bring a frame of any size to the networks' shape.

        Raises
        ------
        IrisError
            If it is too small or blank.
        """
        if not np.isfinite(frame).any():
            raise IrisError("is blank: every pixel is NaN")
        small = rebin(frame, self.unet.shape)
        look = None
        if self.classifier is not None:
            other = self.classifier.shape
            look = self.classifier.input(small if other == self.unet.shape else rebin(frame, other))
        return Loaded(small, header, self.unet.input(small), look)

    def answer(self, frames: Sequence[Loaded]) -> list[Prediction]:
        """Predict some frames.

        Returns
        -------
        list of Prediction
            In order. A frame that the classifier calls clear has probability 0 everywhere.
        """
        p_cloud = self._classify(frames)
        cloudy = [place for place, p in enumerate(p_cloud) if not self._is_clear(p)]
        found: dict[int, tuple[NDArray[np.float32], NDArray[np.float32] | None]] = {}
        if cloudy:
            x = np.stack([frames[place].x for place in cloudy])
            probability, spread = self._segment(x)
            parts = spread if spread is not None else [None] * len(cloudy)
            found = dict(zip(cloudy, zip(probability, parts, strict=True), strict=True))
        return [
            self._prediction(one, p, *found.get(place, (None, None)))
            for place, (one, p) in enumerate(zip(frames, p_cloud, strict=True))
        ]

    def _classify(self, frames: Sequence[Loaded]) -> list[float]:
        """Probability of cloud in each frame; NaN without a classifier."""
        if self.classifier is None:
            return [nan] * len(frames)
        looks = np.stack([one.look for one in frames if one.look is not None])
        return [float(p) for p in self.classifier.probability(looks)]

    def _is_clear(self, p_cloud: float) -> bool:
        return self.classifier is not None and p_cloud < self.classifier.card.threshold

    def _segment(
        self, x: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        if self.turned:
            return turned_answers(self.unet.probability, x)
        return self.unet.probability(x), None

    def _prediction(
        self,
        one: Loaded,
        p_cloud: float,
        probability: NDArray[np.float32] | None,
        spread: NDArray[np.float32] | None,
    ) -> Prediction:
        seen = np.isfinite(one.frame)
        clear = np.zeros(one.frame.shape, np.float32)
        kept = np.where(seen, clear if probability is None else probability, np.nan)
        if spread is None and self.turned:
            spread = clear
        return Prediction(
            one.frame,
            kept.astype(np.float32),
            one.header,
            self.id,
            self.threshold,
            p_cloud,
            float(np.mean(kept[seen] >= np.float32(self.threshold))),
            float(np.mean(entropy(kept[seen]))),
            spread,
        )


def entropy(probability: NDArray[np.floating]) -> NDArray[np.float64]:
    """Entropy of a yes-or-no probability [bit]: 0 where it is sure, 1 at one half."""
    from scipy.special import entr

    p = np.asarray(probability, np.float64)
    bits: NDArray[np.float64] = (entr(p) + entr(1 - p)) / np.log(2)
    return bits


def _of_kind(kind: Kind, model: Model) -> Model:
    found = model.card.network.kind
    if found != kind:
        option = "--classifier" if found == "vgg8" else "MODEL"
        raise ModelError(model.folder, f"is a {found}, not a {kind}", f"give it as {option}")
    return model
