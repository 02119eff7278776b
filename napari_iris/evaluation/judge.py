"""What a freshly trained model is worth, on frames that it did not learn from."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from napari_iris.errors import FileError, IrisError
from napari_iris.evaluation.config import EvaluateConfig
from napari_iris.evaluation.evaluate import Evaluation
from napari_iris.inference.config import PredictConfig
from napari_iris.inference.night import predict_night
from napari_iris.inference.predictor import Predictor
from napari_iris.metrics.temperature import OF_FIT, temperature_of
from napari_iris.networks.card import read_card, write_card
from napari_iris.training.lineage import run_lineage
from napari_iris.training.run_folder import RUN, RunFolder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from napari_iris.evaluation.report import Report
    from napari_iris.events import OnEvent, ScoresEvent
    from napari_iris.frames.paths import FramePaths

UNKNOWN_HISTORY = (
    "It is not known which frames {} has learnt, which this model was trained from: some of these "
    "may be among them."
)

JUDGED = ("validation", "test")
"""Parts of a split that a model is judged by."""


def judge(
    model: Path,
    data: Path,
    on_event: OnEvent,
    predictions: Path | None = None,
    *,
    measured: bool = True,
) -> dict[str, Report]:
    """Calibrate a trained model, and measure it on its validation and test frames.

    The temperature is fitted on the validation frames and kept in the model's card. Reports go to
    ``run/validation`` and ``run/test`` of the model's folder. A frame that fails is told of, and
    the rest goes on.

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
        Folder to leave the predictions in; by default they are not kept.
    measured : bool
        Whether to measure them, or only to calibrate and predict.

    Returns
    -------
    dict of str to Report
        By part; a part without frames, or with none that can be measured, has none.

    Raises
    ------
    IrisError
        If the model cannot be read any more, or what came of it cannot be written.
    """
    run = RunFolder(model)
    trained = run.config()
    config = EvaluateConfig(masks=trained.masks, seed=trained.seed)
    reports: dict[str, Report] = {}
    remarks = tuple(map(UNKNOWN_HISTORY.format, run_lineage(run).unknown))
    with _folder(predictions) as kept:
        judging = _Judging(model, data, config, kept, on_event)
        parts = {part: paths for part in JUDGED if len(paths := run.split()[part])}
        fitted = "validation" in parts and judging.calibrate(parts["validation"])
        for part, paths in parts.items():
            if not measured:
                judging.predict(paths)
            elif (report := judging.measure(paths)) is not None:
                in_sample = OF_FIT if part == "validation" and fitted else ()
                reports[part] = replace(report, in_sample=in_sample, remarks=remarks)
                reports[part].write(model / RUN / part)
                on_event(_scores_event(part, reports[part]))
    return reports


class _Judging:
    """Predict and measure some frames; each file that fails is told of once."""

    def __init__(
        self, model: Path, data: Path, config: EvaluateConfig, folder: Path, on_event: OnEvent
    ) -> None:
        self.model, self.data, self.config, self.folder = model, data, config, folder
        self._on_event, self._told = on_event, set[str]()

    def calibrate(self, paths: FramePaths) -> bool:
        """Keep the temperature that the validation frames tell; whether they tell one."""
        _set_temperature(self.model, 1.0)  # of an earlier measuring
        temperature, why = temperature_of(self.measure(paths))
        _set_temperature(self.model, temperature)
        self._on_event(
            {
                "event": "calibrated",
                "temperature": temperature,
                "frames": len(paths),
                "why": why,
            }
        )
        return not why

    def measure(self, paths: FramePaths) -> Report | None:
        """Predict some frames, and measure the predictions; None where none can be measured."""
        self.predict(paths)
        try:
            evaluation = Evaluation(self.folder, self.data, self.config, only=paths)
            self._follow(evaluation.run())
            return evaluation.report()
        except IrisError as error:
            self._fail(getattr(error, "path", self.data), error)
            return None

    def predict(self, paths: FramePaths) -> None:
        """Predict some frames into the folder."""
        predictor = Predictor.open(self.model, None, PredictConfig(engine="openvino"))
        self._follow(predict_night(paths, self.folder, predictor))

    def _follow(self, outcomes: Iterable[object]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, FileError):
                self._fail(outcome.path, outcome)

    def _fail(self, path: Path, error: IrisError) -> None:
        if str(error) not in self._told:
            self._told.add(str(error))
            self._on_event({"event": "failed", "file": str(path), "message": str(error)})


def _set_temperature(model: Path, temperature: float) -> None:
    write_card(model, read_card(model).model_copy(update={"temperature": temperature}))


def _scores_event(part: str, report: Report) -> ScoresEvent:
    """Scores of the model and of each baseline."""
    block = report.pixels or report.sky
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
