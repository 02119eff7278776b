"""As frames arrive, more is known of the clear sky; memory stays bounded."""

from __future__ import annotations

from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.radiometry import live
from napari_iris.radiometry.archive import SAMPLE, references_of
from napari_iris.radiometry.live import LiveReferences
from napari_iris.radiometry.statistics import FrameStatistics
from tests.radiometry.conftest import nights

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def test_what_is_known_grows_from_none_to_measured() -> None:
    some, sky = nights(3, 20), LiveReferences()
    assert sky.references.kind == "none"
    kinds, found = [], []
    for pixels, frame in zip(some.pixels, some.frames, strict=True):
        found.append(sky.excess(pixels, frame.header))
        kinds.append(sky.references.kind)
    assert kinds[:7] == ["none"] * 7
    assert found[:7] == [None] * 7
    assert kinds[-1] == "measured"
    learned = references_of(some.statistics)  # after 8, 12, 18, 27 and 40 frames
    expected = learned.excess(some.pixels[-1], some.frames[-1].header)
    assert found[-1] is not None
    assert expected is not None
    np.testing.assert_array_equal(found[-1].values, expected.values)


def test_a_long_night_keeps_a_bounded_sample_that_is_denser_towards_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order = np.arange(10 * SAMPLE)
    sizes = []
    taught: list[list[int]] = []

    def learn(sample: list[FrameStatistics]) -> object:
        taught.append([int(one.focal_plane) for one in sample])
        return references_of([])

    monkeypatch.setattr(live, "references_of", learn)
    monkeypatch.setattr(live, "LEAST_S", 0.0)
    sky = LiveReferences()
    some = nights(3, 20).statistics[0]
    for number in order.tolist():
        sky._add([replace(some, focal_plane=float(number))])
        sizes.append(len(sky._sample))
    assert max(sizes) <= SAMPLE
    last = np.array(taught[-1])
    assert (np.diff(last) > 0).all()
    assert last[0] < len(order) / 4, "the beginning is not forgotten"
    assert np.count_nonzero(last > len(order) - SAMPLE) > SAMPLE / 4
    assert len(taught) < len(order) / live.MOST_BETWEEN + 12


def test_no_frame_of_a_long_night_waits_until_more_is_learned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    may_end, sizes = Event(), []

    def learn(sample: list[FrameStatistics]) -> object:
        sizes.append(len(sample))
        if len(sizes) > before:
            assert may_end.wait(60)
        return references_of([])

    monkeypatch.setattr(live, "references_of", learn)
    sky, before = LiveReferences(), 1
    some = nights(3, 20).statistics[0]
    sky._add([some] * SAMPLE)
    assert sizes == [SAMPLE], "at once, as frames at the start depend on it"
    for _ in range(10 * live.MOST_BETWEEN):
        sky._add([some])  # would wait here
    assert len(sizes) == 2, "one learner at a time"
    may_end.set()
    sky._learner.join()
    sky._add([some])
    assert len(sizes) == 2, "not again within a minute"
    monkeypatch.setattr(live, "LEAST_S", 0.0)
    sky._add([some])
    sky._learner.join()
    assert len(sizes) == 3


def test_frames_handled_before_are_read(tmp_path: Path) -> None:
    some, sky = nights(3, 20), LiveReferences()
    paths = []
    for number, frame in enumerate(some.frames):
        paths.append(tmp_path / f"{number:02}.fits")
        fits.writeto(paths[-1], frame.data, frame.header)
    sky.read([])
    assert sky.references.kind == "none"
    sky.read(paths)
    assert sky.references.kind == "measured"
    assert sky.references.found[0].frames == 40


def test_a_coarse_frame_teaches_nothing() -> None:
    sky = LiveReferences()
    for _ in range(20):
        assert sky.excess(np.full((16, 20), 700.0)) is None
    assert sky.references.kind == "none"
