"""Golden decisions of the sky gate on the sample frames and on real raw frames.

``tests/data/gate_decisions.csv`` records them. After an intended change of the gate, review every
difference, then update the file.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_iris.frames.read import read_frame
from napari_iris.labels import CLOUD, IGNORE
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import make_mask
from napari_iris.masks.mask_file import cloud_fraction
from napari_iris.resources import sample_night

with (Path(__file__).parents[1] / "data/gate_decisions.csv").open(newline="") as file:
    DECISIONS = list(csv.DictReader(file))

PIXELS = 4
"""Mask pixels that may differ between processors that round differently."""


def frame_of(name: str, shared_data: Path | None) -> np.ndarray:
    folder = sample_night() if shared_data is None else shared_data / "lwir/raw"
    return read_frame(folder / name).data


def check(row: dict[str, str], frame: np.ndarray) -> None:
    made = make_mask(frame, MaskConfig())
    assert made.gate is not None
    found = (made.gate.sky, made.method)
    assert found == (row["sky"], row["method"]), f"{made}"
    assert made.cloud_fraction == pytest.approx(
        float(row["cloud_fraction"]), abs=PIXELS / made.mask.size
    )
    assert made.gate.trust == pytest.approx(float(row["trust"]), abs=2e-3)
    for measure in ("structure", "cut", "reach"):
        assert getattr(made.gate, measure) == pytest.approx(float(row[measure]), rel=2e-3)


@pytest.mark.parametrize("row", [row for row in DECISIONS if row["frame"].startswith("sky_")])
def test_decisions_on_the_sample_frames(row: dict[str, str]) -> None:
    check(row, frame_of(row["frame"], None))


@pytest.mark.parametrize("row", [row for row in DECISIONS if not row["frame"].startswith("sky_")])
def test_decisions_on_real_raw_frames(row: dict[str, str], shared_data: Path) -> None:
    check(row, frame_of(row["frame"], shared_data))


@given(
    arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 2))
)
def test_the_cloud_fraction_is_the_mean_of_the_cloud_over_valid_pixels(mask: np.ndarray) -> None:
    valid = mask != IGNORE
    expected = np.mean(mask[valid] == CLOUD) if valid.any() else np.nan
    np.testing.assert_equal(cloud_fraction(mask), expected)
    if valid.all():
        assert cloud_fraction(mask) == np.mean(mask == 1)
