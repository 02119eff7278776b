"""What a run learns from: found, checked, split, and given batch by batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from napari_iris.dataset import (
    Batches,
    Joined,
    Parts,
    SimulatedSamples,
    SplitConfig,
    check,
    class_weights,
    data_hash,
    find_samples,
    only_usable,
    split_samples,
)
from napari_iris.errors import IrisError
from napari_iris.training.weighed import Weighed

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.dataset import Samples, Source
    from napari_iris.errors import FileError
    from napari_iris.training.config import TrainConfig
    from napari_iris.training.history import History

GAPS = (1.0, 0.1, 0.01, 0.0)
"""Parts of the gap asked for that are tried, in turn, until each part has frames."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """What a run learns from, split and checked.

    Attributes
    ----------
    source : Source
        The samples, and after them the simulated ones.
    parts : Parts
        The split of the samples; simulated ones are for training alone.
    gap_s : float
        Gap in time between the parts that was kept [s].
    independent : bool
        Whether each frame was simulated on its own, so that no gap is needed.
    train : ndarray of int
        Numbers of all training samples.
    problems : tuple of FileError
        Files that cannot be used.
    hash : str
        Of all that is learnt and judged by.
    weights : (float, float)
        What clear and cloudy truth count in the loss; 1 and 1 where nothing is balanced.
    """

    source: Source
    parts: Parts
    gap_s: float
    independent: bool
    train: np.ndarray[Any, np.dtype[np.intp]]
    problems: tuple[FileError, ...]
    hash: str
    weights: tuple[float, float]


def prepare(config: TrainConfig, data: Path, history: History | None = None) -> Lesson:
    """Find, check and split what a run is to learn from.

    Parameters
    ----------
    config : TrainConfig
        The run.
    data : Path
        A project, a folder of mask FITS, or a folder with ``frames/`` and ``truth/``.
    history : History, optional
        What the model that it starts from has learnt: these frames are for training alone.

    Raises
    ------
    IrisError
        If nothing can be learnt from it: it is empty, tiny, of one class, or has no labels.
    """
    kind = config.network.kind
    samples = only_usable(find_samples(data, config.masks))
    check(samples, kind, refused=samples.problems)
    seen = None if history is None else history.has_seen(samples)
    parts, gap = _split(samples, config, seen)
    used = np.concatenate([parts.train, parts.validation, parts.test])
    found = data_hash(samples, used)
    source: Source = samples
    train = parts.train
    if not config.simulated:
        check(samples, kind, train, least=1, what="training frames", refused=samples.problems)
    if config.simulated:
        sky: Literal["mixed", "cloudy"] = "mixed" if config.simulated_masks == "truth" else "cloudy"
        made = SimulatedSamples(config.simulated, config.seed, sky, config.simulated_masks)
        source = Joined(samples, made)
        extra = len(samples.facts.time) + np.arange(config.simulated)
        train = np.concatenate([train, extra]).astype(np.intp)
    balanced = config.class_weight == "balanced"
    weights = class_weights(source, train, kind) if balanced else (1.0, 1.0)
    alone = samples.independent
    return Lesson(source, parts, gap, alone, train, samples.problems, found, weights)


def _split(
    samples: Samples, config: TrainConfig, seen: NDArray[np.bool_] | None
) -> tuple[Parts, float]:
    """Split with the gap that is asked for; with a smaller one where that would leave nothing."""
    first: IrisError | None = None
    for share in GAPS[-1:] if samples.independent else GAPS:
        gap = config.gap_s * share
        split = SplitConfig(percent=config.percent, gap_s=gap, seed=config.seed)
        try:
            return split_samples(samples, split, config.network.kind, seen), gap
        except IrisError as error:
            first = first or error
    raise first or IrisError("the frames cannot be split")


def batches(config: TrainConfig, lesson: Lesson) -> tuple[Weighed, Batches]:
    """Make the batches to learn from, and those to be judged by: all classes count alike there."""
    learning = Batches(
        lesson.source,
        lesson.train,
        config.network,
        config.normalisation,
        batch_size=config.batch_size,
        augmented=config.aug_batch_size,
        seed=config.seed,
    )
    judging = Batches(
        lesson.source,
        lesson.parts.validation,
        config.network,
        config.normalisation,
        batch_size=config.val_batch_size,
        shuffle=False,
    )
    return Weighed(learning, *lesson.weights), judging
