"""A prediction states what the clear sky says of its frame; what the model says stays as it is."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.inference.clear_sky import compare
from napari_iris.inference.pipeline import predict_frames
from napari_iris.inference.prediction_file import Prediction, read_prediction
from napari_iris.inference.rows import PredictionRow
from napari_iris.labels import CLOUDY_FROM
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import make_mask
from napari_iris.radiometry.archive import references_of
from tests.radiometry.conftest import nights

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_iris.inference.predictor import Predictor
    from napari_iris.radiometry.excess import Excess

pytestmark = pytest.mark.slow

SOME = nights(5, 20)
KNOWN = references_of(SOME.statistics)
CLEAR = int(np.argmin(SOME.truth.mean(axis=(1, 2))))
CLOUDY = int(np.argmax(SOME.truth.mean(axis=(1, 2))))


def said(number: int, probability: float, **facts: float) -> Prediction:
    """What a model says of a frame: the same of each pixel."""
    frame = SOME.pixels[number]
    facts = {"cloud_fraction": float(probability >= 0.5), "uncertainty": 0.1, **facts}
    everywhere = np.full(frame.shape, probability, np.float32)
    return Prediction(frame, everywhere, SOME.frames[number].header, "m", 0.5, **facts)


def excess_of(number: int) -> Excess | None:
    return KNOWN.excess(SOME.pixels[number], SOME.frames[number].header)


@pytest.mark.parametrize(
    ("number", "probability", "agrees"),
    [(CLEAR, 0.01, True), (CLEAR, 0.99, False), (CLOUDY, 0.99, True), (CLOUDY, 0.01, False)],
)
def test_trust_falls_where_the_clear_sky_contradicts_the_model(
    number: int, probability: float, agrees: bool
) -> None:
    before = said(number, probability)
    after = compare(before, excess_of(number))
    np.testing.assert_array_equal(after.probability, before.probability)
    assert after.cloud_fraction == before.cloud_fraction
    assert after.uncertainty == before.uncertainty
    assert (after.trust > 0.8) == agrees
    assert (after.trust < 0.3) != agrees
    assert after.clear_part + after.cloud_part + after.undecided_part == pytest.approx(1)


@pytest.mark.parametrize("p_cloud", [0.01, 0.99])
def test_a_classifier_alone_is_contradicted_as_to_the_whole_frame(p_cloud: float) -> None:
    whole = {"cloud_fraction": np.nan, "p_cloud": p_cloud}
    of_clear = compare(said(CLEAR, p_cloud, **whole), excess_of(CLEAR))
    of_cloudy = compare(said(CLOUDY, p_cloud, **whole), excess_of(CLOUDY))
    assert of_cloudy.cloud_part > CLOUDY_FROM
    low, high = (of_cloudy, of_clear) if p_cloud < 0.5 else (of_clear, of_cloudy)
    assert low.trust < 0.5 < high.trust


def test_without_a_reference_trust_is_the_models_certainty() -> None:
    found = compare(said(CLOUDY, 0.99), None)
    assert found.trust == 0.9
    assert found.reference == "none"
    assert isnan(found.level)


def test_files_and_rows_have_the_numbers_of_the_mask(
    bright: Callable[..., Predictor], tmp_path: Path
) -> None:
    paths = []
    for number in (CLEAR, CLOUDY):
        paths.append(tmp_path / f"{number}.fits")
        fits.writeto(paths[-1], SOME.frames[number].data, SOME.frames[number].header)
    predictor = bright(shape=(128, 160))
    predictor.clear_sky = KNOWN
    rows = list(predict_frames(paths, tmp_path / "out", predictor))
    for number, row in zip((CLEAR, CLOUDY), rows, strict=True):
        assert isinstance(row, PredictionRow)
        frame = SOME.frames[number]
        mask = make_mask(frame.data.astype(np.float32), MaskConfig(), frame.header, KNOWN)
        assert mask.excess is not None
        header = fits.getheader(tmp_path / "out" / row.prediction, "PROB")
        assert ("EXCRAD" in header) == ("EXCRAD" in mask.cards())
        assert header.get("EXCRAD", 0) == pytest.approx(
            mask.cards().get("EXCRAD", [0])[0], abs=1e-3
        )
        for card in ("REFKIND", "REFLEVEL", "EXCESS", "CLRPART", "CLDPART", "UNDPART"):
            assert header[card] == (
                pytest.approx(mask.cards()[card][0], abs=0.01)
                if card != "REFKIND"
                else mask.reference
            )
        assert row.reference == "measured"
        assert row.level == pytest.approx(mask.excess.level, abs=0.01)
        assert row.trust == pytest.approx(header["TRUST"], abs=1e-6)
        again = read_prediction(tmp_path / "out" / row.prediction)
        assert (again.reference, again.trust) == ("measured", header["TRUST"])
        assert PredictionRow.of(again, row.sky, row.prediction) == row
