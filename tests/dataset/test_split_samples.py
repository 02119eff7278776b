"""Train, validation and test share no night, no neighbour and no duplicate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_iris.dataset.find import find_samples
from napari_iris.dataset.sample_table import CLEAR, CLOUDY
from napari_iris.dataset.split import Split, split_samples
from napari_iris.errors import IrisError
from napari_iris.project.project import Project
from napari_iris.project.split import split
from napari_iris.project.split_config import SplitConfig

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

START = np.datetime64("2024-01-15T18:00:00", "us")


def by_part(parts: Split) -> list[set[int]]:
    return [set(rows.tolist()) for rows in (parts.train, parts.validation, parts.test)]


@pytest.mark.slow
@given(
    count=st.integers(12, 80), seed=st.integers(0, 99), copies=st.integers(1, 5),
    timed=st.booleans(),
)  # fmt: skip
def test_parts_share_no_frame_and_no_duplicate(
    source_of: Callable, half_masks: Callable, count: int, seed: int, copies: int, timed: bool
) -> None:
    time = START + np.arange(count) * np.timedelta64(60, "s") if timed else "NaT"
    hashes = [b"%016d" % (row % max(12, count // copies)) for row in range(count)]
    source = source_of(half_masks(count, (8, 8)), time=time, hashes=hashes)
    parts = split_samples(source, SplitConfig(seed=seed, gap_s=120), "unet")
    found = by_part(parts)
    assert all(found)
    used = [row for part in found for row in part]
    assert len(used) == len(set(used)) == count - parts.left_out
    assert len({hashes[row] for row in used}) == len(used)
    assert parts.overlap["same"] == 0
    for one in found:
        for other in found:
            near = min(abs(a - b) for a in one for b in other)
            assert one is other or near > 1, "two minutes, or a frame between"
    assert parts.facts()["left_out"] == parts.left_out


def test_nights_stay_together(source_of: Callable, half_masks: Callable) -> None:
    night = np.repeat(np.arange(12), 5)
    time = START + night * np.timedelta64(1, "D") + np.tile(np.arange(5), 12)
    source = source_of(half_masks(60, (8, 8)), time=time)
    parts = split_samples(source, SplitConfig(), "unet")
    nights = [set(night[list(rows)]) for rows in by_part(parts)]
    assert sum(map(len, nights)) == 12
    assert parts.left_out == 0


def test_unlabelled_samples_are_left_out(source_of: Callable, half_masks: Callable) -> None:
    masks = half_masks(40, (8, 8))
    masks[::4] = 2
    source = source_of(masks, frame_class=np.where(np.arange(40) % 4 == 1, 2, -1))
    config = SplitConfig(gap_s=0)
    for kind, count in (("unet", 30), ("vgg8", 20)):
        assert 40 - split_samples(source, config, kind).left_out == count


def test_untimed_similar_frames_are_left_out_of_training(
    source_of: Callable, half_masks: Callable
) -> None:
    """Every fifth frame has the perceptual hash 0; all others differ."""
    rng = np.random.default_rng(0)
    looks = rng.integers(-(2**63), 2**63, 100, dtype=np.int64)
    looks[::5] = 0
    parts = split_samples(source_of(half_masks(100, (8, 8)), looks=looks), SplitConfig(), "unet")
    assert parts.overlap == {"same": 0, "alike": 0}
    in_parts = [bool(rows & set(range(0, 100, 5))) for rows in by_part(parts)]
    assert in_parts == [False, False, True]


def test_unavoidable_overlap_is_counted(source_of: Callable, half_masks: Callable) -> None:
    source = source_of(half_masks(100, (8, 8)), looks=np.zeros(100))
    parts = split_samples(source, SplitConfig(), "unet")
    used = sum(map(len, by_part(parts)))
    assert parts.overlap == {"same": 0, "alike": used}
    assert used > 60


@pytest.mark.parametrize("count", [3, 4, 5, 8])
def test_very_few_untimed_frames_are_split_without_a_gap(
    source_of: Callable, half_masks: Callable, count: int
) -> None:
    assert all(by_part(split_samples(source_of(half_masks(count)), SplitConfig(), "unet")))


def test_frames_that_cannot_be_split_are_refused(source_of: Callable, half_masks: Callable) -> None:
    with pytest.raises(IrisError, match="2 frames cannot be split into 3"):
        split_samples(source_of(half_masks(2)), SplitConfig(), "unet")
    with pytest.raises(
        IrisError, match="have no time, so their nights are unknown; use --by block"
    ):
        split_samples(source_of(half_masks(9)), SplitConfig(by="night"), "unet")


def test_the_saved_split_of_a_project_is_used_if_every_part_has_frames(
    project: Path, mask_of: Callable
) -> None:
    config = SplitConfig(gap_s=0, percent=(50, 25, 25), seed=3)
    with Project(project, by="ada") as made:
        for frame in range(1, 9):
            made.approve(frame, mask_of(frame))
        split(made, config)
        saved = made.table.part.copy()
    parts = split_samples(find_samples(project), SplitConfig(gap_s=0, seed=99), "unet")
    assert parts.saved
    assert [sorted(rows) for rows in by_part(parts)] == [
        np.flatnonzero(saved == code).tolist() for code in range(3)
    ]
    with Project(project, by="ada") as made:
        for row in np.flatnonzero(saved == 2):
            made.reject(int(made.table.id[row]), "a bird")
    parts = split_samples(find_samples(project), config, "unet")
    assert not parts.saved
    assert all(by_part(parts))


@pytest.mark.slow
def test_published_frames_are_split_without_overlap(shared_data: Path) -> None:
    samples = find_samples(shared_data / "lwir" / "frames")
    parts = split_samples(samples, SplitConfig(), "unet")
    assert parts.overlap == {"same": 0, "alike": 0}
    assert [len(rows) > least for rows, least in zip(by_part(parts), (100, 30, 15), strict=True)]


@pytest.mark.parametrize("timed", [True, False])
@pytest.mark.parametrize("seed", range(6))
def test_each_part_has_both_classes_if_possible(
    source_of: Callable, seed: int, timed: bool
) -> None:
    """A clear evening, a cloudy night, a clear morning: one block is of one class."""
    sky = np.where(np.arange(60) // 6 % 3 == 1, CLOUDY, CLEAR)
    time = START + np.arange(60) * np.timedelta64(1200, "s") if timed else "NaT"
    source = source_of(None, count=60, frame_class=sky, time=time)
    parts = split_samples(source, SplitConfig(seed=seed, gap_s=600, by="block"), "vgg8")
    for rows in (parts.train, parts.validation, parts.test):
        assert set(sky[rows]) == {CLEAR, CLOUDY}
    assert parts.facts()["one_class"] == {}


def test_a_part_of_one_class_is_reported(source_of: Callable) -> None:
    sky = np.full(30, CLOUDY)
    sky[0] = CLEAR
    source = source_of(
        None, count=30, frame_class=sky, time=START + np.arange(30) * np.timedelta64(1, "h")
    )
    parts = split_samples(source, SplitConfig(), "vgg8")
    others = {"train", "validation", "test"} - set(parts.one_class)
    assert len(others) == 1, "one of them has the only clear frame"
    assert set(parts.one_class.values()) == {"cloudy"}


@pytest.mark.parametrize("place", [0, 7, 11])
def test_frames_of_an_earlier_training_stay_in_the_training_part(
    place: int, source_of: Callable, half_masks: Callable
) -> None:
    """At the edge of a block and inside one, whose other frames are within the gap."""
    time = START + np.arange(240) * np.timedelta64(60, "s")
    source = source_of(half_masks(240, (8, 8)), time=time)
    config = SplitConfig(gap_s=150)
    before = split_samples(source, config, "unet")
    seen = np.zeros(240, bool)
    seen[before.validation[place : place + 3]] = True
    parts = split_samples(source, config, "unet", seen)
    assert parts.seen == 3
    assert set(np.flatnonzero(seen)) <= set(parts.train)
    for rows in (parts.validation, parts.test):
        assert len(rows)
        near = np.abs(np.flatnonzero(seen)[:, None] - rows).min()
        assert near > 2, "two minutes and a half are kept from it"
    assert set(parts.validation) < set(before.validation)
    with pytest.raises(IrisError, match="was trained on all validation frames"):
        split_samples(source, config, "unet", np.isin(np.arange(240), before.validation))
