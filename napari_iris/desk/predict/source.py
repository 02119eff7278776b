"""Where the prediction of a frame comes from: a model, asked now, or a file of an earlier night."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from napari_iris.inference.config import PredictConfig
from napari_iris.inference.prediction_file import PredictionError, read_prediction
from napari_iris.inference.predictor import Predictor
from napari_iris.inference.stored import stored_predictions
from napari_iris.matching.names import possible_paths, prediction_path
from napari_iris.networks.card import CARD, find_model
from napari_iris.networks.weights import WEIGHTS

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.frames.sequence import FrameSequence
    from napari_iris.inference.prediction_file import Prediction

KEPT = 2
"""Models that stay open: one asks two of them in turn."""

Stamp = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Seen:
    """A frame's prediction, and how it was come by.

    Attributes
    ----------
    frame : Path
        The frame's file.
    prediction : Prediction
        What the model says.
    stored : Path or None
        File that it was read from; None where it was made now.
    seconds : float
        How long it took, the model's opening apart.
    """

    frame: Path
    prediction: Prediction
    stored: Path | None
    seconds: float


class Source(Protocol):
    """Gives the prediction of a frame, in one thread beside the window."""

    def see(self, sequence: FrameSequence, number: int) -> Seen:
        """Give the prediction of a frame of the night.

        Raises
        ------
        IrisError
            If there is none.
        """


class OpenModels:
    """The models last used, kept open while their files stay as they are.

    The engine is OpenVINO, always: TensorFlow and a window in one process crash.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[Path, Path | None], tuple[Stamp, Predictor]] = {}

    def open(self, model: Path, classifier: Path | None, *, turned: bool) -> Predictor:
        """Open a U-Net, and a classifier before it if there is one.

        Raises
        ------
        ModelError
            If one is missing, damaged, or of the other kind.
        """
        key, stamp = (model, classifier), (*_stamp(model), *_stamp(classifier))
        known = self._kept.pop(key, None)
        if known is None or known[0] != stamp:
            config = PredictConfig(engine="openvino")
            known = stamp, Predictor.open(model, classifier, config)
        self._kept[key] = known
        while len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        opened = known[1]
        return Predictor(opened.unet, opened.classifier, turned=turned)


@dataclass(frozen=True)
class LiveSource:
    """A model that is asked, unless its answer lies in a folder already.

    Attributes
    ----------
    models : OpenModels
        The models that are open.
    model : Path
        Folder of the U-Net.
    classifier : Path or None
        Folder of the VGG8 before it.
    turned : bool
        Whether turned copies are asked too, for their spread.
    folder : Path or None
        Where its predictions of the night go.
    """

    models: OpenModels
    model: Path
    classifier: Path | None = None
    turned: bool = False
    folder: Path | None = None

    def see(self, sequence: FrameSequence, number: int) -> Seen:
        """Give the prediction from its file, where it is there, else ask the model."""
        predictor = self.models.open(self.model, self.classifier, turned=self.turned)
        begin = time.perf_counter()
        path, frame = sequence.paths[number], sequence.frame(number)
        stored = self._stored(path, frame.data, predictor.id)
        if stored is not None:
            return Seen(path, *stored, time.perf_counter() - begin)
        (prediction,) = predictor.answer([predictor.prepare(frame.data, frame.header)])
        return Seen(path, prediction, None, time.perf_counter() - begin)

    def _stored(
        self, path: Path, frame: NDArray[np.float32], model: str
    ) -> tuple[Prediction, Path] | None:
        """Prediction of this very frame by this very model; else it is made anew."""
        if self.folder is None:
            return None
        for file, found in stored_predictions(path, frame, self.folder):
            if found.model == model and (found.spread is not None or not self.turned):
                return found, file
        return None


@dataclass(frozen=True)
class StoredSource:
    """Predictions of an earlier night.

    Attributes
    ----------
    folder : Path
        Their folder.
    """

    folder: Path

    def see(self, sequence: FrameSequence, number: int) -> Seen:
        """Give the prediction from its file."""
        begin = time.perf_counter()
        path, frame = sequence.paths[number], sequence.frame(number)
        for file, found in stored_predictions(path, frame.data, self.folder):
            return Seen(path, found, file, time.perf_counter() - begin)
        raise self._none(path)

    def _none(self, frame: Path) -> PredictionError:
        """Say why there is none: no file, a damaged one, or one of a namesake."""
        fix = "predict it, or choose another folder"
        for file in possible_paths(frame, self.folder):
            if file.is_file():
                other = read_prediction(file).frame_path or "another frame of this name"
                return PredictionError(file, f"is of {other}, not of the frame in view", fix)
        file = prediction_path(frame, self.folder)
        return PredictionError(file, "there is no prediction of this frame", fix)


def _stamp(model: Path | None) -> Stamp:
    """Tell when the files of a model were changed."""
    if model is None:
        return ()
    folder = find_model(model)
    times = []
    for name in (CARD, WEIGHTS):
        try:
            times.append((folder / name).stat().st_mtime_ns)
        except OSError:  # opening it says what is wrong
            times.append(0)
    return tuple(times)
