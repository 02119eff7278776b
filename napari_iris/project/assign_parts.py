"""Assign frames to train, validation and test: nights or blocks stay together."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.labels import PARTS
from napari_iris.project.frame_table import UNKNOWN
from napari_iris.project.time_gap import is_near_later_part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from napari_iris.project.split_config import SplitConfig

BLOCKS = 20
"""Most blocks that frames are split into; fewer where the gaps between them leave too little."""

ENOUGH = 0.5
"""Share of its wanted frames that each part must keep for a split to be accepted."""

DRAWS = 10
"""Random draws among which a split with both classes in each part is searched."""

NEXT_SEED = 1_000_003
"""Added to the seed for each further draw, so that it is not another seed's first draw."""

HALF_DAY = np.timedelta64(12, "h")
"""Nights last from noon to noon, UTC."""


def assign_parts(
    times: NDArray[np.datetime64],
    usable: NDArray[np.bool_],
    config: SplitConfig,
    cloud: NDArray[np.floating] | None = None,
) -> NDArray[np.int8]:
    """Assign frames to parts by their observation times.

    Parameters
    ----------
    times : ndarray of datetime64[us], shape (frames,)
        Observation times, in order; unknown ones (NaT) last.
    usable : ndarray of bool, shape (frames,)
        Which frames to split.
    config : SplitConfig
        How to split.
    cloud : ndarray of float, shape (frames,), optional
        Cloud fraction of each frame, 0 to 1. With it, a split with clear sky and cloud in each
        part is preferred.

    Returns
    -------
    ndarray of int8, shape (frames,)
        Index into ``PARTS``; -1 for frames left out.

    Raises
    ------
    IrisError
        If there are too few frames, nights or times for it, or a part would be empty.
    """
    parts = np.full(len(times), UNKNOWN, np.int8)
    used = np.flatnonzero(usable)
    wanted = sum(percent > 0 for percent in config.percent)
    if len(used) < wanted:
        raise IrisError(f"{len(used)} frames cannot be split into {wanted}; index more frames")
    taken = times[used]
    best = (-1.0, 0)
    for candidate in _candidates(taken, config, wanted, 1 if cloud is None else DRAWS):
        candidate[is_near_later_part(taken, candidate, config.gap_s)] = UNKNOWN
        kept = _kept_shares(candidate, config)
        single = {} if cloud is None else single_class_parts(candidate, cloud[used])
        # first of all each part keeps half of its frames, then most parts have both classes
        found = min(*kept.values(), ENOUGH), wanted - len(single)
        if found > best:
            parts[used], best = candidate, found
            emptied = [PARTS[code] for code, share in kept.items() if not share]
        if best == (ENOUGH, wanted):
            break
    if best[0] == 0:
        reason = f"with a gap of {config.gap_s:g} s no frame is left for {' and '.join(emptied)}"
        raise IrisError(f"{reason}; give a smaller --gap-s, or index more frames")
    return parts


def single_class_parts(parts: NDArray[np.int8], cloud: NDArray[np.floating]) -> dict[str, str]:
    """Find the parts with clear sky only, or cloud only.

    Parameters
    ----------
    parts : ndarray of int8, shape (frames,)
        Index into ``PARTS``; -1 for frames left out.
    cloud : ndarray of float, shape (frames,)
        Cloud fraction of each frame, 0 to 1.

    Returns
    -------
    dict of str to str
        'clear' or 'cloudy', by part. Parts with both, or without frames, are not in it.
    """
    found = {}
    for code, part in enumerate(PARTS):
        values = cloud[parts == code]
        if len(values) and not (values > 0).any():
            found[part] = "clear"
        elif len(values) and not (values < 1).any():
            found[part] = "cloudy"
    return found


def _candidates(
    times: NDArray[np.datetime64], config: SplitConfig, wanted: int, draws: int
) -> Iterator[NDArray[np.int8]]:
    """Candidate splits of several random draws; those of the config's own seed come first."""
    for number in range(draws):
        drawn = config.model_copy(update={"seed": config.seed + number * NEXT_SEED})
        yield from _candidates_of_seed(times, drawn, wanted)


def _candidates_of_seed(
    times: NDArray[np.datetime64], config: SplitConfig, wanted: int
) -> Iterator[NDArray[np.int8]]:
    """Part of each frame: one candidate by nights, or several by blocks.

    Many blocks come first, as they mix best; of few blocks, the gaps cost least.
    """
    nights = np.unique((times - HALF_DAY).astype("M8[D]"), return_inverse=True)[1]
    count, timeless = nights.max(initial=0) + 1, np.count_nonzero(np.isnat(times))
    if config.by == "night" and timeless:
        reason = f"{timeless} frames have no time, so their nights are unknown"
        raise IrisError(f"{reason}; use --by block")
    if config.by == "night" and count < wanted:
        raise IrisError(f"there are fewer nights ({count}) than parts ({wanted}); use --by block")
    # two nights per part, so that no part depends on the weather of one night
    if config.by == "night" or (config.by == "auto" and count >= 2 * wanted and not timeless):
        yield _parts_of_units(nights, config)[nights]
        return
    for blocks in range(min(BLOCKS, len(times)), wanted - 1, -1):
        units = np.arange(len(times)) * blocks // len(times)
        yield _parts_of_units(units, config)[units]
    yield from _runs(len(times), config)


def _parts_of_units(units: NDArray[np.intp], config: SplitConfig) -> NDArray[np.int8]:
    """Part of each night or block: in random order, each goes where most frames are missing."""
    sizes = np.bincount(units)
    percent = np.array(config.percent)
    missing = percent / percent.sum() * len(units)
    empty = np.flatnonzero(percent > 0).tolist()
    parts = np.zeros(len(sizes), np.int8)
    order = np.random.default_rng(config.seed).permutation(len(sizes))
    for place, unit in enumerate(order):
        left = len(order) - place
        # once as many units are left as parts without any, each of these gets one
        choice = empty[-1] if len(empty) >= left else int(np.argmax(missing))
        parts[unit] = choice
        missing[choice] -= sizes[unit]
        empty = [code for code in empty if code != choice]
    return parts


def _runs(count: int, config: SplitConfig) -> Iterator[NDArray[np.int8]]:
    """One run of frames for each part, in all orders of the parts, a random one first."""
    rng = np.random.default_rng(config.seed)
    for order in rng.permutation(list(permutations(range(len(PARTS))))):
        shares = np.cumsum(np.array(config.percent)[order])
        ends = np.round(shares / shares[-1] * count)
        yield order[np.searchsorted(ends[:-1], np.arange(count), side="right")].astype(np.int8)


def _kept_shares(parts: NDArray[np.int8], config: SplitConfig) -> dict[int, float]:
    """Frames that each part has, as a share of those it was to have."""
    return {
        code: np.count_nonzero(parts == code) / (percent / 100 * len(parts))
        for code, percent in enumerate(config.percent)
        if percent > 0
    }
