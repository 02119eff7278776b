"""``iris.predict``: the probability of cloud in every pixel of a frame, or of many."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, TypedDict, Unpack, overload

from napari_iris.api.inputs import as_counts, is_many
from napari_iris.api.options import config_from
from napari_iris.api.references import references_for
from napari_iris.api.results import map_frames
from napari_iris.inference.config import PredictConfig
from napari_iris.inference.predictor import Predictor
from napari_iris.networks.find import find_classifier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from napari_iris.api.inputs import FrameLike, Frames
    from napari_iris.api.references import ReferenceLike
    from napari_iris.inference.config import EngineName, Precision
    from napari_iris.inference.prediction_file import Prediction
    from napari_iris.radiometry.reference_set import ReferenceSet

    ModelLike = str | Path


class PredictOptions(TypedDict, total=False):
    """Keywords of `predict`: the fields of `PredictConfig`."""

    batch_size: int
    threshold: float | None
    engine: EngineName
    precision: Precision
    turned: bool


@overload
def predict(
    frame: FrameLike,
    model: ModelLike = ...,
    classifier: ModelLike | None = ...,
    config: PredictConfig | None = ...,
    reference: ReferenceLike = ...,
    **options: Unpack[PredictOptions],
) -> Prediction: ...
@overload
def predict(
    frame: Frames,
    model: ModelLike = ...,
    classifier: ModelLike | None = ...,
    config: PredictConfig | None = ...,
    reference: ReferenceLike = ...,
    **options: Unpack[PredictOptions],
) -> Sequence[Prediction]: ...
def predict(
    frame: FrameLike | Frames,
    model: ModelLike = "unet-lwir",
    classifier: ModelLike | None = "auto",
    config: PredictConfig | None = None,
    reference: ReferenceLike = "auto",
    **options: Unpack[PredictOptions],
) -> Prediction | Sequence[Prediction]:
    """Predict the probability of cloud in every pixel of a frame.

    Opening a model takes longer than predicting a frame, so pass many frames in one call.

    Parameters
    ----------
    frame : str, Path, array, masked array, Quantity, NDData, Frame, or a sequence of these
        The frame as the camera wrote it, in ADU or any unit of counts. A `Night` is a sequence.
    model : str or Path
        A model folder, or the name of a shipped model; see `list_models`.
    classifier : str, Path or None
        A model that finds the clear frames, which are then not segmented: ``'auto'`` for the one
        that the model's card names, None or ``'none'`` for no classifier.
    config : PredictConfig, optional
        Settings; by default those of ``napari-iris predict``.
    reference : str, Path or ReferenceSet
        Clear-sky reference that predictions are compared with, as for `mask`: it changes ``trust``,
        and the probability of models that take the excess above it as input.
    **options
        Fields of `PredictConfig`, in place of those of `config`: ``threshold``, ``batch_size``,
        ``engine``, ``precision``, ``turned``.

    Returns
    -------
    Prediction, or a sequence of these
        ``probability`` from 0 to 1, NaN for pixels that are blank or masked. For a list of frames a
        list, for a `Night` a lazy `Results`.

    Raises
    ------
    ModelError
        If there is no such model, or it is damaged or of the wrong kind.
    FrameError
        If a file cannot be read.
    IrisError
        If the frame has the same value everywhere, is too small, or has a unit that is not one of
        counts, or if a setting is out of range.
    ReferenceFileError
        If a reference file cannot be used.
    TypeError
        If a keyword is not a setting.

    Examples
    --------
    >>> import napari_iris as iris
    >>> frames = iris.simulate(2, sky="overcast", seed=1)
    >>> first, second = iris.predict(frames, threshold=0.5)
    >>> first.probability.shape
    (128, 160)
    >>> first.cloud_fraction > 0.8
    True
    >>> first.to_fits("sky_pred.fits")
    """
    settings = config_from(PredictConfig, config, options, "predict")
    known = references_for(reference, frame)
    predictor = Predictor.open(model, _classifier(model, classifier), settings)
    size = settings.batch_size
    compute = partial(_predictions, predictor=predictor, batch_size=size, known=known)
    if is_many(frame):
        return map_frames(frame, compute)
    return next(compute([frame]))


def _classifier(model: ModelLike, classifier: ModelLike | None) -> ModelLike | None:
    if classifier == "auto":
        return find_classifier(model)
    return None if classifier == "none" else classifier


def _predictions(
    frames: Iterable[FrameLike],
    predictor: Predictor,
    batch_size: int,
    known: Callable[[], ReferenceSet],
) -> Iterator[Prediction]:
    """Predict frames in batches, in order."""
    predictor.clear_sky = known()
    rest = map(as_counts, frames)
    while batch := list(islice(rest, batch_size)):
        loaded = [predictor.prepare(one.data, one.header) for one in batch]
        for one, prediction in zip(batch, predictor.predict(loaded), strict=True):
            path = "" if one.path is None else str(one.path)
            yield replace(prediction, frame_path=path)
