"""Loss and scores on the validation frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.metrics.counts import Counts, scores

if TYPE_CHECKING:
    from napari_iris.training.trainer import BatchSource, Trainer

REPORTED_METRICS = ("accuracy", "balanced_accuracy", "iou_cloud", "iou_clear", "mcc")
"""Validation scores of every epoch."""


def validate(trainer: Trainer, batches: BatchSource) -> tuple[float, dict[str, float]]:
    """Compute loss and scores on validation batches.

    Parameters
    ----------
    trainer : Trainer
        The network.
    batches : BatchSource
        The batches.

    Returns
    -------
    loss : float
        Weighted mean of the binary cross-entropy, whatever the training loss is.
    scores : dict of str to float
        See `napari_iris.metrics.counts.scores`.
    """
    total, weight, counts = 0.0, 0.0, Counts()
    for batch in batches.epoch(0):
        logits = trainer.predict(batch.x)
        with np.errstate(invalid="ignore"):  # logits of a diverged network; the caller raises
            each = np.logaddexp(0, logits) - batch.y * logits
        total += float(np.sum(each * batch.weight, dtype=np.float64))
        weight += float(np.sum(batch.weight, dtype=np.float64))
        counts += Counts.of(logits > 0, batch.y > 0.5, batch.weight > 0)
    # Sums over all batches, divided once: a mean of batch means would favour a small last batch.
    return total / max(weight, 1e-7), scores(counts)
