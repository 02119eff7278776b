"""An honest split: whole nights, or blocks with a gap between, so that neighbours stay together."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from napari_iris.errors import IrisError
from napari_iris.frames.identity import earlier_duplicates
from napari_iris.project.frame_table import PARTS, UNKNOWN, is_status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from napari_iris.project.frame_table import FrameTable
    from napari_iris.project.project import Project

BLOCKS = 20
"""Blocks that a project is cut into where it is split by blocks; fewer where gaps eat them up."""

ENOUGH = 0.5
"""Share of the frames it was to get that each part keeps where a split will do."""

TRIES = 10
"""Draws among which a split is looked for that has both classes in each part."""

FURTHER = 1_000_003
"""Between the seeds of these draws, so that no other seed's first draw is among them."""

HALF_DAY = np.timedelta64(12, "h")


def _adds_up(percent: tuple[float, float, float]) -> tuple[float, float, float]:
    if not (min(percent) >= 0 and abs(sum(percent) - 100) < 0.05):  # NaN is neither
        raise ValueError("the three percentages must be 0 or more and add up to 100")
    return percent


Percent = Annotated[tuple[float, float, float], AfterValidator(_adds_up)]
"""Train, validation and test, in percent."""

Gap = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
"""Time between two parts [s]."""


class SplitConfig(BaseModel):
    """How the frames are split."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    percent: Percent = Field(
        (70.0, 20.0, 10.0), description="train, validation and test, in percent of the frames"
    )
    by: Literal["auto", "night", "block"] = Field(
        "auto",
        description="what stays together: nights (noon to noon, UTC), contiguous blocks, or nights "
        "where there are enough",
    )
    gap_s: Gap = Field(600.0, description="frames this near another part's are left out [s]")
    seed: int = Field(0, ge=0, description="seed of the split")


def split(project: Project, config: SplitConfig) -> dict[str, int]:
    """Split a project's frames into train, validation and test, and save it.

    Rejected frames and copies of another frame's pixels are left out.

    Parameters
    ----------
    project : Project
        The project; its frames' ``part`` is written anew.
    config : SplitConfig
        How to split.

    Returns
    -------
    dict
        Frames by part, those ``left_out``, and the overlap found: ``same`` for pixels, ``alike``
        for looks that are on two sides of the split.

    Raises
    ------
    IrisError
        If there are too few frames, nights or times for it, or a part would be empty.
    """
    from napari_iris.project.indexing import mark_duplicates

    mark_duplicates(project)  # an index run that was stopped has left duplicates unmarked
    project.reload()
    table = project.table
    parts = divide(table, config)
    with project.repository.transaction() as transaction:
        transaction.set_parts(
            (None if part == UNKNOWN else PARTS[part], frame)
            for frame, part in zip(table.id.tolist(), parts.tolist(), strict=True)
        )
        transaction.set_setting("split", config.model_dump_json())
    table.part[:] = parts
    counts = {name: int(np.count_nonzero(parts == code)) for code, name in enumerate(PARTS)}
    return {**counts, "left_out": int(np.count_nonzero(parts == UNKNOWN)), **overlap(project)}


def divide(table: FrameTable, config: SplitConfig) -> NDArray[np.int8]:
    """Part of each frame; -1 for those left out. See `split`."""
    return divide_times(table.time, ~is_status(table, "rejected") & ~table.is_copy, config)


def divide_times(
    times: NDArray[np.datetime64],
    usable: NDArray[np.bool_],
    config: SplitConfig,
    cloud: NDArray[np.floating] | None = None,
) -> NDArray[np.int8]:
    """Part of each frame by when it was taken.

    Parameters
    ----------
    times : ndarray of datetime64[us], shape (frames,)
        When each frame was taken, in order; those without a time (NaT) last.
    usable : ndarray of bool, shape (frames,)
        Which frames to split.
    config : SplitConfig
        How to split.
    cloud : ndarray of float, shape (frames,), optional
        How much of each frame is cloud, 0 to 1. Of the ways to split, one is taken then by which
        each part has clear sky and cloud, where there is one.

    Returns
    -------
    ndarray of int8, shape (frames,)
        Place in ``PARTS``; -1 for those left out.

    Raises
    ------
    IrisError
        If there are too few frames, nights or times for it, or a part would be empty.
    """
    parts = np.full(len(times), UNKNOWN, np.int8)
    used = np.flatnonzero(usable)
    wanted = sum(percent > 0 for percent in config.percent)
    if len(used) < wanted:
        raise IrisError(f"{len(used)} frames cannot be split in {wanted}; index more frames")
    taken = times[used]
    best = (-1.0, 0)
    for way in _tries(taken, config, wanted, 1 if cloud is None else TRIES):
        way[_near_another(taken, way, config.gap_s)] = UNKNOWN
        kept = _kept(way, config)
        mixed = wanted if cloud is None else wanted - len(one_class(way, cloud[used]))
        found = min(*kept.values(), ENOUGH), mixed
        if found > best:
            parts[used], best = way, found
            emptied = [PARTS[code] for code, share in kept.items() if not share]
        if best == (ENOUGH, wanted):
            break
    if best[0] == 0:
        reason = f"with a gap of {config.gap_s:g} s no frame is left for {' and '.join(emptied)}"
        raise IrisError(f"{reason}; give a smaller --gap-s, or index more frames")
    return parts


def one_class(parts: NDArray[np.int8], cloud: NDArray[np.floating]) -> dict[str, str]:
    """Tell which parts have one class only.

    Parameters
    ----------
    parts : ndarray of int8, shape (frames,)
        Part of each frame; -1 for none.
    cloud : ndarray of float, shape (frames,)
        How much of each frame is cloud, 0 to 1.

    Returns
    -------
    dict of str to str
        By part: 'clear' or 'cloudy'. One that has both, or no frame, is not among them.
    """
    found = {}
    for code, part in enumerate(PARTS):
        values = cloud[parts == code]
        if len(values) and not (values > 0).any():
            found[part] = "clear"
        elif len(values) and not (values < 1).any():
            found[part] = "cloudy"
    return found


def overlap(project: Project) -> dict[str, int]:
    """Count frames that have a twin in another part: with the same pixels, or the same look.

    Returns
    -------
    dict
        ``same`` and ``alike``; a frame of the first is none of the second.
    """
    rows = [row for row in project.repository.frame_hashes() if row.part is not None]
    parts = np.array([PARTS.index(row.part or "") for row in rows], np.int8)
    likenesses = np.array([row.likeness for row in rows], np.int64)
    same, alike = duplicates_across([row.hash for row in rows], likenesses, parts)
    return {"same": int(same.sum()), "alike": int((alike & ~same).sum())}


def duplicates_across(
    hashes: list[bytes], looks: NDArray[np.int64], parts: NDArray[np.int8]
) -> NDArray[np.bool_]:
    """Which frames have a twin in another part.

    Parameters
    ----------
    hashes : list of bytes
        Content hash of each frame.
    looks : ndarray of int64, shape (frames,)
        Perceptual hash of each.
    parts : ndarray of int8, shape (frames,)
        Part of each.

    Returns
    -------
    ndarray of bool, shape (2, frames)
        Whether another part has the same pixels, and whether it has the same look.
    """
    twins = np.zeros((2, len(hashes)), bool)
    for order in (np.argsort(parts, kind="stable"), np.argsort(-parts, kind="stable")):
        found = earlier_duplicates([hashes[place] for place in order], looks[order])
        for twin, first in zip(twins, found, strict=True):  # first of all: in a part before, if any
            twin[order] |= (first >= 0) & (parts[order[first]] != parts[order])
    return twins


def _tries(
    times: NDArray[np.datetime64], config: SplitConfig, wanted: int, tries: int
) -> Iterator[NDArray[np.int8]]:
    """Give the ways to split, then those of further draws; the seed's own come first."""
    for number in range(tries):
        drawn = config.model_copy(update={"seed": config.seed + number * FURTHER})
        yield from _ways(times, drawn, wanted)


def _ways(
    times: NDArray[np.datetime64], config: SplitConfig, wanted: int
) -> Iterator[NDArray[np.int8]]:
    """Give the part of each frame, in order of time: one way by nights, several by blocks.

    Those of many blocks come first, as they mix best; of few, gaps take least.
    """
    nights = np.unique((times - HALF_DAY).astype("M8[D]"), return_inverse=True)[1]
    count, timeless = nights.max(initial=0) + 1, np.count_nonzero(np.isnat(times))
    if config.by == "night" and timeless:
        raise IrisError(f"{timeless} frames have no time to tell their night; use --by block")
    if config.by == "night" and count < wanted:
        raise IrisError(f"there are fewer nights ({count}) than parts ({wanted}); use --by block")
    if config.by == "night" or (config.by == "auto" and count >= 2 * wanted and not timeless):
        yield _shares(nights, config)[nights]
        return
    for blocks in range(min(BLOCKS, len(times)), wanted - 1, -1):
        units = np.arange(len(times)) * blocks // len(times)
        yield _shares(units, config)[units]
    yield from _runs(len(times), config)


def _shares(units: NDArray[np.intp], config: SplitConfig) -> NDArray[np.int8]:
    """Part of each unit: in random order, each goes where most is missing."""
    sizes = np.bincount(units)
    percent = np.array(config.percent)
    missing = percent / percent.sum() * len(units)
    empty = np.flatnonzero(percent > 0).tolist()
    parts = np.zeros(len(sizes), np.int8)
    order = np.random.default_rng(config.seed).permutation(len(sizes))
    for place, unit in enumerate(order):
        left = len(order) - place
        choice = empty[-1] if len(empty) >= left else int(np.argmax(missing))
        parts[unit] = choice
        missing[choice] -= sizes[unit]
        empty = [code for code in empty if code != choice]
    return parts


def _runs(count: int, config: SplitConfig) -> Iterator[NDArray[np.int8]]:
    """Give each part one run of frames, in every order of the parts, a random one first."""
    rng = np.random.default_rng(config.seed)
    for order in rng.permutation(list(permutations(range(len(PARTS))))):
        shares = np.cumsum(np.array(config.percent)[order])
        ends = np.round(shares / shares[-1] * count)
        yield order[np.searchsorted(ends[:-1], np.arange(count), side="right")].astype(np.int8)


def _near_another(
    times: NDArray[np.datetime64], parts: NDArray[np.int8], gap_s: float
) -> NDArray[np.bool_]:
    """Which frames, in order of time, lie within the gap of another part's; test stays whole.

    Train gives way to validation, and both to test. Frames without a time are near none.
    """
    near = np.isnat(times)
    gap = np.timedelta64(round(gap_s * 1e6), "us")
    for part in reversed(range(len(PARTS) - 1)):
        near |= (parts == part) & near_any(times, times[(parts > part) & ~near], gap)
    return near & ~np.isnat(times)


def near_any(
    times: NDArray[np.datetime64], others: NDArray[np.datetime64], gap: np.timedelta64
) -> NDArray[np.bool_]:
    """Which times lie nearer than the gap to one of the others, which are in order; no NaT does."""
    others = others[~np.isnat(others)]
    first = np.searchsorted(others, times - gap, side="right")
    found: NDArray[np.bool_] = np.searchsorted(others, times + gap, side="left") > first
    return found & ~np.isnat(times)


def _kept(parts: NDArray[np.int8], config: SplitConfig) -> dict[int, float]:
    """Share that each part has of the frames it was to get."""
    return {
        code: np.count_nonzero(parts == code) / (percent / 100 * len(parts))
        for code, percent in enumerate(config.percent)
        if percent > 0
    }
