"""Split labelled frames into train, validation and test without leakage between the parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import IrisError
from napari_iris.labels import PARTS
from napari_iris.project.assign_parts import ENOUGH, assign_parts, single_class_parts
from napari_iris.project.frame_table import UNKNOWN
from napari_iris.project.split import duplicates_across
from napari_iris.project.time_gap import is_near_any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.dataset.sample_table import SampleTable
    from napari_iris.dataset.samples import SampleSource
    from napari_iris.events import PartCounts
    from napari_iris.networks.spec import Kind
    from napari_iris.project.split_config import SplitConfig

STEP = 1.5
"""Gap between blocks of frames without times [frames]: more than 1 and less than 2 leaves out one
frame."""


@dataclass(frozen=True, eq=False)
class Split:
    """A split of samples.

    Attributes
    ----------
    train, validation, test : ndarray of int
        Rows of the samples in each part, in order.
    left_out : int
        Samples in no part: not labelled, duplicates, or within the gap.
    overlap : dict
        Samples with a duplicate in another part: ``same`` pixels, or ``alike`` (similar).
    saved : bool
        Whether it is the split saved in the project.
    seen : int
        Training frames of the model that the run starts from, which are in the training part.
    one_class : dict of str to str
        Parts with one class only, 'clear' or 'cloudy': they cannot measure the other one.
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
    source: SampleSource, config: SplitConfig, kind: Kind, seen: NDArray[np.bool_] | None = None
) -> Split:
    """Split the labelled samples; duplicates (frames with the same pixels) are left out.

    The split saved in a project is used if it has frames in each configured part. Otherwise nights
    or contiguous blocks stay together, with a gap in time between the parts. If no frame has a
    time, blocks are made of the natural order of the files: one frame is left out between two
    blocks, as are training and validation frames that look like one of a later part, unless a part
    would lose more than half of its frames.

    Parameters
    ----------
    source : SampleSource
        The samples.
    config : SplitConfig
        Percentages, gap and seed.
    kind : {'unet', 'vgg8'}
        The network.
    seen : ndarray of bool, shape (samples,), optional
        Samples that the network has been trained on before: they go to the training part, and the
        other parts keep the gap from them.

    Returns
    -------
    Split
        The split, and the remaining overlap.

    Raises
    ------
    IrisError
        If there are too few frames, nights or times, or a part would be empty.
    """
    table = source.table
    usable = table.without_duplicates(table.labelled(kind))
    parts = np.where(usable, table.part, UNKNOWN).astype(np.int8)
    cloud = table.cloudiness(kind)
    saved = _has_all(parts, config)
    if not saved:
        timed = not np.isnat(table.time[usable]).all()
        parts = (assign_parts if timed else _divide_by_order)(table.time, usable, config, cloud)
        if not timed and config.gap_s:
            parts = _without_similar(table, parts, config)
    # Last, whatever the split: a frame that the initial model was trained on cannot measure it.
    known = np.zeros(len(table), np.bool_) if seen is None else seen & usable
    if known.any():
        parts = _with_known(table.time, parts, known, config)
    same, alike = _duplicates(table, parts)
    train, validation, test = (np.flatnonzero(parts == code) for code in range(len(PARTS)))
    overlap = {"same": int(same.sum()), "alike": int((alike & ~same).sum())}
    left_out = int(np.count_nonzero(parts == UNKNOWN))
    sides = single_class_parts(parts, cloud)
    return Split(train, validation, test, left_out, overlap, saved, int(known.sum()), sides)


def _with_known(
    times: NDArray[np.datetime64],
    parts: NDArray[np.int8],
    known: NDArray[np.bool_],
    config: SplitConfig,
) -> NDArray[np.int8]:
    """Move the known samples to the training part, and leave out what is within the gap of them."""
    moved = parts.copy()
    evaluated = (parts > 0) & ~known
    if config.gap_s:
        moved[evaluated & is_near_any(times, times[known], config.gap_s)] = UNKNOWN
    moved[known] = 0
    emptied = [PARTS[code] for code in (1, 2) if config.percent[code] and not (moved == code).any()]
    if emptied:
        reason = f"the model of --init was trained on all {' and '.join(emptied)} frames"
        raise IrisError(f"{reason}; add other frames, or give the --seed of its training")
    return moved


def _has_all(parts: NDArray[np.int8], config: SplitConfig) -> bool:
    """Whether each configured part has frames."""
    return all(np.any(parts == code) for code, percent in enumerate(config.percent) if percent)


def _divide_by_order(
    times: NDArray[np.datetime64],
    usable: NDArray[np.bool_],
    config: SplitConfig,
    cloud: NDArray[np.floating],
) -> NDArray[np.int8]:
    """Split frames without times as if they were a second apart; very few without a gap."""
    if config.by == "night":
        return assign_parts(times, usable, config, cloud)  # raises, and says what is missing
    seconds = np.cumsum(usable).astype("M8[s]").astype("M8[us]")
    by_block = {"by": "block", "gap_s": STEP if config.gap_s else 0.0}
    try:
        return assign_parts(seconds, usable, config.model_copy(update=by_block), cloud)
    except IrisError:
        without_gap = config.model_copy(update={**by_block, "gap_s": 0.0})
        return assign_parts(seconds, usable, without_gap, cloud)


def _without_similar(
    table: SampleTable, parts: NDArray[np.int8], config: SplitConfig
) -> NDArray[np.int8]:
    """Leave out frames that look like one of a later part, unless too few remain."""
    thinned = parts.copy()
    # Train gives way to validation, and both to test, which stays whole.
    for part in reversed(range(len(PARTS) - 1)):
        # Compare this part with all later ones together, and with nothing else.
        later = np.where(thinned > part, len(PARTS), thinned)
        later[(thinned != part) & (later != len(PARTS))] = UNKNOWN
        thinned[_duplicates(table, later)[1] & (thinned == part)] = UNKNOWN
    for code, percent in enumerate(config.percent):
        before = np.count_nonzero(parts == code)
        if percent and np.count_nonzero(thinned == code) < max(1, ENOUGH * before):
            return parts
    return thinned


def _duplicates(table: SampleTable, parts: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Find samples with the same pixels as, and similar to, one of another part."""
    rows = np.flatnonzero(parts != UNKNOWN)
    found = np.zeros((2, len(parts)), bool)
    hashes = [table.frame_hash[row] for row in rows.tolist()]
    found[:, rows] = duplicates_across(hashes, table.perceptual_hash[rows], parts[rows])
    return found
