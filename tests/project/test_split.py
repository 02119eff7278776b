"""Grouped split: no night, copy or neighbour in time is in two parts."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from napari_iris.errors import IrisError
from napari_iris.frames.identity import ALIKE_BITS
from napari_iris.frames.paths import FramePaths
from napari_iris.labels import PARTS
from napari_iris.project import indexing
from napari_iris.project.assign_parts import BLOCKS
from napari_iris.project.frame_table import UNKNOWN, FrameTable
from napari_iris.project.indexing import index
from napari_iris.project.project import Project
from napari_iris.project.records import FrameFacts
from napari_iris.project.split import overlap, split, table_parts
from napari_iris.project.split_config import SplitConfig

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

NOON = np.datetime64("2024-01-15T12:00:00", "us")
NAT = np.datetime64("NaT")


def table_of(times: list[np.datetime64]) -> FrameTable:
    """Table of frames with times only."""
    time = np.sort(np.array(times, "M8[us]"))
    count = len(time)
    nothing = np.zeros(count, np.int8)
    unset = np.full(count, UNKNOWN, np.int8)
    floats = np.full(count, np.nan, np.float32)
    return FrameTable(
        id=np.arange(1, count + 1), packed=FramePaths.of(["/a.fits"] * count).packed, time=time,
        status=nothing, frame_class=unset, part=unset.copy(),
        duplicate_of=np.zeros(count, np.int64), is_copy=np.zeros(count, bool),
        trust=floats, uncertainty=floats, cloud_fraction=floats,
        labelled_at=np.zeros(count, np.int64), floor=floats, median=floats, level=floats,
        excess=floats, undecided=floats, disagreement=floats, novelty=floats,
        from_model=np.zeros(count, bool),
    )  # fmt: skip


def evenly(count: int, step_s: float = 10) -> list[np.datetime64]:
    return [NOON + np.timedelta64(round(place * step_s * 1e6), "us") for place in range(count)]


def counts(parts: NDArray[np.int8]) -> list[int]:
    return [int(np.count_nonzero(parts == code)) for code in range(len(PARTS))]


def divided(table: FrameTable, config: SplitConfig) -> NDArray[np.int8] | None:
    """Parts, or None where the gap leaves none for one of them."""
    try:
        return table_parts(table, config)
    except IrisError as error:
        if "give a smaller --gap-s" not in str(error):
            raise
        return None


percents = st.tuples(st.integers(0, 100), st.integers(0, 100)).map(
    lambda cuts: tuple(float(part) for part in np.diff([0, *sorted(cuts), 100]))
)
nights = st.lists(
    st.lists(st.integers(0, 86_399), min_size=1, max_size=30), min_size=3, max_size=12
).map(
    lambda found: [
        NOON + np.timedelta64(86_400 * night + second, "s")
        for night, seconds in enumerate(found)
        for second in seconds
    ]
)
moments = st.lists(st.integers(0, 4000), min_size=3, max_size=80).map(
    lambda seconds: [NOON + np.timedelta64(second, "s") for second in seconds]
)
seeds = st.integers(0, 1000)


@given(nights, percents, seeds, st.sampled_from([0, 600, 7200]))
def test_no_night_is_in_two_parts(
    times: list[np.datetime64], percent: tuple[float, ...], seed: int, gap: float
) -> None:
    table = table_of(times)
    parts = divided(table, SplitConfig(percent=percent, by="night", seed=seed, gap_s=gap))
    assert gap or parts is not None
    assume(parts is not None)
    found = defaultdict(set)
    for time, part in zip(table.time.tolist(), parts.tolist(), strict=True):
        if part != UNKNOWN:
            found[(time - timedelta(hours=12)).date()].add(part)
    assert all(len(one) == 1 for one in found.values())


@given(st.integers(3, 300), percents, seeds)
def test_blocks_are_contiguous(count: int, percent: tuple[float, ...], seed: int) -> None:
    config = SplitConfig(percent=percent, by="block", seed=seed, gap_s=0)
    parts = table_parts(table_of(evenly(count)), config)
    runs = np.split(parts, np.flatnonzero(np.diff(parts)) + 1)
    assert len(runs) <= BLOCKS
    assert min(map(len, runs)) >= max(1, count // BLOCKS)
    assert sum(counts(parts)) == count


@given(
    st.one_of(
        st.tuples(moments, st.sampled_from(["auto", "block"]), st.integers(0, 3)),
        st.tuples(nights, st.sampled_from(["auto", "block"]), st.integers(0, 3)),
        st.tuples(nights, st.just("night"), st.just(0)),
    ),
    percents,
    seeds,
    st.sampled_from([0, 1, 29.5, 60, 600, 5000]),
)
def test_the_gap_is_kept_and_no_frame_is_left_out_without_need(
    sky: tuple[list[np.datetime64], str, int], percent: tuple[float, ...], seed: int, gap: float
) -> None:
    times, by, timeless = sky
    table = table_of([*times, *[NAT] * timeless])
    parts = divided(table, SplitConfig(percent=percent, by=by, seed=seed, gap_s=gap))
    assume(parts is not None)
    seconds = (table.time - NOON) / np.timedelta64(1, "s")
    apart = np.abs(seconds[:, None] - seconds[None, :])
    kept = parts != UNKNOWN
    differ = (parts[:, None] != parts[None, :]) & kept[:, None] & kept[None, :]
    assert not np.any(differ & (apart < gap))
    near_kept = (kept[None, :] & (apart < gap)).any(axis=1)
    assert near_kept[~kept].all()
    assert all(
        bool(count) == (share > 0) for count, share in zip(counts(parts), percent, strict=True)
    )


@given(nights, percents, seeds, st.sampled_from(["night", "block"]))
def test_parts_have_their_share_within_one_unit(
    times: list[np.datetime64], percent: tuple[float, ...], seed: int, by: str
) -> None:
    table = table_of(times)
    config = SplitConfig(percent=percent, by=by, seed=seed, gap_s=0)
    found = np.array(counts(table_parts(table, config)))
    days = np.unique((table.time - np.timedelta64(12, "h")).astype("M8[D]"), return_counts=True)[1]
    unit = days.max() if by == "night" else -(-len(times) // min(BLOCKS, len(times)))
    wanted = np.array(percent) / 100 * len(times)
    forced = min(wanted[wanted > 0]) < unit  # a part that is to get less than a unit gets one
    assert np.all(np.abs(found - wanted) <= unit * (2 if forced else 1))
    assert all((count > 0) == (share > 0) for count, share in zip(found, percent, strict=True))


@pytest.mark.parametrize("by", ["night", "block"])
def test_a_seed_repeats_its_split_and_other_seeds_differ(by: str) -> None:
    times = [NOON + np.timedelta64(night, "D") for night in range(12) for _ in range(5)]
    ways = {}
    for seed in [*range(20)] * 2:
        parts = table_parts(table_of(times), SplitConfig(by=by, seed=seed)).tobytes()
        assert ways.setdefault(seed, parts) == parts
    assert len(set(ways.values())) > 15


@pytest.mark.parametrize(
    ("count", "step_s", "gap_s"),
    [(3, 600, 600), (40, 60, 600), (100, 10, 200), (1000, 1 / 9, 20), (10, 1, 1.5),
     (40, 60, 800), (20_000, 1, 600)],
)  # fmt: skip
@pytest.mark.parametrize("seed", range(5))
def test_every_part_gets_frames_however_short_the_night(
    count: int, step_s: float, gap_s: float, seed: int
) -> None:
    """40 frames a minute apart, as simulated by default: of 20 blocks gaps take all of train."""
    parts = table_parts(table_of(evenly(count, step_s)), SplitConfig(gap_s=gap_s, seed=seed))
    assert min(counts(parts)) > 0
    assert count < 1000 or min(counts(parts)) > count / 30


@pytest.mark.parametrize(
    ("times", "settings", "message"),
    [
        ([], {}, r"0 frames cannot be split into 3; index more frames"),
        (evenly(2), {}, r"2 frames cannot be split into 3; index more frames"),
        (evenly(1), {"percent": (50, 50, 0)}, r"1 frames cannot be split into 2"),
        (evenly(9), {}, r"with a gap of 600 s no frame is left for \w+( and \w+)?; give a smaller"),
        (evenly(9), {"by": "night"}, r"fewer nights \(1\) than parts \(3\); use --by block"),
        ([*evenly(9, 86_400), NAT], {"by": "night"}, r"1 frames have no time, .*; use --by block"),
    ],
)  # fmt: skip
def test_an_impossible_split_is_an_error(times: list, settings: dict, message: str) -> None:
    with pytest.raises(IrisError, match=message) as raised:
        table_parts(table_of(times), SplitConfig(**settings))
    assert str(raised.value).isprintable(), "one line"


def test_frames_without_times_are_split_by_blocks_in_order() -> None:
    parts = table_parts(table_of([NAT] * 40), SplitConfig())
    assert counts(parts) == [28, 8, 4]
    parts = table_parts(table_of([*evenly(30, 86_400), *[NAT] * 10]), SplitConfig())
    assert sum(counts(parts)) == 40
    assert np.count_nonzero(np.diff(parts)) < BLOCKS


@pytest.mark.parametrize(
    "wrong",
    [
        {"percent": (70, 20, 20)},
        {"percent": (110, -20, 10)},
        {"percent": (float("nan"), 50, 50)},
        {"percent": (float("inf"), 0, 0)},
        {"gap_s": -1},
        {"gap_s": float("inf")},
        {"gap_s": float("nan")},
        {"seed": -1},
        {"by": "frame"},
    ],
)
def test_invalid_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SplitConfig(**wrong)
    assert SplitConfig(percent=(33.33, 33.33, 33.33))


def test_rejected_frames_and_copies_are_left_out_and_the_rest_is_saved(
    project: Project, frames: list[Path], write_frame: Callable
) -> None:
    copy = write_frame("again/copy.fits", np.asarray(indexing.read_frame(frames[1]).data))
    assert list(index(project, [copy], None)) == [copy]
    project.reject(3, "a bird")
    found = split(project, SplitConfig(gap_s=0, percent=(60, 20, 20)))
    assert found == {
        "train": 3, "validation": 1, "test": 1, "left_out": 2, "same": 0, "alike": 0
    }  # fmt: skip
    table = project.table
    assert [table.paths[row].name for row in np.flatnonzero(table.part == UNKNOWN)] == [
        "sky_2.fits",
        "copy.fits",
    ]
    before = table.part.copy()
    with Project(project.folder, read_only=True) as again:
        np.testing.assert_array_equal(again.table.part, before)
        saved = SplitConfig.model_validate_json(again.repository.setting("split"))
        assert saved.percent == (60, 20, 20)
    split(project, SplitConfig(gap_s=0, percent=(0, 100, 0)))
    assert counts(project.table.part) == [0, 5, 0], "the split before is gone"


def test_copies_left_unmarked_by_a_stopped_run_are_found(
    tmp_path: Path, write_frame: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "BATCH_S", 0)
    data = np.random.default_rng(0).integers(600, 700, (5, 24, 32)).astype(np.int16)
    paths = [write_frame(f"{n:02}.fits", data[n % 5]) for n in range(30)]
    with Project(tmp_path / "project") as project:
        run = index(project, paths, None, jobs=1)
        for _ in range(29):
            next(run)
        run.close()
        found = split(project, SplitConfig(gap_s=0))
        assert sum(found[part] for part in PARTS) == 5
        assert found["same"] == 0


def fill(project: Project, rng: np.random.Generator, count: int) -> None:
    """Add frames with few different hashes, and random parts."""
    with project.repository.transaction() as transaction:
        for number in range(count):
            hashes = bytes([*[0] * 15, rng.integers(40)]), int(rng.integers(2**9))
            path = Path(f"/{number}.fits")
            transaction.add_frame(FrameFacts(path, 1, 1, None, (8, 9), "{}", *hashes, None))
            transaction.set_parts([([None, *PARTS][rng.integers(4)], number + 1)])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("count", [0, 1, 12, 60])
def test_the_overlap_equals_a_comparison_of_all_pairs(
    tmp_path: Path, seed: int, count: int
) -> None:
    with Project(tmp_path / "project") as project:
        fill(project, np.random.default_rng(seed), count)
        rows = [row for row in project.repository.frame_hashes() if row.part]
        same, alike = set(), set()
        for one, other in combinations(rows, 2):
            if one.part != other.part:
                both = {one.frame, other.frame}
                same |= both if one.hash == other.hash else set()
                near = (one.likeness ^ other.likeness).bit_count() <= ALIKE_BITS
                alike |= both if near else set()
        assert overlap(project) == {"same": len(same), "alike": len(alike - same)}
        assert count < 60 or min(len(same), len(alike - same)) > 3
