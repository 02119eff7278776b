"""Names of frames, masks and predictions."""

from __future__ import annotations

from pathlib import Path

import pytest

from napari_iris.matching.names import frame_name, possible_paths, prediction_name, prediction_path


@pytest.mark.parametrize(
    "name",
    [
        "sky_1.fits",
        "sky_1_mask.fits",
        "sky_1_pred.fits.gz",
        "n/sky_1.fits.fz",
        "sky_1_mask_pred.fits",
    ],
)
def test_masks_and_predictions_are_named_like_their_frame(name: str) -> None:
    assert frame_name(name) == "sky_1"


def test_a_prediction_is_named_within_its_folder() -> None:
    assert prediction_name("sky_1_pred.fits") == "sky_1"
    assert prediction_name("night2/sky_1_mask_pred.fits") == "night2/sky_1"


def test_frames_that_share_a_name_go_to_folders_named_like_their_own() -> None:
    frame, out = Path("/data/night2/sky_1.fits.gz"), Path("out")
    assert prediction_path(frame, out) == Path("out/sky_1_pred.fits")
    assert list(possible_paths(frame, out)) == [
        Path("out/sky_1_pred.fits"),
        Path("out/night2/sky_1_pred.fits"),
        Path("out/data/night2/sky_1_pred.fits"),
    ]
