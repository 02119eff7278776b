"""Train a network from labelled frames to a model folder, or go on with a run that was stopped."""

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
    data_hash,
    find_samples,
    split_samples,
)
from napari_iris.errors import IrisError, ModelError
from napari_iris.networks.card import ModelCard, find_model, read_card
from napari_iris.networks.weights import WEIGHTS, initial_weights, load_weights
from napari_iris.training.device import environment, find_device
from napari_iris.training.engine import make_engine
from napari_iris.training.loop import fit
from napari_iris.training.run_folder import RunFolder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_iris.dataset import Source
    from napari_iris.errors import FileError
    from napari_iris.networks.weights import Weights
    from napari_iris.training.config import TrainConfig
    from napari_iris.training.run_folder import Position

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
    train : ndarray of int
        Numbers of all training samples.
    problems : tuple of FileError
        Files that cannot be used.
    hash : str
        Of all that is learnt and judged by.
    """

    source: Source
    parts: Parts
    gap_s: float
    train: np.ndarray[Any, np.dtype[np.intp]]
    problems: tuple[FileError, ...]
    hash: str


def prepare(config: TrainConfig, data: Path) -> Lesson:
    """Find, check and split what a run is to learn from.

    Parameters
    ----------
    config : TrainConfig
        The run.
    data : Path
        A project, a folder of mask FITS, or a folder with ``frames/`` and ``truth/``.

    Raises
    ------
    IrisError
        If nothing can be learnt from it: it is empty, tiny, of one class, or has no labels.
    """
    kind = config.network.kind
    samples = find_samples(data, config.masks)
    check(samples, kind)
    parts, gap = _split(samples, config)
    used = np.concatenate([parts.train, parts.validation, parts.test])
    found = data_hash(samples, used)
    if not config.simulated:
        return Lesson(samples, parts, gap, parts.train, samples.problems, found)
    sky: Literal["mixed", "cloudy"] = "mixed" if config.simulated_masks == "truth" else "cloudy"
    made = SimulatedSamples(config.simulated, config.seed, sky, config.simulated_masks)
    joined = Joined(samples, made)
    extra = len(samples.facts.time) + np.arange(config.simulated)
    train = np.concatenate([parts.train, extra]).astype(np.intp)
    return Lesson(joined, parts, gap, train, samples.problems, found)


def _split(samples: Source, config: TrainConfig) -> tuple[Parts, float]:
    """Split with the gap that is asked for; with a smaller one where that would leave nothing."""
    first: IrisError | None = None
    for share in GAPS:
        gap = config.gap_s * share
        split = SplitConfig(percent=config.percent, gap_s=gap, seed=config.seed)
        try:
            return split_samples(samples, split, config.network.kind), gap
        except IrisError as error:
            first = first or error
    raise first or IrisError("the frames cannot be split")


def train(
    config: TrainConfig,
    data: Path,
    out: Path,
    tell: Callable[[str, dict[str, Any]], None],
    *,
    init: str | None = None,
    resume: bool = False,
) -> Position:
    """Train a network.

    Parameters
    ----------
    config : TrainConfig
        The run.
    data : Path
        See `prepare`.
    out : Path
        Folder for the model, and for its run beneath.
    tell : callable
        Takes the name of an event and its facts.
    init : str, optional
        Model to start from: a folder, or the name of a shipped one.
    resume : bool
        Whether to go on with the run in `out`.

    Returns
    -------
    Position
        Where the run ended.

    Raises
    ------
    IrisError
        If the data cannot be learnt from or the run cannot begin: before the first step.
    """
    folder = RunFolder(out)
    if resume:
        config = folder.config()
    lesson = prepare(config, data)
    if resume and folder.facts().get("data_hash") != lesson.hash:
        reason = "was trained on other data than is given now"
        raise ModelError(out, reason, "give the data it began with, or begin a new --out")
    start = _first_weights(config, init)
    device = find_device(config)
    tell("device", {"kind": device.kind, "name": device.name, "precision": device.precision})
    split = {**lesson.parts.facts(), "gap_s": lesson.gap_s, "simulated": config.simulated}
    tell("data", {**split, "unusable": [str(problem) for problem in lesson.problems]})
    facts = {**environment(device), "data_hash": lesson.hash, "split": split}
    if not resume:
        folder.begin(config, facts)
    engine = make_engine(config, device.precision)
    engine.set_weights(start)
    card = ModelCard.of(
        config.network,
        normalisation=config.normalisation,
        training=config.model_dump(mode="json"),
        data_hash=lesson.hash,
    )
    return fit(engine, *_batches(config, lesson), config, folder, card, tell)


def _first_weights(config: TrainConfig, init: str | None) -> Weights:
    """Weights that the run starts from."""
    if init is None:
        return initial_weights(config.network, config.seed)
    folder = find_model(init)
    if read_card(folder).network != config.network:
        reason = "is another network than is to be trained"
        raise ModelError(folder, reason, "give its --channels, or start without --init")
    return load_weights(folder / WEIGHTS, config.network)


def _batches(config: TrainConfig, lesson: Lesson) -> tuple[Batches, Batches]:
    """Batches to learn from, and to be judged by."""
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
    return learning, judging
