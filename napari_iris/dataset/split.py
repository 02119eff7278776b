"""An honest split of labelled frames into train, validation and test."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.project.frame_table import PARTS, UNKNOWN
from napari_iris.project.split import (
    ENOUGH,
    SplitConfig,
    divide_times,
    duplicates_across,
    near_any,
    one_class,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.dataset.facts import Facts
    from napari_iris.dataset.samples import Source
    from napari_iris.events import PartCounts
    from napari_iris.networks.spec import Kind

__all__ = ["Parts", "SplitConfig", "split_samples"]

STEP = 1.5
"""Gap between blocks of frames without times, in frames: one is left out."""


@dataclass(frozen=True, eq=False)
class Parts:
    """A split.

    Attributes
    ----------
    train, validation, test : ndarray of int
        Numbers of the samples in each part, in order.
    left_out : int
        Samples in none: not labelled, copies, or too near another part.
    overlap : dict
        Samples that have a twin in another part: ``same`` by pixels, ``alike`` by look.
    saved : bool
        Whether it is the project's own split.
    seen : int
        Samples that were known before and are in the training part for it, whatever the split.
    one_class : dict of str to str
        Parts that are 'clear' or 'cloudy' altogether: these cannot tell one from the other.
    """

    train: NDArray[np.intp]
    validation: NDArray[np.intp]
    test: NDArray[np.intp]
    left_out: int
    overlap: dict[str, int]
    saved: bool
    seen: int = 0
    one_class: dict[str, str] = field(default_factory=dict)

    def facts(self) -> PartCounts:
        """Count the frames in each part, as a run folder stores them."""
        return {
            "train": len(self.train),
            "validation": len(self.validation),
            "test": len(self.test),
            "left_out": self.left_out,
            "overlap": self.overlap,
            "saved": self.saved,
            "seen_by_init": self.seen,
            "one_class": self.one_class,
        }


def split_samples(
    source: Source, config: SplitConfig, kind: Kind, seen: NDArray[np.bool_] | None = None
) -> Parts:
    """Split the samples that a network can learn from; copies of a frame's pixels are left out.

    A project's saved split is kept where each part that is to have frames has some. Else nights or
    contiguous blocks stay together, with a gap in time between. Where no frame has a time, blocks
    of the files' natural order do: one frame is left out between two, and train and validation
    frames that look like one of a later part, as far as each part keeps half of its frames.

    Parameters
    ----------
    source : Source
        The samples.
    config : SplitConfig
        Percentages, gap and seed.
    kind : {'unet', 'vgg8'}
        What is to learn from them.
    seen : ndarray of bool, shape (samples,), optional
        Samples that the network has learnt before: they are for training alone, and what is left
        of other parts keeps the gap from them.

    Returns
    -------
    Parts
        The split, and the overlap there is in it.

    Raises
    ------
    IrisError
        If there are too few frames, nights or times for it, or a part would be empty.
    """
    facts = source.facts
    usable = facts.without_copies(facts.labelled(kind))
    parts = np.where(usable, facts.part, UNKNOWN).astype(np.int8)
    cloud = facts.cloud if kind == "unet" else facts.said()
    saved = _has_all(parts, config)
    if not saved:
        timed = not np.isnat(facts.time[usable]).all()
        parts = (divide_times if timed else _by_order)(facts.time, usable, config, cloud)
        if not timed and config.gap_s:
            parts = _without_alike(facts, parts, config)
    known = np.zeros(len(facts), np.bool_) if seen is None else seen & usable
    if known.any():
        parts = _with_known(facts.time, parts, known, config)
    same, alike = _twins(facts, parts)
    train, validation, test = (np.flatnonzero(parts == code) for code in range(len(PARTS)))
    overlap = {"same": int(same.sum()), "alike": int((alike & ~same).sum())}
    left_out = int(np.count_nonzero(parts == UNKNOWN))
    sides = one_class(parts, cloud)
    return Parts(train, validation, test, left_out, overlap, saved, int(known.sum()), sides)


def _with_known(
    times: NDArray[np.datetime64],
    parts: NDArray[np.int8],
    known: NDArray[np.bool_],
    config: SplitConfig,
) -> NDArray[np.int8]:
    """Put what was learnt before into the training part, and leave out what is too near it."""
    moved = parts.copy()
    judging = (parts > 0) & ~known
    gap = np.timedelta64(round(config.gap_s * 1e6), "us")
    if config.gap_s:
        moved[judging & near_any(times, times[known], gap)] = UNKNOWN
    moved[known] = 0
    emptied = [PARTS[code] for code in (1, 2) if config.percent[code] and not (moved == code).any()]
    if emptied:
        reason = f"the model given by --init has learnt all {' and '.join(emptied)} frames"
        raise IrisError(f"{reason}; give others besides, or the --seed that it was trained with")
    return moved


def _has_all(parts: NDArray[np.int8], config: SplitConfig) -> bool:
    """Whether each part that is to have frames has some."""
    return all(np.any(parts == code) for code, percent in enumerate(config.percent) if percent)


def _by_order(
    times: NDArray[np.datetime64],
    usable: NDArray[np.bool_],
    config: SplitConfig,
    cloud: NDArray[np.floating],
) -> NDArray[np.int8]:
    """Split frames without times as if they were a second apart; a very few without a gap."""
    if config.by == "night":
        return divide_times(times, usable, config, cloud)  # tells what is missing
    seconds = np.cumsum(usable).astype("M8[s]").astype("M8[us]")
    by_block = {"by": "block", "gap_s": STEP if config.gap_s else 0.0}
    try:
        return divide_times(seconds, usable, config.model_copy(update=by_block), cloud)
    except IrisError:
        tight = config.model_copy(update={**by_block, "gap_s": 0.0})
        return divide_times(seconds, usable, tight, cloud)


def _without_alike(facts: Facts, parts: NDArray[np.int8], config: SplitConfig) -> NDArray[np.int8]:
    """Leave out what looks like a frame of a later part, where enough is left."""
    thinner = parts.copy()
    for part in reversed(range(len(PARTS) - 1)):
        later = np.where(thinner > part, len(PARTS), thinner)
        later[(thinner != part) & (later != len(PARTS))] = UNKNOWN
        thinner[_twins(facts, later)[1] & (thinner == part)] = UNKNOWN
    for code, percent in enumerate(config.percent):
        before = np.count_nonzero(parts == code)
        if percent and np.count_nonzero(thinner == code) < max(1, ENOUGH * before):
            return parts
    return thinner


def _twins(facts: Facts, parts: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Which samples have the same pixels, and the same look, as one of another part."""
    rows = np.flatnonzero(parts != UNKNOWN)
    twins = np.zeros((2, len(parts)), bool)
    hashes = [facts.frame_hash[row] for row in rows.tolist()]
    twins[:, rows] = duplicates_across(hashes, facts.look[rows], parts[rows])
    return twins
