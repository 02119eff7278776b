"""The prediction in words and numbers."""

from __future__ import annotations

from dataclasses import replace
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from napari_iris.app.prediction.summary import summarize
from napari_iris.errors import IrisError
from napari_iris.numbers import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_iris.app.prediction.current import CurrentPrediction


def test_a_computed_prediction(current: CurrentPrediction, source: Any) -> None:
    summary = summarize(current)
    assert (summary["model"], summary["cloud"]) == ("unet1@0", "20.0% (1.6 oktas)")
    assert summary["p_cloud"] == UNDEFINED, "no classifier"
    assert summary["source"] == "computed (22 ms)"
    current.set_threshold(0.0)
    assert summarize(current)["cloud"] == "100.0% (8.0 oktas)"


def test_a_stored_prediction(current: CurrentPrediction, source: Any) -> None:
    assert current.result is not None
    known = replace(current.result.prediction, p_cloud=0.25, uncertainty=0.4)
    file = Path("night/unet1/sky_3_pred.fits")
    current.result = replace(current.result, prediction=known, file=file)
    summary = summarize(current)
    assert (summary["p_cloud"], summary["uncertainty"]) == ("0.250", "0.400")
    assert summary["source"] == "file unet1/sky_3_pred.fits"


@pytest.mark.parametrize(
    ("novelty", "text"),
    [(0.456, "0.46"), (1.0, "1.00"), (1.7, "1.70: unlike the training frames"), (nan, UNDEFINED)],
)
def test_a_frame_unlike_the_training_frames(
    current: CurrentPrediction, source: Any, novelty: float, text: str
) -> None:
    assert current.result is not None
    known = replace(current.result.prediction, novelty=novelty)
    current.result = replace(current.result, prediction=known)
    assert summarize(current)["novelty"] == text


def test_without_frames(current: CurrentPrediction) -> None:
    summary = summarize(current)
    assert summary["model"] == summary["cloud"] == summary["uncertainty"] == UNDEFINED
    assert summary["source"] == "No frames are open."


def test_while_there_is_none(
    current: CurrentPrediction, night: Path, settle: Callable[[], None]
) -> None:
    assert summarize(current)["source"] == UNDEFINED

    class Broken:
        def get(self, *_: Any) -> Any:
            raise IrisError("sky_3.fits: is empty")

    current.set_source(Broken())
    assert summarize(current)["source"] == "Predicting..."
    settle()
    assert summarize(current)["source"] == "sky_3.fits: is empty"
