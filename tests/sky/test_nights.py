"""Nights of one camera: temperatures, corrections, pointings and weather change."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from itertools import islice, pairwise

import numpy as np
import pytest

from napari_iris.frames.rebin import rebin
from napari_iris.radiometry.planck import shutter_offset
from napari_iris.sky import SimulatedFrame
from napari_iris.sky.config import SeriesConfig
from napari_iris.sky.nights import FIELD_DEG, clear_rise, draw_night, simulate_nights
from napari_iris.sky.site import draw_site
from napari_iris.sky.texture import EVOLUTION_HOURS, draw_texture
from napari_iris.sky.truth import sky_of_truth

SHAPE = (128, 160)


@cache
def series(seed: int, count: int = 24, nights: int = 2, sky: str = "mixed") -> list[SimulatedFrame]:
    config = SeriesConfig.model_validate(
        {"count": count, "nights": nights, "seed": seed, "sky": sky, "shape": SHAPE}
    )
    return list(simulate_nights(config))


def clear_frames(seed: int, **options: int) -> list[SimulatedFrame]:
    return series(seed, sky="clear", **options)


def fine(frame: SimulatedFrame) -> np.ndarray:
    return np.diff(np.diff(frame.data.astype(float), axis=0), axis=1).ravel()


@pytest.mark.slow
def test_the_camera_stays_itself_and_differs_from_another() -> None:
    first, *_, last = clear_frames(1)
    other = clear_frames(2)[0]
    assert first.header["SERIAL"] == last.header["SERIAL"] != other.header["SERIAL"]
    assert np.corrcoef(fine(first), fine(last))[0, 1] > 0.2
    assert abs(np.corrcoef(fine(first), fine(other))[0, 1]) < 0.05


@pytest.mark.slow
def test_the_level_follows_shutter_focal_plane_and_pointing() -> None:
    for seed in range(5):
        frames = clear_frames(seed, count=12, nights=3)
        level = np.array([np.median(one.data) for one in frames])
        shutter, elevation, focal_plane = (
            np.array([one.header[key] for one in frames])
            for key in ("SHU-TEMP", "ELEVATIO", "FPA-TEMP")
        )
        rest = level + shutter_offset(shutter) - clear_rise(elevation)
        assert level.std() > 50
        assert rest.std() < 60
        assert np.ptp(focal_plane) > 3


@pytest.mark.slow
def test_each_correction_steps_the_level_and_leaves_a_smooth_residual() -> None:
    config = SeriesConfig.model_validate(
        {"count": 4320, "nights": 1, "seed": 4, "sky": "clear", "shape": SHAPE}
    )
    frames = list(islice(simulate_nights(config), 90))
    corrected = [one.header["FFC-TIME"] for one in frames]
    images = [one.data.astype(float) for one in frames]
    jumps: dict[bool, list[float]] = {True: [], False: []}
    shapes: dict[bool, list[float]] = {True: [], False: []}
    for (before, after), (old, new) in zip(pairwise(corrected), pairwise(images), strict=True):
        change = rebin((new - old).astype(np.float32), (8, 10))
        jumps[before != after].append(abs(float(change.mean())))
        shapes[before != after].append(float(change.std()))
    assert len(jumps[True]) == 29, "one every 30 s"
    assert np.median(jumps[False]) < 0.5
    assert 4 < np.median(jumps[True]) < 11
    assert np.median(shapes[False]) < 0.6
    assert 2 < np.median(shapes[True]) < 7
    for one in frames:
        age = datetime.fromisoformat(one.header["DATE-OBS"]) - datetime.fromisoformat(
            one.header["FFC-TIME"]
        )
        assert 0 <= age.total_seconds() < 31


def test_edges_and_corners_are_warm_in_most_cameras() -> None:
    warmest = []
    for seed in range(12):
        frame = rebin(clear_frames(seed, count=2, nights=1)[0].data, SHAPE)
        centre = np.median(frame[48:80, 60:100])
        ends = (slice(10), slice(-10, None))
        warmest.append(max(np.median(frame[a, b]) - centre for a in ends for b in ends))
    assert np.median(warmest) > 20
    assert max(warmest) > 60


def test_clear_air_has_structure_that_is_labelled_clear() -> None:
    for seed in range(6):
        config = SeriesConfig(count=1, nights=1, seed=seed, shape=SHAPE)
        night = draw_night(config, draw_site(config), 0)
        field = night.vapour_adu * night.vapour.at(3.0)
        assert 0.5 < field.std() < 10
        assert 2.8 < spectral_slope(field) < 4.2
    assert not any(one.truth.any() or one.undecided.any() for one in clear_frames(0))


def spectral_slope(field: np.ndarray) -> float:
    window = np.outer(*(np.hanning(side) for side in field.shape))
    power = np.abs(np.fft.rfft2((field - field.mean()) * window)) ** 2
    k = np.hypot(np.fft.fftfreq(field.shape[0])[:, None], np.fft.rfftfreq(field.shape[1]))
    part = (k > 0.03) & (k < 0.2)
    return -float(np.polyfit(np.log(k[part]), np.log(power[part]), 1)[0])


def test_a_texture_moves_with_the_wind_and_evolves() -> None:
    rng = np.random.default_rng(0)
    moving, still = (
        draw_texture(SHAPE, rng, wind, slope=2.5, scale=16) for wind in ((6, -12), (0, 0))
    )
    before, after = moving.at(0.0), moving.at(1 / 60)
    rows, columns = round(6 / 60 * SHAPE[0]), round(12 / 60 * SHAPE[0])
    np.testing.assert_allclose(before[:-rows, columns:], after[rows:, :-columns], atol=0.1)
    assert abs(before - after).max() > 1
    for hour, expected in ((0.0, 1.0), (EVOLUTION_HOURS / 2, 0.7), (EVOLUTION_HOURS, 0.0)):
        found = np.corrcoef(still.at(0.0).ravel(), still.at(hour).ravel())[0, 1]
        assert found == pytest.approx(expected, abs=0.15)
        assert still.at(hour).std() == pytest.approx(1, abs=0.15)


@pytest.mark.slow
def test_clouds_pass() -> None:
    config = SeriesConfig.model_validate(
        {"count": 43_200, "nights": 1, "seed": 12, "sky": "cloudy", "shape": SHAPE}
    )
    frames = [one.tau.ravel() for one in islice(simulate_nights(config), 120)]
    assert np.corrcoef(frames[0], frames[1])[0, 1] > 0.98, "a second apart"
    assert np.corrcoef(frames[0], frames[119])[0, 1] < 0.8


@pytest.mark.slow
def test_decks_are_with_and_without_structure_and_tilted() -> None:
    rest, tilts = [], []
    rows, columns = (np.linspace(-1, 1, side) for side in (32, 40))
    for seed in range(12):
        for one in series(seed, count=6, nights=1, sky="overcast"):
            frame = rebin(one.data, (32, 40)).astype(float)
            frame -= frame.mean()
            down = (frame * rows[:, None]).sum() / (rows**2).sum() / 40
            across = (frame * columns).sum() / (columns**2).sum() / 32
            tilts.append(2 * np.hypot(down, across))
            rest.append((frame - down * rows[:, None] - across * columns).std())
            assert one.sky == "overcast"
            assert one.truth.all()
    assert min(rest) < 12
    assert max(rest) > 25
    assert 45 < np.median(tilts) < 120


@pytest.mark.slow
def test_a_night_has_one_or_two_pointings_that_take_turns_of_an_hour() -> None:
    found = set()
    for seed in range(6):
        frames = series(seed, nights=1)
        pointings = [(one.header["AZIMUTH"], one.header["ELEVATIO"]) for one in frames]
        assert pointings[:-4] == pointings[4:], "two frames an hour"
        found.add(len(set(pointings)))
    assert found == {1, 2}


@pytest.mark.parametrize(("elevation", "rise"), [(80, 7), (60, 26), (45, 51), (30, 100)])
def test_the_dry_clear_sky_rises_towards_the_horizon(elevation: float, rise: float) -> None:
    edges = clear_rise(elevation + FIELD_DEG * np.array([-0.5, 0.5]))
    assert edges[0] - edges[1] == pytest.approx(rise, rel=0.08)


def test_truth_is_exact_outside_of_the_haze() -> None:
    seen = set()
    for one in series(3):
        decided = ~one.undecided
        assert (one.tau[decided & one.truth] >= 0.12).all()
        assert (one.tau[decided & ~one.truth] <= 0.02).all()
        assert one.sky == sky_of_truth(one.truth) == one.header["SKY"]
        seen.add(one.sky)
    assert "clear" in seen
    assert len(seen) > 1


def test_headers_are_a_tau2s_and_tell_the_temperatures() -> None:
    for one in series(3):
        header = one.header
        assert header["CAMERA"].startswith("FLIR TAU2")
        assert header["BB-TEMP"] == header["SHU-TEMP"]
        assert header["FPA-TEMP"] == pytest.approx(header["SHU-TEMP"] + 1)
        assert header["AMB-TEMP"] <= header["SHU-TEMP"] <= header["AMB-TEMP"] + 3


@pytest.mark.parametrize("sky", ["clear", "overcast"])
def test_nights_of_one_kind_of_weather(sky: str) -> None:
    assert {one.sky for one in series(7, sky=sky)} == {sky}
