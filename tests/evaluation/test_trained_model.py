"""The temperature of a trained model, from the evaluation of its validation frames."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_iris.dataset.find import find_samples
from napari_iris.dataset.split import Split
from napari_iris.evaluation import trained_model
from napari_iris.evaluation.config import EvaluateConfig
from napari_iris.evaluation.evaluate import evaluate_frames
from napari_iris.evaluation.report_files import write_report
from napari_iris.evaluation.report_json import report_as_dict
from napari_iris.evaluation.trained_model import FITTED_SCORES, choose_temperature
from napari_iris.networks.card import ModelCard, read_card, write_card
from napari_iris.networks.spec import NetworkSpec
from napari_iris.training.config import TrainConfig
from napari_iris.training.run_folder import RunFolder

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_iris.evaluation.report import Report
    from napari_iris.frames.paths import FramePaths

QUICK = EvaluateConfig(resamples=100, jobs=1)
SHAPE = (16, 20)


@pytest.fixture
def evaluated(night: object) -> Callable[..., Report]:
    """Evaluate frames of given cloud: ``evaluated([0.2, 1.0], scale=2.0, share=0.9)``.

    The logits are right in a share of the pixels, and as large as the scale says.
    """

    def evaluate(clouds: list[float], scale: float, share: float) -> Report:
        rng = np.random.default_rng(1)
        for cloud in clouds:
            mask = np.zeros(SHAPE, np.uint8)
            mask[:, : round(cloud * SHAPE[1])] = 1
            frame = 600 + 60 * (mask == 1) + rng.normal(0, 10, SHAPE)
            right = rng.random(SHAPE) < share
            logits = scale * np.where(right == (mask == 1), 1, -1)
            night.write(frame, mask, 1 / (1 + np.exp(-logits)))
        return evaluate_frames(night.predictions, night.truth, QUICK)

    return evaluate


MIXED = [0.5, 0.2, 0.8, 0.0, 0.6, 1.0, 0.4, 0.3]


def test_an_overconfident_model_gets_its_temperature(evaluated: Callable[..., Report]) -> None:
    report = evaluated(MIXED, scale=4.0, share=0.9)
    temperature, why = choose_temperature(report)
    assert not why
    assert temperature == pytest.approx(4.0 / np.log(0.9 / 0.1), rel=0.1)


@pytest.mark.parametrize(
    ("clouds", "scale", "share", "reason"),
    [
        ([0.0, 0.5, 0.0, 0.3, 0.0], 2.0, 0.9, "2 validation frames with cloud, 3 are needed"),
        ([1.0, 1.0, 1.0, 0.5], 2.0, 0.9, "1 validation frame with clear sky, 3 are needed"),
        ([1.0] * 6, 2.0, 0.9, "0 validation frames with clear sky, 3 are needed"),
        (MIXED, 2.0, 0.5, "it is not clearly better than chance on the validation frames"),
        (MIXED, 2.0, 1.0, "it is nearly always right on the validation frames"),
        (MIXED, 0.01, 0.9, "none from 0.05 to 20 fits the validation frames"),
    ],
)
def test_without_a_reliable_fit_the_temperature_is_1(
    evaluated: Callable[..., Report], clouds: list[float], scale: float, share: float, reason: str
) -> None:
    assert choose_temperature(evaluated(clouds, scale, share)) == (1.0, reason)


def test_without_an_evaluation_the_temperature_is_1() -> None:
    assert choose_temperature(None) == (1.0, "no validation frame could be evaluated")


def test_scores_of_the_frames_that_it_was_fitted_on_are_marked(
    evaluated: Callable[..., Report], tmp_path: object
) -> None:
    report = evaluated(MIXED, 4.0, 0.9)
    assert not any("in-sample" in warning for warning in report.warnings())
    marked = replace(report, in_sample=FITTED_SCORES)
    write_report(marked, tmp_path / "out")
    text = (tmp_path / "out" / "report.md").read_text()
    assert "| BCE (in-sample) |" in text
    assert "| ECE (in-sample) |" in text
    assert "BCE and ECE are in-sample" in text
    assert report_as_dict(marked)["in_sample"] == ["bce", "ece"]


def test_the_temperature_is_fitted_on_the_validation_frames_alone(
    night: Any, make_frame: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(8):
        night.write(*make_frame(number), hours=float(number))
    samples, rows = find_samples(night.truth, jobs=1), np.arange(8)
    split = Split(rows[:3], rows[3:6], rows[6:], 1, {"same": 0, "alike": 0}, saved=False)
    run, network = RunFolder(night.folder / "model"), NetworkSpec(kind="unet")
    run.create(TrainConfig(network=network), {})
    run.write_split(samples, split)
    write_card(run.folder, ModelCard.of(network, temperature=1.7))
    evaluated, temperatures = [], []

    def evaluate(self: object, paths: FramePaths) -> None:
        evaluated.append([path.name for path in paths])
        temperatures.append(read_card(run.folder).temperature)

    monkeypatch.setattr(trained_model._Evaluator, "evaluate", evaluate)
    events: list[Any] = []
    assert trained_model.evaluate_trained(run.folder, night.truth, events.append) == {}
    names = [path.name for path in samples.paths]
    assert evaluated == [names[3:6], names[3:6], names[6:]], "once to fit, then each part"
    assert temperatures == [1.0] * 3, "it is fitted without the one of an earlier evaluation"
    assert [(one["event"], one["frames"]) for one in events] == [("calibrated", 3)]
