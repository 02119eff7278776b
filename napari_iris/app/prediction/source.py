"""Where the prediction of a frame comes from: a model, or a file."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from napari_iris.app.clear_sky import references_for
from napari_iris.errors import IrisError
from napari_iris.inference.config import PredictConfig
from napari_iris.inference.prediction_file import PredictionError, read_prediction
from napari_iris.inference.predictor import Predictor
from napari_iris.inference.stored import stored_predictions
from napari_iris.matching.names import existing_paths, prediction_path
from napari_iris.networks.card import CARD
from napari_iris.networks.find import find_model
from napari_iris.networks.weights import WEIGHTS
from napari_iris.radiometry.reference_set import ReferenceSet

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from astropy.io import fits
    from numpy.typing import NDArray

    from napari_iris.app.clear_sky import ClearSky
    from napari_iris.frames.sequence import FrameSequence
    from napari_iris.inference.prediction_file import Prediction

MAX_OPEN = 2
"""Predictors that stay open: a user compares two models in turn."""

Stamp = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class FramePrediction:
    """The prediction of a frame, and where it comes from.

    Attributes
    ----------
    frame : Path
        The frame's file.
    prediction : Prediction
        Its prediction.
    file : Path or None
        File that it was read from; None if it was computed.
    seconds : float
        Time that took, without opening the model.
    """

    frame: Path
    prediction: Prediction
    file: Path | None
    seconds: float


class PredictionSource(Protocol):
    """Gives the prediction of a frame; called in one background thread."""

    def get(self, sequence: FrameSequence, number: int) -> FramePrediction:
        """Give the prediction of a frame of a sequence.

        Raises
        ------
        IrisError
            If there is none.
        """


class OpenPredictors:
    """Keeps the predictors used last open, until the files of their models change.

    The engine is always OpenVINO: TensorFlow and a window in one process crash.
    """

    def __init__(self) -> None:
        self._open: dict[tuple[Path, Path | None], tuple[Stamp, Predictor]] = {}

    def get(self, model: Path, classifier: Path | None, *, turned: bool) -> Predictor:
        """Give a predictor, opened before or now.

        Parameters
        ----------
        model : Path
            Folder of the U-Net.
        classifier : Path or None
            Folder of the VGG8 that runs first; None for none.
        turned : bool
            Whether it predicts flipped and shifted copies, too.

        Raises
        ------
        ModelError
            If a model is missing, damaged, or of the other kind.
        """
        key, stamp = (model, classifier), (*_stamp(model), *_stamp(classifier))
        known = self._open.pop(key, None)
        if known is None or known[0] != stamp:
            config = PredictConfig(engine="openvino")
            known = stamp, Predictor.open(model, classifier, config)
        self._open[key] = known  # last: the first one is the one unused for longest
        while len(self._open) > MAX_OPEN:
            del self._open[next(iter(self._open))]
        predictor = known[1]
        return Predictor(predictor.unet, predictor.classifier, turned=turned)


@dataclass(frozen=True)
class ModelSource:
    """A model; frames that it has predicted into a folder already are read from there.

    Attributes
    ----------
    predictors : OpenPredictors
        The open predictors.
    model : Path
        Folder of the U-Net.
    classifier : Path or None
        Folder of the VGG8 that runs first.
    turned : bool
        Whether flipped and shifted copies are predicted, too, for their spread.
    folder : Path or None
        Folder of its predictions.
    clear_sky : ClearSky or None
        What is known of the clear sky of the open frames; None for nothing.
    """

    predictors: OpenPredictors
    model: Path
    classifier: Path | None = None
    turned: bool = False
    folder: Path | None = None
    clear_sky: ClearSky | None = None

    def get(self, sequence: FrameSequence, number: int) -> FramePrediction:
        """Give the prediction from its file if there is one, else compute it."""
        predictor = self.predictors.get(self.model, self.classifier, turned=self.turned)
        begin = time.perf_counter()
        path, frame = sequence.paths[number], sequence.frame(number)
        stored = self._stored(path, frame.data, predictor.id)
        if stored is not None:
            return FramePrediction(path, *stored, time.perf_counter() - begin)
        predictor.clear_sky = self._references(frame.header)
        predictor.use_site_mask(None if self.clear_sky is None else self.clear_sky.site)
        (prediction,) = predictor.predict([predictor.prepare(frame.data, frame.header)])
        return FramePrediction(path, prediction, None, time.perf_counter() - begin)

    def _references(self, header: fits.Header) -> ReferenceSet:
        """Give the references of a frame; none while they are learned, or where damaged."""
        known = self.clear_sky
        if known is None or not known.is_known:
            return ReferenceSet()
        try:
            return references_for(known.references, header)
        except IrisError:  # the Curate dock says what is wrong
            return ReferenceSet()

    def _stored(
        self, path: Path, frame: NDArray[np.float32], model: str
    ) -> tuple[Prediction, Path] | None:
        """Find a prediction of these pixels by this version of the model."""
        if self.folder is None:
            return None
        for file, found in stored_predictions(path, frame, self.folder):
            if found.model == model and (found.spread is not None or not self.turned):
                return found, file
        return None


@dataclass(frozen=True)
class FileSource:
    """Stored predictions.

    Attributes
    ----------
    folder : Path
        Folder of the predictions.
    """

    folder: Path

    def get(self, sequence: FrameSequence, number: int) -> FramePrediction:
        """Give the prediction from its file."""
        begin = time.perf_counter()
        path, frame = sequence.paths[number], sequence.frame(number)
        for file, found in stored_predictions(path, frame.data, self.folder):
            return FramePrediction(path, found, file, time.perf_counter() - begin)
        raise self._missing(path)

    def _missing(self, frame: Path) -> PredictionError:
        """Say why there is none: no file, a damaged one, or one of another frame of this name."""
        fix = "predict it, or choose another folder"
        for file in existing_paths(frame, self.folder):
            other = read_prediction(file).frame_path or "another frame of this name"
            return PredictionError(file, f"is of {other}, not of the current frame", fix)
        file = prediction_path(frame, self.folder)
        return PredictionError(file, "there is no prediction of this frame", fix)


def _stamp(model: Path | None) -> Stamp:
    """When the files of a model were last changed."""
    if model is None:
        return ()
    folder = find_model(model)
    times = []
    for name in (CARD, WEIGHTS):
        try:
            times.append((folder / name).stat().st_mtime_ns)
        except OSError:  # opening the model reports what is wrong
            times.append(0)
    return tuple(times)
