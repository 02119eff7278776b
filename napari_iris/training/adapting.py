"""Adapt a model to a camera from its frames without labels, half and half with simulated frames."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from napari_iris.dataset.batches import Batches
from napari_iris.dataset.cache import CachedSamples
from napari_iris.dataset.clear_sky import SampleReferences
from napari_iris.dataset.concatenated import ConcatenatedSamples
from napari_iris.dataset.simulated import SimulatedSamples
from napari_iris.dataset.sure_labels import find_sure_samples
from napari_iris.dataset.workers import Workers
from napari_iris.errors import IrisError
from napari_iris.radiometry.reference_set import ReferenceSet
from napari_iris.training.training_data import VALIDATION_SEED, TrainingData, split_frames
from napari_iris.training.validation import REPORTED_METRICS, validate

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.events import AdaptedEvent
    from napari_iris.networks.weights import Weights
    from napari_iris.training.config import TrainConfig
    from napari_iris.training.lineage import Lineage
    from napari_iris.training.trainer import BatchSource, Trainer

TRUTH_FRAMES = 200
"""Simulated frames, of neither training nor validation, on which the model may not become worse."""

TRUTH_MARGIN = 0.002
"""Part of their pixels that may become wrong: more is not noise."""


def load_adapting_data(
    config: TrainConfig,
    data: Path | None,
    lineage: Lineage | None,
    learned: ReferenceSet | None = None,
) -> TrainingData:
    """Label a night where physics is sure; as many frames of each batch are simulated.

    Parameters
    ----------
    config : TrainConfig
        The run, with `adapt`.
    data : Path or None
        Must be None.
    lineage : Lineage or None
        The model to adapt, and those before it.
    learned : ReferenceSet, optional
        Clear-sky references that were learned from the frames before.

    Returns
    -------
    TrainingData
        The first half of its training rows is of the night, each as often as needed; half of the
        validation frames are simulated, too.

    Raises
    ------
    FileError
        If there are no frames.
    IrisError
        If nothing can be learnt from them, see `find_sure_samples`, or an option is missing.
    """
    night = _check(config, data, lineage)
    sure = find_sure_samples(night, config.reference, config.network.shape, learned)
    split, gap = split_frames(sure, config, lineage)
    used = np.concatenate([split.train, split.validation, split.test])
    masks, workers, count = config.simulated_masks, Workers(), len(split.validation)
    # those of validation before those of training, as `write_split` needs them
    source = ConcatenatedSamples(
        CachedSamples(sure),
        SimulatedSamples(count, config.seed + VALIDATION_SEED, masks, workers),
        SimulatedSamples(config.simulated, config.seed, masks, workers),
    )
    validation = np.concatenate([split.validation, len(sure) + np.arange(count)])
    simulated = len(sure) + count + np.arange(config.simulated)
    return TrainingData(
        source,
        len(sure),
        replace(split, validation=validation, one_class={}),
        gap,
        independent=sure.independent,
        train=np.concatenate([np.resize(split.train, config.simulated), simulated]),
        problems=sure.problems,
        hash=sure.table.data_hash(used),
        class_weights=(1.0, 1.0),
        workers=workers,
        references=sure.references or SampleReferences(ReferenceSet()),
        sure_labels=sure.text,
    )


def _check(config: TrainConfig, data: Path | None, lineage: Lineage | None) -> str:
    """Refuse what does not go with --adapt; give the frames."""
    problems = {
        "is for a unet": config.network.kind != "unet",
        "is for grey frames: leave out --planes 3": config.network.takes_colour,
        "takes the place of DATA: leave out one of them": data is not None,
        "needs a model to start from: give --init, such as unet-lwir": not (
            lineage and lineage.models
        ),
        "needs simulated frames: leave out --simulated 0": not config.simulated,
        "counts no classes: leave out --class-weight": config.class_weight != "none",
    }
    for problem, found in problems.items():
        if found:
            raise IrisError(f"--adapt {problem}")
    return config.adapt or ""


@dataclass(frozen=True, eq=False)
class Guard:
    """The initial model, to be kept unless it becomes better, and not worse on simulated truth.

    Attributes
    ----------
    truth : BatchSource
        Simulated frames of a seed of their own.
    before : dict of str to float
        Scores of the initial model on them.
    weights : dict of str to ndarray of float32
        Its weights.
    val_loss : float
        Its loss on the validation frames.
    scores : dict of str to float
        Its scores on the validation frames.
    """

    truth: BatchSource
    before: dict[str, float]
    weights: Weights
    val_loss: float
    scores: dict[str, float]

    @classmethod
    def of(
        cls, trainer: Trainer, validation: BatchSource, config: TrainConfig, workers: Workers
    ) -> Self:
        """Measure a model before it is adapted.

        Parameters
        ----------
        trainer : Trainer
            The model.
        validation : BatchSource
            The validation frames.
        config : TrainConfig
            The run.
        workers : Workers
            Processes that simulate.
        """
        seed = config.seed + 2 * VALIDATION_SEED
        source = SimulatedSamples(TRUTH_FRAMES, seed, workers=workers)
        truth = Batches(
            source,
            np.arange(TRUTH_FRAMES),
            config.network,
            config.normalisation,
            batch_size=config.val_batch_size,
            shuffle=False,
        )
        before = validate(trainer, truth)[1]
        return cls(truth, before, trainer.weights(), *validate(trainer, validation))

    def allows(self, trainer: Trainer) -> bool:
        """Whether the trained model is as good as before, but for `TRUTH_MARGIN`."""
        now = validate(trainer, self.truth)[1]["accuracy"]
        return now >= self.before["accuracy"] - TRUTH_MARGIN

    def report(self, trainer: Trainer, epoch: int) -> AdaptedEvent:
        """Measure the adapted model, beside the initial one.

        Parameters
        ----------
        trainer : Trainer
            With the weights of the model.
        epoch : int
            Its epoch; 0 for the initial model.
        """
        after = validate(trainer, self.truth)[1]
        return {
            "event": "adapted",
            "epoch": epoch,
            "frames": TRUTH_FRAMES,
            "before": {name: self.before[name] for name in REPORTED_METRICS},
            "after": {name: after[name] for name in REPORTED_METRICS},
        }
