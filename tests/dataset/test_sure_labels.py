"""Frames without labels get labels where physics is sure, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from napari_iris.dataset.sure_labels import find_sure_samples, sure_mask
from napari_iris.errors import IrisError
from napari_iris.labels import CLOUD, IGNORE, SKY
from napari_iris.radiometry.archive import learn_references
from napari_iris.radiometry.calibration import UNKNOWN, Calibration
from napari_iris.radiometry.excess import Excess
from napari_iris.resources import sample_night

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

SHAPE = (64, 80)


def excess_of(values: object, kind: str = "measured", calibration: Calibration = UNKNOWN) -> Excess:
    """Make an excess whose limits are 8 and 14 ADU."""
    pixels = np.atleast_2d(np.asarray(values, np.float32))
    return Excess(kind, pixels, 650.0, kind == "measured", 8.0, 14.0, calibration)


@pytest.mark.parametrize(
    ("gain", "labels"),
    [
        (np.nan, {-30: SKY, 4: SKY, 6: IGNORE, 14: IGNORE, 25: IGNORE, 27: CLOUD}),
        (35.0, {-30: SKY, 7: SKY, 9: IGNORE, 30: IGNORE, 139: IGNORE, 141: CLOUD}),
        (5.0, {4: SKY, 6: IGNORE, 19: IGNORE, 21: CLOUD}),
        (0.5, {0.4: SKY, 0.6: IGNORE, 13: IGNORE, 15: CLOUD}),
    ],
)
def test_labels_by_radiance_and_by_the_scatter_of_the_reference(
    gain: float, labels: dict[float, int]
) -> None:
    found = sure_mask(excess_of([*labels, np.nan], calibration=Calibration(gain)))
    assert found.tolist() == [[*labels.values(), IGNORE]]


@given(st.lists(st.floats(-500, 500, width=32), min_size=1), st.sampled_from([np.nan, 5.0, 35.0]))
def test_what_the_reference_does_not_decide_is_never_labelled(
    values: list[float], gain: float
) -> None:
    excess = excess_of(values, calibration=Calibration(gain))
    found = sure_mask(excess)
    assert (excess.values[found == SKY] < excess.clear_below).all()
    assert (excess.values[found == CLOUD] > excess.cloud_above).all()


def test_a_limit_never_shows_clear_sky_and_cloud_only_where_all_is_warmer() -> None:
    assert (sure_mask(excess_of([-20.0, 300.0], "limit")) == IGNORE).all()
    assert (sure_mask(excess_of([200.0, 300.0], "limit")) == CLOUD).all()


@pytest.mark.slow
def test_the_sample_night_is_labelled_as_its_truth_and_only_read() -> None:
    night = sample_night()
    before = stamps(night)
    samples = find_sure_samples(str(night), "auto", SHAPE)
    assert len(samples) == 30
    assert str(samples.references).startswith("measured")
    labelled = samples.table.cloud_fraction[samples.table.labelled("unet")]
    assert len(labelled) > 20
    assert 0.1 < labelled.mean() < 0.9
    sample = samples.read(16, SHAPE)
    assert sample.frame.shape == sample.mask.shape == sample.excess.shape == SHAPE
    assert (sample.excess[sample.mask == CLOUD] > 1).all()
    assert (sample.excess[sample.mask == SKY] < 0).all()
    assert stamps(night) == before


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """Sizes and times of the files of a folder."""
    found = {path.name: path.stat() for path in folder.iterdir()}
    return {name: (one.st_size, one.st_mtime_ns) for name, one in found.items()}


@pytest.fixture
def write_frames(write_frame: Callable[..., Path], tmp_path: Path) -> Callable[..., str]:
    """Write frames of one camera: its pattern, and what each shows."""

    def write(shown: list[NDArray[np.floating]]) -> str:
        rng = np.random.default_rng(0)
        pattern = rng.normal(0, 1, SHAPE)
        for number, sky in enumerate(shown):
            frame = 650 + pattern + sky + rng.normal(0, 0.4, SHAPE)
            write_frame(f"camera/sky_{number:02}.fits", frame.astype(np.float32))
        return str(tmp_path / "camera")

    return write


def test_without_a_reference_nothing_is_learnt(write_frames: Callable[..., str]) -> None:
    night = write_frames([np.zeros(SHAPE)] * 3)
    fix = "add frames with clear sky in view, or give --reference FILE"
    with pytest.raises(IrisError, match=rf"reference: none \(.*needs 8 frames.*\).*: {fix}"):
        find_sure_samples(night, "auto", SHAPE)
    with pytest.raises(IrisError, match=rf"reference: none; without one, no label is sure: {fix}"):
        find_sure_samples(night, "none", SHAPE)


def test_too_few_frames_and_labels_of_one_class_are_refused(
    write_frames: Callable[..., str], tmp_path: Path
) -> None:
    few = write_frames([np.zeros(SHAPE)] * 12)
    with pytest.raises(IrisError, match="in 12 of 12 frames.*, 20 are needed: add frames, or give"):
        find_sure_samples(few, "auto", SHAPE)
    clear = write_frames([np.zeros(SHAPE)] * 24)
    with pytest.raises(IrisError, match="0% of them cloud, at least 1% cloud is needed: add"):
        find_sure_samples(clear, "auto", SHAPE)
    noise = gaussian_filter(np.random.default_rng(1).normal(size=(24, *SHAPE)), (0, 4, 4))
    structure = list(300 + 40 * noise / noise.std())
    write_frames([np.zeros(SHAPE)] * 12 + structure[:12])
    file = tmp_path / "camera.fits"
    learn_references([tmp_path / f"camera/sky_{n:02}.fits" for n in range(24)]).to_fits(file)
    decks = write_frames(structure)
    with pytest.raises(IrisError, match="100% of them cloud, at least 1% clear sky is needed"):
        find_sure_samples(decks, str(file), SHAPE)
