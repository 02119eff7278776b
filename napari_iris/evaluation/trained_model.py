"""Calibrate and evaluate a trained model on the validation and test frames of its run."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from napari_iris.dataset.clear_sky import known_references
from napari_iris.dataset.find import data_site_mask
from napari_iris.errors import FileError, IrisError
from napari_iris.evaluation.config import EvaluateConfig
from napari_iris.evaluation.evaluate import Evaluation
from napari_iris.evaluation.pooled_scores import MODEL
from napari_iris.evaluation.report_files import write_report
from napari_iris.inference.config import PredictConfig
from napari_iris.inference.pipeline import predict_frames
from napari_iris.inference.predictor import Predictor
from napari_iris.metrics.temperature import distrust_temperature
from napari_iris.networks.card import read_card, write_card
from napari_iris.training.lineage import run_lineage
from napari_iris.training.run_folder import EVALUATED_PARTS, RUN, RunFolder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from napari_iris.evaluation.report import Report
    from napari_iris.events import OnEvent, ScoresEvent
    from napari_iris.frames.paths import FramePaths

UNKNOWN_FRAMES = (
    "The training frames of {}, from which this model was initialised, are not known: some of "
    "these may be among them."
)

FITTED_SCORES = ("bce", "ece")
"""Scores that the temperature improves on the frames that it was fitted on."""


def evaluate_trained(
    model: Path,
    data: Path,
    on_event: OnEvent,
    predictions: Path | None = None,
    *,
    evaluated: bool = True,
) -> dict[str, Report]:
    """Calibrate a trained model, and evaluate it on its validation and test frames.

    The temperature is fitted on the validation frames and stored in the model's card. Reports are
    written to ``run/validation`` and ``run/test`` in the model's folder.

    Parameters
    ----------
    model : Path
        The model's folder, with the run that trained it.
    data : Path
        What it was trained on, as for `find_samples`.
    on_event : callable
        Called with a `FailedEvent` for each file that cannot be used, a `CalibratedEvent`, and a
        `ScoresEvent` for each part.
    predictions : Path, optional
        Folder to keep the predictions in; by default they are deleted.
    evaluated : bool
        Whether to evaluate, or only to calibrate and predict.

    Returns
    -------
    dict of str to Report
        By part; without those that have no frames, or none that can be evaluated.

    Raises
    ------
    IrisError
        If the model cannot be read, or a result cannot be written.
    """
    run = RunFolder(model)
    trained = run.config()
    config = EvaluateConfig(masks=trained.masks, seed=trained.seed, site_mask=trained.site_mask)
    reports: dict[str, Report] = {}
    remarks = tuple(map(UNKNOWN_FRAMES.format, run_lineage(run).unknown))
    with _folder(predictions) as kept:
        evaluator = _Evaluator(run, data, config, kept, on_event)
        parts = {part: paths for part in EVALUATED_PARTS if len(paths := run.split()[part])}
        is_fitted = "validation" in parts and evaluator.calibrate(parts["validation"])
        for part, paths in parts.items():
            if not evaluated:
                evaluator.predict(paths)
            elif (report := evaluator.evaluate(paths)) is not None:
                in_sample = FITTED_SCORES if part == "validation" and is_fitted else ()
                reports[part] = replace(report, in_sample=in_sample, remarks=remarks)
                write_report(reports[part], model / RUN / part)
                on_event(_scores_event(part, reports[part]))
    return reports


def choose_temperature(report: Report | None) -> tuple[float, str]:
    """Choose the temperature that a trained model's logits are divided by.

    Parameters
    ----------
    report : Report or None
        Evaluation of the model on its validation frames, at temperature 1.

    Returns
    -------
    temperature : float
        The one with the smallest cross-entropy there; 1 where these frames do not determine it.
    reason : str
        Why they do not; empty where they do.
    """
    block = None if report is None else report.pixels or report.classes
    if report is None or block is None:
        return 1.0, "no validation frame could be evaluated"
    table = report.table
    is_of_pixels = report.pixels is not None
    cloud = table.values["true_cloud_fraction"] if is_of_pixels else table.cloudy
    interval, scores = block.intervals[MODEL]["mcc"], block.scores[MODEL]
    mcc = interval[0] if interval else scores["mcc"]
    reason = distrust_temperature(block.temperature, cloud[table.done], block.counts[MODEL], mcc)
    return (1.0, reason) if reason else (block.temperature, "")


class _Evaluator:
    """Predict and evaluate frames of one model; each file that fails is reported once."""

    def __init__(
        self, run: RunFolder, data: Path, config: EvaluateConfig, folder: Path, on_event: OnEvent
    ) -> None:
        self.model, self.data, self.config, self.folder = run.folder, data, config, folder
        is_auto = run.config().reference == "auto"
        self.references = known_references(data, run.references(), is_auto=is_auto)
        self._on_event, self._reported = on_event, set[str]()

    def calibrate(self, paths: FramePaths) -> bool:
        """Fit the temperature on the validation frames; whether they determine it."""
        _set_temperature(self.model, 1.0)  # there may be one from an earlier evaluation
        temperature, reason = choose_temperature(self.evaluate(paths))
        _set_temperature(self.model, temperature)
        self._on_event(
            {
                "event": "calibrated",
                "temperature": temperature,
                "frames": len(paths),
                "why": reason,
            }
        )
        return not reason

    def evaluate(self, paths: FramePaths) -> Report | None:
        """Predict some frames and evaluate the predictions; None where none can be evaluated."""
        self.predict(paths)
        try:
            evaluation = Evaluation(self.folder, self.data, self.config, only=paths)
            self._report_failures(evaluation.run())
            return evaluation.report()
        except IrisError as error:
            self._fail(getattr(error, "path", self.data), error)
            return None

    def predict(self, paths: FramePaths) -> None:
        """Predict some frames into the folder."""
        predictor = Predictor.open(self.model, None, PredictConfig(engine="openvino"))
        if predictor.takes_excess:
            predictor.clear_sky = self.references
        predictor.use_site_mask(data_site_mask(self.data, self.config.site_mask, paths))
        self._report_failures(predict_frames(paths, self.folder, predictor))

    def _report_failures(self, outcomes: Iterable[object]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, FileError):
                self._fail(outcome.path, outcome)

    def _fail(self, path: Path, error: IrisError) -> None:
        if str(error) not in self._reported:
            self._reported.add(str(error))
            self._on_event({"event": "failed", "file": str(path), "message": str(error)})


def _set_temperature(model: Path, temperature: float) -> None:
    write_card(model, read_card(model).model_copy(update={"temperature": temperature}))


def _scores_event(part: str, report: Report) -> ScoresEvent:
    """Scores of the model and of each baseline."""
    block = report.pixels or report.classes
    warnings = [*report.remarks, *report.one_sided()]
    if block is None:
        return {"event": "judged", "part": part, "warnings": warnings}
    return {
        "event": "judged",
        "part": part,
        "frames": block.frames,
        "scores": block.scores,
        "warnings": warnings,
    }


@contextmanager
def _folder(predictions: Path | None) -> Iterator[Path]:
    if predictions is not None:
        yield predictions
    else:
        with tempfile.TemporaryDirectory(prefix="iris-") as folder:
            yield Path(folder)
