"""How much is known: it is said where levels contradict the headers, or nothing explains them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from napari_iris.radiometry.learn import learn_reference
from napari_iris.radiometry.reference import NoReference, Reference
from napari_iris.radiometry.statistics import FrameStatistics
from tests.radiometry.conftest import nights

NOWHERE = np.datetime64("NaT", "us")


def raised(one: FrameStatistics, by: float) -> FrameStatistics:
    return replace(one, small=one.small + np.float32(by))


def without_cards(one: FrameStatistics) -> FrameStatistics:
    nan = float("nan")
    return replace(one, time=NOWHERE, focal_plane=nan, shutter=nan, elevation=nan, azimuth=nan)


def test_gaps_whose_levels_the_headers_do_not_explain_give_no_reference() -> None:
    moved = [
        raised(one, 300.0 * (number % 3)) for number, one in enumerate(nights(5, 20).statistics)
    ]
    found = learn_reference(moved)
    assert isinstance(found, NoReference)
    assert found.reason == "the level of clear sky changes for reasons that the headers do not give"


def test_clear_frames_of_all_levels_without_cards_give_no_reference() -> None:
    some = nights(5, 20)
    clear = [row for row, frame in enumerate(some.frames) if frame.sky == "clear"]
    assert len(clear) >= 8
    drifting = [
        without_cards(raised(some.statistics[row], 150.0 * place))
        for place, row in enumerate(clear)
    ]
    found = learn_reference(drifting)
    assert isinstance(found, NoReference)
    assert "drifts" in found.reason


def test_with_a_frame_called_clear_there_is_a_reference_whatever_contradicts_it() -> None:
    some = nights(5, 20)
    clear = next(row for row, frame in enumerate(some.frames) if frame.sky == "clear")
    moved = [raised(one, 300.0 * (number % 3)) for number, one in enumerate(some.statistics)]
    found = learn_reference(moved, clear=[clear])
    assert isinstance(found, Reference)
    assert found.has_pattern


def test_a_camera_that_is_refocused_keeps_its_level_without_a_pattern() -> None:
    some = nights(5, 20)
    rows, columns = some.statistics[0].small.shape
    halo = (60 * np.hypot(*np.meshgrid(np.linspace(-1, 1, rows), np.linspace(-1, 1, columns)))).T
    changed = [
        replace(one, small=one.small + halo.astype(np.float32)) if number % 2 else one
        for number, one in enumerate(some.statistics)
    ]
    found = learn_reference(changed)
    assert isinstance(found, Reference)
    assert not found.has_pattern or found.pixel_sigma > learn_pixel_sigma(some.statistics)


@pytest.mark.parametrize(("seed", "kind"), [(5, "limit"), (7, "measured")])
def test_a_level_without_a_pattern_names_the_frames_that_showed_it(seed: int, kind: str) -> None:
    """Half the frames of a camera that was refocused: clear sky beside cloud shows the level."""
    statistics = nights(seed, 20).statistics
    rows, columns = statistics[0].small.shape
    y, x = np.meshgrid(np.linspace(-1, 1, rows), np.linspace(-1, 1, columns), indexing="ij")
    halo = (120 * np.hypot(y, x)).astype(np.float32)
    changed = [
        replace(one, small=one.small + halo) if number % 2 else one
        for number, one in enumerate(statistics)
    ]
    found = learn_reference(changed)
    assert isinstance(found, Reference)
    assert not found.has_pattern
    assert found.kind == kind
    assert (found.clear_frames > 0) == (kind == "measured")


def learn_pixel_sigma(statistics: list[FrameStatistics]) -> float:
    found = learn_reference(statistics)
    assert isinstance(found, Reference)
    return found.pixel_sigma
