"""The comparison of two models in a sentence."""

from __future__ import annotations

from math import nan

import pytest

from napari_iris.evaluation.markdown import comparison_sentence
from napari_iris.metrics.comparison import Comparison, Difference
from napari_iris.metrics.counts import SCORES


@pytest.mark.parametrize(
    ("difference", "sentence"),
    [
        (
            Difference(0.12, (0.1, 0.14), 0.001),
            "The model is better than the other; the difference is significant "
            "(MCC +0.1200, 95 % interval +0.1000 to +0.1400, p = 0.001).",
        ),
        (
            Difference(-0.12, (-0.14, -0.1), 0.001),
            "The model is worse than the other; the difference is significant "
            "(MCC -0.1200, 95 % interval -0.1400 to -0.1000, p = 0.001).",
        ),
        (
            Difference(0.12, (-0.1, 0.3), 0.4),
            "The difference between the model and the other may be due to chance "
            "(MCC +0.1200, 95 % interval -0.1000 to +0.3000, p = 0.4).",
        ),
        (
            Difference(0.12, None, nan),
            "The difference between the model and the other may be due to chance "
            "(MCC +0.1200, p = nan).",
        ),
        (
            Difference(0.0, (0, 0), 1.0),
            "The difference between the model and the other may be due to chance "
            "(accuracy +0.0000, 95 % interval +0.0000 to +0.0000, p = 1).",
        ),
        (
            Difference(nan, None, nan),
            "The model and the other cannot be compared: no MCC is defined.",
        ),
    ],
)
def test_sentences(difference: Difference, sentence: str) -> None:
    found = Comparison(dict.fromkeys(SCORES, difference))
    assert comparison_sentence(found, "the model", "the other") == sentence
