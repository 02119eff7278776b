"""The header of a simulated frame: every drawn value, within its published range."""

from __future__ import annotations

import warnings
from datetime import datetime

import pytest
from astropy.io import fits

from napari_iris.sky import SimulationConfig, simulate_frame
from napari_iris.sky.genera import GENERA

SHAPE = {"shape": (48, 60), "truth_shape": (12, 15)}
FRAMES = 60

PUBLISHED = {
    "ZOOM": (1, 2),
    "ROTATION": (-45, 45),
    "SHEAR": (-0.2, 0.2),
    "FLIP": (False, True),
    "BIASLVL": (200, 400),
    "READLVL": (5, 5),
    "SKYNOISE": (5, 14),
    "FPNLVL": (3, 9),
    "RADIUS": (150, 170),
    "SMOOTH": (70, 90),
    "CENTER_X": (0, 60),
    "CENTER_Y": (-6, 54),
    "NARINT": (0.02, 0.04),
    "HOTCOLS": (0, 4),
    "COLDCOLS": (0, 4),
}
"""Lowest and highest published value by keyword, for frames of 48 x 60 pixels."""

LAYER_KEYWORDS = {
    "slope": "SLOPE",
    "scale": "SCALE",
    "stretch": "STRCH",
    "stir": "STIR",
    "coverage": "COVER",
    "base": "BASE",
    "depth": "DEPTH",
    "power": "POWER",
    "brightness": "BRIGHT",
}


@pytest.fixture(scope="module")
def headers() -> list[fits.Header]:
    config = SimulationConfig.model_validate({"count": FRAMES, "seed": 4, **SHAPE})
    return [simulate_frame(config, index).header for index in range(FRAMES)]


@pytest.mark.parametrize(("keyword", "limits"), PUBLISHED.items())
def test_drawn_values_fill_the_published_range(
    headers: list[fits.Header], keyword: str, limits: tuple[float, float]
) -> None:
    values = [header[keyword] for header in headers]
    low, high = limits
    assert low <= min(values) <= max(values) <= high
    assert max(values) - min(values) >= 0.7 * (high - low)


def test_the_gradient_starts_and_stops_as_published(headers: list[fits.Header]) -> None:
    starts = [header["START"] for header in headers]
    rises = [header["STOP"] - header["START"] for header in headers]
    assert 100 - 5 * 20 < min(starts) < 200
    assert 900 < max(starts) < 999 + 5 * 20
    assert sum(rises) / FRAMES == pytest.approx(50, abs=4 * 20 * (2 / FRAMES) ** 0.5)
    assert len(set(rises)) == FRAMES


@pytest.mark.parametrize(("name", "keyword"), LAYER_KEYWORDS.items())
def test_cloud_layers_keep_to_their_genus(
    headers: list[fits.Header], name: str, keyword: str
) -> None:
    genera = set()
    for header in headers:
        for number in range(1, header["NLAYERS"] + 1):
            genera.add(header[f"GENUS{number}"])
            low, high = getattr(GENERA[header[f"GENUS{number}"]], name)
            assert low <= header[f"{keyword}{number}"] <= high
    assert genera == set(GENERA)


def test_layers_are_numbered_from_the_faintest(headers: list[fits.Header]) -> None:
    counts: dict[str, set[int]] = {header["SKY"]: set() for header in headers}
    for header in headers:
        counts[header["SKY"]].add(header["NLAYERS"])
        brightness = [header[f"BRIGHT{number + 1}"] for number in range(header["NLAYERS"])]
        assert brightness == sorted(brightness)
    assert counts == {"clear": {0}, "cloudy": {1, 2, 3}, "overcast": {1, 2}}


def test_the_header_is_a_tau2s_and_names_no_person(headers: list[fits.Header]) -> None:
    header = headers[0]
    assert "simulated" in header["CAMERA"]
    assert "OBSERVER" not in header
    tau2 = "FILTER FOCAL APERTURE PXSIZE LATOBS LONGOBS DATE-OBS TS SHU-TEMP FPA-TEMP IN-TEMP"
    tau2 += " BB-TEMP AMB-TEMP FFC-TIME STACKED GAIN LENS"
    assert [keyword for keyword in tau2.split() if keyword not in header] == []


def test_cards_survive_a_file_with_their_comments(headers: list[fits.Header]) -> None:
    for header in headers:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            text = header.tostring()
        read = fits.Header.fromstring(text)
        assert list(read) == list(header)
        assert list(read.comments) == list(header.comments)
        assert all(header.comments)
        for keyword, value in header.items():
            exact = value if isinstance(value, str) else pytest.approx(value, rel=1e-15)
            assert read[keyword] == exact


@pytest.mark.parametrize(
    ("settings", "index", "expected"),
    [
        ({}, 0, "2024-01-15T18:00:00"),
        ({}, 2, "2024-01-15T18:02:00"),
        ({"cadence_s": 0.5}, 3, "2024-01-15T18:00:01.500000"),
        ({"start": "2025-12-31T23:59:30"}, 1, "2026-01-01T00:00:30"),
    ],
)
def test_time_advances_by_the_cadence(
    settings: dict[str, object], index: int, expected: str
) -> None:
    config = SimulationConfig.model_validate({"count": 4, **SHAPE, **settings})
    header = simulate_frame(config, index).header
    time = datetime.fromisoformat(expected)
    assert datetime.fromisoformat(header["DATE-OBS"]) == time
    assert (time - datetime.fromisoformat(header["FFC-TIME"])).total_seconds() >= 20
    assert header["TS"] == index * config.cadence_s
