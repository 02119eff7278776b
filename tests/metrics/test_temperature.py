"""A fitted temperature is used where the validation frames determine it, and refused elsewhere."""

from __future__ import annotations

from math import nan

import numpy as np
import pytest

from napari_iris.metrics.counts import Counts
from napari_iris.metrics.temperature import distrust_temperature

MIXED = [0.5, 0.2, 0.8, 0.0, 0.6, 1.0]
WRONG = Counts(hit=900, false=10, missed=10, clear=900)


@pytest.mark.parametrize(
    ("temperature", "clouds", "counts", "mcc", "reason"),
    [
        (1.8, MIXED, WRONG, 0.9, ""),
        (1.8, [0.0, 0.5, 0.0, 0.3], WRONG, 0.9, "2 validation frames with cloud, 3 are needed"),
        (1.8, [1.0, 1.0, 0.5], WRONG, 0.9, "1 validation frame with clear sky, 3 are needed"),
        (1.8, [1.0] * 6, WRONG, 0.9, "0 validation frames with clear sky, 3 are needed"),
        (1.8, [nan] * 6, WRONG, 0.9, "0 validation frames with clear sky, 3 are needed"),
        (1.8, [0.5] * 3, WRONG, 0.9, ""),
        (1.8, [1, 1, 1, 0, 0, 0], WRONG, 0.9, ""),
        (1.8, MIXED, WRONG, 0.0, "it is not clearly better than chance on the validation frames"),
        (1.8, MIXED, WRONG, nan, "it is not clearly better than chance on the validation frames"),
        (1.8, MIXED, WRONG, 1e-9, ""),
        (
            1.8,
            MIXED,
            Counts(hit=900, false=10, missed=9, clear=900),
            0.9,
            "it is nearly always right on the validation frames",
        ),
        (nan, MIXED, WRONG, 0.9, "none from 0.05 to 20 fits the validation frames"),
        (0.05, MIXED, WRONG, 0.9, "none from 0.05 to 20 fits the validation frames"),
        (20.0, MIXED, WRONG, 0.9, "none from 0.05 to 20 fits the validation frames"),
        (0.051, MIXED, WRONG, 0.9, ""),
        (19.9, MIXED, WRONG, 0.9, ""),
    ],
)
def test_a_temperature_needs_frames_errors_and_a_model_better_than_chance(
    temperature: float, clouds: list[float], counts: Counts, mcc: float, reason: str
) -> None:
    assert distrust_temperature(temperature, np.array(clouds), counts, mcc) == reason
