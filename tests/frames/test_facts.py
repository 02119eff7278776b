"""Facts of a header: the time of a frame, and the cards that say something of sky and camera."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st

from napari_iris.frames.facts import facts, observed_at, without_scaling
from napari_iris.frames.read import read_header

if TYPE_CHECKING:
    from pathlib import Path

SIX = "2024-01-15T18:00:00"


@pytest.mark.parametrize(
    ("cards", "time"),
    [
        ({"DATE-OBS": SIX}, SIX),
        ({"DATE-OBS": "2024-01-15T18:00:00.123456"}, "2024-01-15T18:00:00.123456"),
        ({"DATE-OBS": "2024-01-15T18:00:00.5"}, "2024-01-15T18:00:00.5"),
        ({"DATE-OBS": f"{SIX}Z"}, SIX),
        ({"DATE-OBS": f"{SIX}+00:00"}, SIX),
        ({"DATE-OBS": "2024-01-15T20:00:00+02:00"}, SIX),
        ({"DATE-OBS": " 2024-01-15 18:00:00 "}, SIX),
        ({"DATE-OBS": "2024-01-15"}, "2024-01-15"),
        ({"DATE-OBS": "20240115T180000"}, SIX),
        ({"DATE-OBS": 20240115}, "2024-01-15"),
        ({"DATE-OBS": "2024-01-15", "TIME-OBS": "18:00:00"}, SIX),
        ({"DATE-OBS": "2024-01-15", "UT": "18:00:00"}, SIX),
        ({"DATE-OBS": SIX, "UT": "19:00:00"}, SIX),
        ({"DATE-OBS": "2024-01-15", "UT": 64800.0}, "2024-01-15"),
        ({"MJD-OBS": 60324.75}, SIX),
        ({"MJD-OBS": 60324}, "2024-01-15"),
        ({"DATE-OBS": "", "MJD-OBS": 60324.75}, SIX),
        ({"DATE-OBS": "15/01/24", "MJD-OBS": 60324.75}, SIX),
        ({"DATE-OBS": SIX, "MJD-OBS": 1.0}, SIX),
        ({}, "NaT"),
        ({"DATE-OBS": "unknown"}, "NaT"),
        ({"DATE-OBS": "now"}, "NaT"),
        ({"DATE-OBS": "2024-13-01"}, "NaT"),
        ({"DATE-OBS": "2024"}, "NaT"),
        ({"DATE-OBS": False}, "NaT"),
        ({"MJD-OBS": "60324"}, "NaT"),
        ({"MJD-OBS": 0.0}, "NaT"),
        ({"MJD-OBS": 1e300}, "NaT"),
    ],
)
def test_the_time_of_a_frame(cards: dict[str, object], time: str) -> None:
    header = fits.Header()
    header.update(cards)
    found = observed_at(header)
    assert found.dtype == "M8[us]"
    np.testing.assert_array_equal(found, np.datetime64(time, "us"))


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_that_utc_does_not_have_is_unknown(text: str) -> None:
    assert np.isnat(observed_at(fits.Header({"DATE-OBS": text})))


@given(st.datetimes())
def test_any_time_survives_its_card(time: object) -> None:
    assert observed_at(fits.Header({"DATE-OBS": time.isoformat()})).item() == time


@pytest.mark.parametrize(
    ("name", "time"),
    [
        ("lwir/raw/cloud_sky_sample.fits", "2023-01-23T22:26:21.341990"),
        ("allsky/tudo/magic_images/20180816_2101.fits", "2018-08-16T20:58:35"),
        ("allsky/tudo/iceact_images/starry.fits", "2017-05-03T03:12:04.032518"),
    ],
)
def test_real_frames_know_their_time(shared_data: Path, name: str, time: str) -> None:
    np.testing.assert_array_equal(
        observed_at(read_header(shared_data / name)), np.datetime64(time, "us")
    )


def test_facts_are_cards_of_sky_and_camera() -> None:
    unit = fits.CompImageHDU(np.zeros((8, 8), np.int16))
    unit.header["TS"], unit.header["GAIN"] = (1466.123456789, "[s] since start"), "high"
    unit.header["BLANK"], unit.header["COMMENT"] = -1, "of no interest"
    unit.header["LATOBS"] = None
    shown = [fact for fact in facts(unit.header) if fact[0] not in {"EXTNAME", "QUANTIZ"}]
    assert shown == [
        ("TS", "1466.12", "[s] since start"),
        ("GAIN", "high", ""),
        ("LATOBS", "", ""),
    ]


def test_facts_of_a_real_frame(shared_data: Path) -> None:
    found = {keyword: value for keyword, value, _ in facts(read_header(raw(shared_data)))}
    assert found["CAMERA"] == "FLIR TAU2"
    assert found["FPA-TEMP"] == "-0.5"
    assert not {"SIMPLE", "BITPIX", "NAXIS", "NAXIS1"} & set(found)


def raw(shared_data: Path) -> Path:
    return shared_data / "lwir" / "raw" / "cloud_sky_sample.fits"


def test_cards_of_the_old_numbers_go_and_the_given_header_stays() -> None:
    header = fits.Header({"GAIN": 2, "BZERO": 32768, "DATAMAX": 7, "CHECKSUM": "x", "TS": 1.0})
    kept = without_scaling(header)
    assert list(kept) == ["GAIN", "TS"]
    assert len(header) == 5
    assert without_scaling(kept) is kept
