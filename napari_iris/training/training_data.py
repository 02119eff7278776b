"""The data of a training run: found, checked, split, and made into batches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.dataset.batches import Batches
from napari_iris.dataset.cache import CachedSamples
from napari_iris.dataset.clear_sky import SampleReferences, find_references
from napari_iris.dataset.concatenated import ConcatenatedSamples
from napari_iris.dataset.find import find_samples
from napari_iris.dataset.label_check import check_labels
from napari_iris.dataset.simulated import SimulatedSamples
from napari_iris.dataset.split import Split, split_samples
from napari_iris.dataset.usable import drop_unusable
from napari_iris.dataset.workers import Workers
from napari_iris.errors import IrisError
from napari_iris.project.split_config import SplitConfig
from napari_iris.radiometry.reference_set import ReferenceSet
from napari_iris.training.class_weights import ClassWeightedBatches

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.dataset.samples import Samples, SampleSource
    from napari_iris.errors import FileError
    from napari_iris.training.config import TrainConfig
    from napari_iris.training.lineage import Lineage

GAP_FACTORS = (1.0, 0.1, 0.01, 0.0)
"""Factors of the configured gap that are tried in turn until every part has frames."""

VALIDATION_SEED = 1_000_003
"""Added to the seed of a run for the simulated frames of its validation: no training frame is of
such a seed."""

VALIDATION_PART, VALIDATION_FRAMES = 0.05, (20, 1000)
"""Share of the simulated frames that are simulated in addition, for validation; its limits."""


@dataclass(frozen=True, eq=False)
class TrainingData:
    """The data of a run, split and checked.

    Attributes
    ----------
    source : SampleSource
        The samples of DATA, followed by the simulated ones.
    files : int
        How many are of DATA: the first ones.
    split : Split
        Split of the samples of DATA; without any, of the simulated ones.
    gap_s : float
        Gap in time between the parts that was kept [s].
    independent : bool
        Whether each frame was simulated on its own, so that no gap is needed.
    train : ndarray of int
        Rows of all training samples, simulated ones included.
    problems : tuple of FileError
        Files that cannot be used.
    hash : str
        Hash of all samples used.
    class_weights : (float, float)
        Weights of clear sky and cloud in the loss; 1 and 1 without class weighting.
    workers : Workers
        Processes that simulate; to be closed after the training.
    references : SampleReferences
        Clear-sky references of the samples of DATA; empty for networks that do not take the excess.
    sure_labels : str
        Of frames that a model is adapted to: how many have sure labels, and what these are.
    """

    source: SampleSource
    files: int
    split: Split
    gap_s: float
    independent: bool
    train: NDArray[np.intp]
    problems: tuple[FileError, ...]
    hash: str
    class_weights: tuple[float, float]
    workers: Workers
    references: SampleReferences
    sure_labels: str = ""


def load_training_data(
    config: TrainConfig,
    data: Path | None,
    lineage: Lineage | None = None,
    learned: ReferenceSet | None = None,
) -> TrainingData:
    """Find, check and split the data of a run; frames are read only to check them.

    Without `data`, the network is trained on simulated frames alone, and validated on others.

    Parameters
    ----------
    config : TrainConfig
        The run.
    data : Path or None
        A project, a folder of mask FITS, or a folder with ``frames/`` and ``truth/``.
    lineage : Lineage, optional
        The models that the run starts from; their training frames stay training frames.
    learned : ReferenceSet, optional
        Clear-sky references that were learned from the data before.

    Returns
    -------
    TrainingData
        The data.

    Raises
    ------
    IrisError
        If the data cannot be trained on: empty, too small, of one class, or without labels.
    """
    if config.network.takes_colour and config.simulated:
        raise IrisError("simulated frames are grey: leave out --simulated, or --planes 3")
    if data is None:
        return _simulated_data(config)
    # Checks before the split, so that an error speaks of all the data, not of one part.
    kind = config.network.kind
    found = replace(
        find_samples(data, config.masks, site_mask=config.site_mask),
        colour=config.network.takes_colour,
    )
    samples = drop_unusable(found)
    check_labels(samples, kind, refused=samples.problems)
    split, gap = split_frames(samples, config, lineage)
    used = np.concatenate([split.train, split.validation, split.test])
    digest = samples.table.data_hash(used)
    workers = Workers()
    references = SampleReferences(ReferenceSet())
    if config.network.planes == 2:
        references = find_references(
            config.reference, data, samples.paths, learned, independent=samples.independent
        )
        samples = replace(samples, references=references)
    source: SampleSource = CachedSamples(samples)
    train = split.train
    if config.simulated:
        added = SimulatedSamples(config.simulated, config.seed, config.simulated_masks, workers)
        source = ConcatenatedSamples(source, added)
        extra = len(samples) + np.arange(config.simulated)
        train = np.concatenate([train, extra]).astype(np.intp)
    else:
        what = "training frames"
        check_labels(samples, kind, train, least=1, what=what, refused=samples.problems)
    balanced = config.class_weight == "balanced"
    weights = samples.table.class_weights(split.train, kind) if balanced else (1.0, 1.0)
    return TrainingData(
        source,
        len(samples),
        split,
        gap,
        samples.independent,
        train,
        samples.problems,
        digest,
        weights,
        workers,
        references,
    )


def _simulated_data(config: TrainConfig) -> TrainingData:
    """Make simulated frames to train on, and others for validation."""
    if not config.simulated:
        raise IrisError("no labelled frames: give DATA, or a number of frames with --simulated")
    if config.class_weight == "balanced":
        raise IrisError("--class-weight balanced: the classes of simulated frames are not counted")
    count = int(np.clip(config.simulated * VALIDATION_PART, *VALIDATION_FRAMES))
    masks, workers = config.simulated_masks, Workers()
    validation = SimulatedSamples(count, config.seed + VALIDATION_SEED, masks, workers)
    source = ConcatenatedSamples(
        validation, SimulatedSamples(config.simulated, config.seed, masks, workers)
    )
    rows = np.arange(len(source))
    none = rows[:0]
    overlap = {"same": 0, "alike": 0}
    split = Split(none, rows[:count], none, left_out=0, overlap=overlap, saved=False)
    digest = source.table.data_hash(rows)
    train, weights = rows[count:], (1.0, 1.0)
    return TrainingData(
        source,
        0,
        split,
        0.0,
        independent=True,
        train=train,
        problems=(),
        hash=digest,
        class_weights=weights,
        workers=workers,
        references=SampleReferences(ReferenceSet()),
    )


def split_frames(
    samples: Samples, config: TrainConfig, lineage: Lineage | None
) -> tuple[Split, float]:
    """Split with the configured gap, or with a smaller one if that leaves a part empty.

    Parameters
    ----------
    samples : Samples
        The frames.
    config : TrainConfig
        The run.
    lineage : Lineage or None
        The models that the run starts from; their training frames stay training frames.

    Returns
    -------
    split : Split
        The split.
    gap : float
        The gap that was kept [s].

    Raises
    ------
    IrisError
        If the frames cannot be split.
    """
    seen = None if lineage is None else lineage.frames.find_in(samples)
    first: IrisError | None = None
    for factor in GAP_FACTORS[-1:] if samples.independent else GAP_FACTORS:
        gap = config.gap_s * factor
        split = SplitConfig(percent=config.percent, gap_s=gap, seed=config.seed)
        try:
            return split_samples(samples, split, config.network.kind, seen), gap
        except IrisError as error:
            first = first or error
    raise first or IrisError("the frames cannot be split")


def make_batches(config: TrainConfig, data: TrainingData) -> tuple[ClassWeightedBatches, Batches]:
    """Make the training and the validation batches.

    Parameters
    ----------
    config : TrainConfig
        The run.
    data : TrainingData
        Its data.

    Returns
    -------
    train : ClassWeightedBatches
        Shuffled and augmented, with class weights.
    validation : Batches
        In order, as they are, without class weights.
    """
    train = Batches(
        data.source,
        data.train,
        config.network,
        config.normalisation,
        batch_size=config.batch_size,
        augmented=config.aug_batch_size,
        seed=config.seed,
        halves=config.adapt is not None,
        mirrored=config.mirror,
    )
    validation = Batches(
        data.source,
        data.split.validation,
        config.network,
        config.normalisation,
        batch_size=config.val_batch_size,
        shuffle=False,
    )
    return ClassWeightedBatches(train, *data.class_weights), validation
