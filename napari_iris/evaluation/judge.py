"""What a freshly trained model is worth, on frames that it did not learn from."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_iris.errors import FileError
from napari_iris.evaluation.block import MODEL
from napari_iris.evaluation.config import EvaluateConfig
from napari_iris.evaluation.evaluate import Evaluation
from napari_iris.evaluation.report import defined
from napari_iris.inference.config import PredictConfig
from napari_iris.inference.night import predict_night
from napari_iris.inference.predictor import Predictor
from napari_iris.networks.card import read_card, write_card
from napari_iris.training.run_folder import RUN, RunFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari_iris.evaluation.report import Report
    from napari_iris.frames.paths import FramePaths

ENOUGH_ERRORS = 20
"""Wrong answers, pixels or frames, from which a temperature can be told."""

JUDGED = ("validation", "test")
"""Parts of a split that a model is judged by."""


def judge(
    model: Path,
    data: Path,
    tell: Callable[[str, dict[str, Any]], None],
    predictions: Path | None = None,
    *,
    measured: bool = True,
) -> dict[str, Report]:
    """Calibrate a trained model, and measure it on its validation and test frames.

    The temperature is fitted on the validation frames and kept in the model's card. Reports go to
    ``run/validation`` and ``run/test`` of the model's folder.

    Parameters
    ----------
    model : Path
        The model's folder, with the run that trained it.
    data : Path
        What it was trained on, as for `find_samples`.
    tell : callable
        Takes 'judged' and the facts of each part, as events.
    predictions : Path, optional
        Folder to leave the predictions in; by default they are not kept.
    measured : bool
        Whether to measure them, or only to calibrate and predict.

    Returns
    -------
    dict of str to Report
        By part; a part without frames has none.

    Raises
    ------
    IrisError
        If the frames or the model cannot be read any more.
    """
    run = RunFolder(model)
    trained = run.config()
    parts = {part: run.split()[part] for part in JUDGED}
    config = EvaluateConfig(masks=trained.masks, seed=trained.seed)
    with _folder(predictions) as kept:
        if parts["validation"]:
            _set_temperature(model, 1.0)  # of an earlier measuring
            _calibrate(model, _measure(model, parts["validation"], data, config, kept))
        reports = {}
        for part, paths in parts.items():
            if paths and measured:
                reports[part] = _measure(model, paths, data, config, kept)
                reports[part].write(model / RUN / part)
                tell("judged", {"part": part, **_told(reports[part])})
            elif paths:
                _predict(model, paths, kept)
    return reports


def _measure(
    model: Path, paths: FramePaths, data: Path, config: EvaluateConfig, folder: Path
) -> Report:
    """Predict some frames, and measure the predictions."""
    _predict(model, paths, folder)
    evaluation = Evaluation(folder, data, config, only=paths)
    for found in evaluation.run():
        if isinstance(found, FileError):
            raise found
    return evaluation.report()


def _predict(model: Path, paths: FramePaths, folder: Path) -> None:
    predictor = Predictor.open(model, None, PredictConfig(engine="openvino"))
    for outcome in predict_night(paths, folder, predictor):
        if isinstance(outcome, FileError):
            raise outcome


def _calibrate(model: Path, report: Report) -> None:
    """Keep the temperature at which the model's probabilities mean what they say.

    A model that is right nearly always gives nothing to tell it from, and keeps its own.
    """
    block = report.pixels or report.sky
    if block is None or not isfinite(block.temperature):
        return
    (_, false), (missed, _) = block.confusion(MODEL).tolist()
    if false + missed >= ENOUGH_ERRORS:
        _set_temperature(model, block.temperature)


def _set_temperature(model: Path, temperature: float) -> None:
    write_card(model, read_card(model).model_copy(update={"temperature": temperature}))


def _told(report: Report) -> dict[str, Any]:
    """Scores of the model and of each baseline, as an event has them."""
    block = report.pixels or report.sky
    return {} if block is None else {"frames": block.frames, "scores": defined(block.scores)}


@contextmanager
def _folder(predictions: Path | None) -> Iterator[Path]:
    if predictions is not None:
        yield predictions
    else:
        with tempfile.TemporaryDirectory(prefix="iris-") as folder:
            yield Path(folder)
