"""The sample night: its plot, its times, its one camera, its size on disk."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from itertools import groupby, pairwise

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.sky import SimulatedFrame, simulate_night

COUNT = 24


@pytest.fixture(scope="module")
def night() -> list[SimulatedFrame]:
    return list(simulate_night(COUNT, seed=0))


@pytest.mark.slow
def test_the_sky_clouds_over_and_clears(night: list[SimulatedFrame]) -> None:
    plot = [
        [frame.header[f"GENUS{layer + 1}"] for layer in range(frame.header["NLAYERS"])]
        for frame in night
    ]
    assert [act for act, _ in groupby(plot)] == [
        [],
        ["cirrus"],
        ["cirrus", "cumulus"],
        ["stratocumulus", "stratus"],
        ["stratocumulus"],
        [],
    ]


def test_cloud_grows_before_the_overcast_and_shrinks_after(night: list[SimulatedFrame]) -> None:
    fraction = [frame.truth.mean() for frame in night]
    cirrus, broken, overcast, clearing = (fraction[first : first + 4] for first in (6, 10, 14, 18))
    assert cirrus == sorted(cirrus)
    assert broken == sorted(broken)
    assert overcast == [1] * 4
    assert clearing == sorted(clearing, reverse=True)
    assert fraction[:6] == [0] * 6
    assert fraction[22:] == [0] * 2


def test_frames_spread_evenly_over_twelve_hours(night: list[SimulatedFrame]) -> None:
    times = [datetime.fromisoformat(frame.header["DATE-OBS"]) for frame in night]
    steps = {later - time for time, later in pairwise(times)}
    assert steps == {timedelta(hours=12) / COUNT}


def test_one_camera_sees_the_whole_night(night: list[SimulatedFrame]) -> None:
    for keyword in ("BIASLVL", "FPNLVL", "HOTCOLS", "CENTER_X", "NARINT", "STACKED", "START"):
        assert len({frame.header[keyword] for frame in night}) == 1
    first, second = (frame.data.astype(float) for frame in night[:2])
    assert 0 < (first - second).std() < 2.5 < (first - first.mean()).std()


def test_an_act_keeps_its_clouds(night: list[SimulatedFrame]) -> None:
    cirrus = night[6:10]
    for keyword in ("SLOPE1", "ANGLE1", "DEPTH1", "BRIGHT1"):
        assert len({frame.header[keyword] for frame in cirrus}) == 1
    assert len({frame.header["COVER1"] for frame in cirrus}) == len(cirrus)


def test_the_same_seed_gives_the_same_night(night: list[SimulatedFrame]) -> None:
    again = next(simulate_night(COUNT, seed=0))
    other = next(simulate_night(COUNT, seed=1))
    np.testing.assert_array_equal(again.data, night[0].data)
    assert (other.data != night[0].data).any()


def test_an_empty_night_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 1 or more, received 0"):
        next(simulate_night(0, seed=0))


@pytest.mark.slow
def test_frames_compress_to_a_size_that_can_be_shipped(night: list[SimulatedFrame]) -> None:
    size = 0
    for frame in night:
        file = BytesIO()
        unit = fits.CompImageHDU(frame.data, frame.header, compression_type="RICE_1")
        fits.HDUList([fits.PrimaryHDU(), unit]).writeto(file)
        size += file.tell()
    assert size / COUNT < 190_000
