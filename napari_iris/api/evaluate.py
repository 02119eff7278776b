"""``iris.evaluate``: scores of predictions and of the trivial baselines."""

from __future__ import annotations

import os
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Literal, TypedDict, Unpack
from weakref import finalize

from napari_iris.api.evaluation_result import EvaluationResult
from napari_iris.api.options import config_from
from napari_iris.api.truth import ONE_TRUTH, write_pairs, write_predictions
from napari_iris.errors import IrisError
from napari_iris.evaluation.config import EvaluateConfig
from napari_iris.evaluation.evaluate import evaluate_frames
from napari_iris.inference.prediction_file import Prediction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_iris.api.truth import TruthLike

    Predictions = str | os.PathLike[str] | Prediction | Iterable[Prediction]
    Truth = str | os.PathLike[str] | TruthLike | Iterable[TruthLike]


class EvaluateOptions(TypedDict, total=False):
    """Keywords of `evaluate`: the fields of `EvaluateConfig`."""

    threshold: float | None
    masks: Literal["approved", "best", "auto", "model"]
    accepted: bool
    reference: str
    site_mask: str
    resamples: int
    seed: int
    jobs: int


def evaluate(
    predictions: Predictions,
    truth: Truth,
    config: EvaluateConfig | None = None,
    *,
    against: str | os.PathLike[str] | None = None,
    **options: Unpack[EvaluateOptions],
) -> EvaluationResult:
    """Evaluate predictions against their truth, and the trivial baselines on the same frames.

    Parameters
    ----------
    predictions : str, Path, Prediction, or sequence of Prediction
        A folder that ``napari-iris predict`` wrote, or predictions in memory.
    truth : str, Path, array, masked array, CloudMask, SimulatedFrame, or sequence of these
        A project, a folder of mask files, or a folder with ``frames/`` and ``truth/``; or one truth
        for each prediction, in the same order. An array has 0 for sky, 1 for cloud, 2 for ignored
        pixels; masked pixels are ignored too. A path in a sequence is that of a mask file.
    config : EvaluateConfig, optional
        Settings; by default those of ``napari-iris evaluate``.
    against : str or Path, optional
        Folder of another model's predictions of the same frames, to compare with; `predictions` and
        `truth` must be folders, too.
    **options
        Fields of `EvaluateConfig`, in place of those of `config`: ``threshold``, ``masks``,
        ``accepted``, ``reference``, ``site_mask``, ``resamples``, ``seed``, ``jobs``.

    Returns
    -------
    EvaluationResult
        Scores of the model and of the baselines, and the whole report.

    Raises
    ------
    IrisError
        If nothing matches, the numbers of predictions and truths differ, a truth is not a mask, or
        a setting is out of range.
    TypeError
        If a keyword is not a setting.

    Examples
    --------
    >>> import napari_iris as iris
    >>> frames = iris.simulate(4, sky="mixed", seed=2)
    >>> found = iris.evaluate(iris.predict(frames), frames, resamples=100)
    >>> found.scores["accuracy"] > found.baselines["all_cloud"]["accuracy"]
    True
    >>> len(found.table)
    4
    >>> found.write("report")
    """
    settings = config_from(EvaluateConfig, config, options, "evaluate")
    if isinstance(predictions, str | os.PathLike):
        if not isinstance(truth, str | os.PathLike):
            raise IrisError("truth: predictions in a folder need truth in a folder")
        other = None if against is None else Path(against)
        return EvaluationResult(evaluate_frames(Path(predictions), Path(truth), settings, other))
    if against is not None:
        raise IrisError("against: predictions and truth must be folders too")
    folder = Path(mkdtemp(prefix="iris-evaluate-"))
    try:
        made, wanted = _write(predictions, truth, folder)
        result = EvaluationResult(evaluate_frames(made, wanted, settings))
    except BaseException:
        rmtree(folder)
        raise
    finalize(result, rmtree, folder, ignore_errors=True)  # figures read the files again
    return result


def _write(
    predictions: Prediction | Iterable[Prediction], truth: Truth, folder: Path
) -> tuple[Path, Path]:
    """Write predictions in memory, and their truth, to a folder; return the places of both."""
    made, wanted = folder / "predictions", folder / "truth"
    made.mkdir()
    many = [predictions] if isinstance(predictions, Prediction) else predictions
    if isinstance(truth, str | os.PathLike):
        write_predictions(many, made)
        return made, Path(truth)
    wanted.mkdir()
    write_pairs(many, [truth] if isinstance(truth, ONE_TRUTH) else truth, made, wanted)
    return made, wanted
