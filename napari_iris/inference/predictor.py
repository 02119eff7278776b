"""Classify a frame, then segment it if it is cloudy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import nan
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from napari_iris.errors import IrisError, ModelError
from napari_iris.frames.constant import CONSTANT_FRAME, is_constant
from napari_iris.frames.read import read_frame
from napari_iris.frames.rebin import rebin
from napari_iris.inference.model import Model, open_model
from napari_iris.inference.prediction_file import Prediction
from napari_iris.inference.turned import turned_answers
from napari_iris.labels import class_of
from napari_iris.matching.pixels import frame_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from astropy.io import fits
    from numpy.typing import NDArray

    from napari_iris.inference.config import PredictConfig
    from napari_iris.labels import FrameClass
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
    x : ndarray of float32, shape (rows, columns, 1), or None
        Input of the U-Net.
    look : ndarray of float32, shape (rows, columns, 1), or None
        Input of the classifier.
    id : str
        Which frame it is, see `frame_id`.
    """

    frame: NDArray[np.float32]
    header: fits.Header
    x: NDArray[np.float32] | None
    look: NDArray[np.float32] | None
    id: str


class Answer(NamedTuple):
    """What the networks say of a frame.

    Attributes
    ----------
    p_cloud : float
        The classifier's probability that there is cloud in it; NaN without a classifier.
    probability, spread : ndarray of float32, shape (rows, columns), or None
        The U-Net's, and its spread between turned copies; None where it was not asked.
    """

    p_cloud: float
    probability: NDArray[np.float32] | None = None
    spread: NDArray[np.float32] | None = None


class Predictor:
    """A U-Net, and a classifier before it if there is one; or a classifier alone.

    Parameters
    ----------
    unet : Model, optional
        Gives a probability for every pixel; without one, every pixel has the frame's.
    classifier : Model, optional
        Tells clear frames from cloudy ones; clear ones need no U-Net.
    threshold : float, optional
        Probability from which a pixel is cloud, or a frame where there is no U-Net; by default the
        model's.
    turned : bool
        Whether to average over turned copies, and give their spread.

    Attributes
    ----------
    id : str
        Name and fingerprint of the model, and of the classifier.
    main : Model
        The U-Net, or the classifier where it is alone.
    threshold : float
        Probability from which a pixel, or a frame, is cloud.
    settings : dict
        All that decides what is predicted, as JSON takes it.

    Raises
    ------
    ModelError
        If a model is of the other kind, or not for frames of one plane.
    """

    def __init__(
        self,
        unet: Model | None,
        classifier: Model | None = None,
        threshold: float | None = None,
        *,
        turned: bool = False,
    ) -> None:
        self.unet = None if unet is None else _of_kind("unet", unet)
        self.classifier = None if classifier is None else _of_kind("vgg8", classifier)
        models = [model for model in (unet, classifier) if model is not None]
        if not models:
            raise ValueError("unet and classifier: expected one of them, received none")
        self.main = models[0]
        self.turned = turned
        self.threshold = self.main.card.threshold if threshold is None else threshold
        self.id = "+".join(model.id for model in models)
        self.settings: dict[str, Any] = {
            "model": self.id,
            "threshold": self.threshold,
            "turned": turned,
            **self.main.asked,
        }

    @classmethod
    def open(
        cls, model: str | Path, classifier: str | Path | None, config: PredictConfig
    ) -> Predictor:
        """Open the models; a VGG8 that is given as the model works alone.

        Raises
        ------
        ModelError
            If one is missing, damaged, or of the other kind.
        IrisError
            If the engine is not installed.
        """
        main = open_model(model, config.engine, config.precision)
        if main.card.network.kind == "vgg8" and classifier is None:
            if config.turned:
                raise ModelError(main.folder, "is a vgg8, for whole frames", "leave out --turned")
            return cls(None, main, config.threshold)
        first = None
        if classifier is not None:
            first = open_model(classifier, config.engine, config.precision)
        return cls(main, first, config.threshold, turned=config.turned)

    def load(self, path: Path, hdu: int | None = None, plane: int | None = None) -> Loaded:
        """Read a frame for the networks; in any thread.

        Raises
        ------
        FileError
            If it cannot be read.
        IrisError
            If it is too small, or has the same value everywhere.
        """
        found = read_frame(path, hdu=hdu, plane=plane)
        return self.prepare(found.data, found.header)

    def prepare(self, frame: NDArray[np.generic], header: fits.Header) -> Loaded:
        """Bring a frame of any size to the networks' shape.

        Raises
        ------
        IrisError
            If it is too small, or has the same value everywhere.
        """
        small = rebin(frame, self.main.shape)
        if is_constant(small):  # a network's answer to it would mean nothing
            raise IrisError(CONSTANT_FRAME)
        look = None
        if self.classifier is not None:
            other = self.classifier.shape
            look = self.classifier.input(small if other == small.shape else rebin(frame, other))
        x = None if self.unet is None else self.unet.input(small)
        return Loaded(small, header, x, look, frame_id(frame))

    def answer(self, frames: Sequence[Loaded]) -> list[Prediction]:
        """Predict some frames.

        Returns
        -------
        list of Prediction
            In order. A frame that the classifier calls clear has probability 0 everywhere; a
            classifier alone tells no cloud fraction.

        Raises
        ------
        IrisError
            If the model answers with NaN.
        """
        answers = self.ask(frames)
        return [self.finish(one, answer) for one, answer in zip(frames, answers, strict=True)]

    def ask(self, frames: Sequence[Loaded]) -> list[Answer]:
        """Put some frames to the networks; in one thread at a time."""
        answers = [Answer(p) for p in self._classify(frames)]
        inputs = {
            place: one.x
            for place, (one, answer) in enumerate(zip(frames, answers, strict=True))
            if one.x is not None and not self._is_clear(answer.p_cloud)
        }
        if inputs and self.unet is not None:
            found_of_all = self._segment(self.unet, np.stack(list(inputs.values())))
            for place, found in zip(inputs, found_of_all, strict=True):
                answers[place] = Answer(answers[place].p_cloud, *found)
        return answers

    def finish(self, one: Loaded, answer: Answer) -> Prediction:
        """Draw the conclusions from what the networks said of a frame; in any thread.

        Raises
        ------
        IrisError
            If they said NaN.
        """
        seen = np.isfinite(one.frame)
        clear = np.zeros(one.frame.shape, np.float32)
        if self.unet is None:
            clear = np.full(one.frame.shape, np.float32(answer.p_cloud))
        probability = clear if answer.probability is None else answer.probability
        if not np.isfinite(probability).all() or (self.classifier and np.isnan(answer.p_cloud)):
            raise IrisError("makes the model answer NaN")
        spread = clear if answer.spread is None and self.turned else answer.spread
        nowhere = np.float32(np.nan)
        unsure = probability[seen] if answer.probability is not None else answer.p_cloud
        return Prediction(
            one.frame,
            np.where(seen, probability, nowhere),
            one.header,
            self.id,
            self.threshold,
            answer.p_cloud,
            nan if self.unet is None else self._fraction(probability[seen]),
            float(np.mean(entropy(unsure))),
            None if spread is None else np.where(seen, spread, nowhere),
            one.id,
            sky_threshold=self.sky_threshold,
        )

    def cut(self, prediction: Prediction) -> Prediction:
        """Cut what the same models have predicted at this threshold: nothing is computed anew."""
        seen = np.isfinite(prediction.probability)
        fraction = nan if self.unet is None else self._fraction(prediction.probability[seen])
        cut = replace(prediction, threshold=self.threshold, cloud_fraction=fraction)
        return replace(cut, sky_threshold=self.sky_threshold)

    def _fraction(self, probability: NDArray[np.float32]) -> float:
        return float(np.mean(probability >= np.float32(self.threshold)))

    def sky(self, prediction: Prediction) -> FrameClass:
        """Class of a frame: as the classifier says; without one, by the cloud fraction."""
        if self.classifier is None:
            return class_of(prediction.cloud_fraction)
        return "clear" if self._is_clear(prediction.p_cloud) else "cloudy"

    def _classify(self, frames: Sequence[Loaded]) -> list[float]:
        """Probability of cloud in each frame; NaN without a classifier."""
        if self.classifier is None:
            return [nan] * len(frames)
        looks = np.stack([one.look for one in frames if one.look is not None])
        return [float(p) for p in self.classifier.probability(looks)]

    @property
    def sky_threshold(self) -> float:
        """Classifier's probability from which a frame is cloudy; NaN without a classifier."""
        if self.classifier is None:
            return nan
        return self.threshold if self.unet is None else self.classifier.card.threshold

    def _is_clear(self, p_cloud: float) -> bool:
        return p_cloud < self.sky_threshold

    def _segment(
        self, unet: Model, x: NDArray[np.float32]
    ) -> Iterable[tuple[NDArray[np.float32], NDArray[np.float32] | None]]:
        """Probability and, if it is asked for, spread of each input."""
        if self.turned:
            return zip(*turned_answers(unet.probability, x), strict=True)
        return ((probability, None) for probability in unet.probability(x))


def entropy(probability: NDArray[np.floating] | float) -> NDArray[np.float64]:
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
    if model.card.network.planes != 1:
        reason = f"is for pictures of {model.card.network.planes} planes, a sky frame has one"
        raise ModelError(model.folder, reason, "give a model with planes 1")
    return model
