"""Pixels, or classes, that a model and the baselines have right on pictures of a public set."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from skimage.transform import resize

from napari_iris.evaluation.baselines import baselines
from napari_iris.evaluation.config import EvaluateConfig
from napari_iris.evaluation.evaluate import Evaluation
from napari_iris.inference.prediction_file import read_prediction
from napari_iris.labels import CLOUD, IGNORE
from napari_iris.metrics.counts import Counts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from picture_sets import PictureSet

SHAPE = (128, 160)
"""Rows and columns of the truth and all scores, as published."""


def count_scores(
    predictions: Path, project: Path, chosen: PictureSet, only: Sequence[Path] | None
) -> tuple[dict[str, dict[str, int]], int]:
    """Count pixels, or classes, of the model and the baselines; number of pictures."""
    config = EvaluateConfig(masks=chosen.masks, reference="none", resamples=100, jobs=1)
    evaluation = Evaluation(predictions, project, config, only=only)
    for problem in evaluation.matches.problems:
        raise SystemExit(str(problem))
    if chosen.layout == "swimcat":
        list(evaluation.run())
        classes = evaluation.report().classes
        assert classes is not None
        return {name: asdict(counts) for name, counts in classes.counts.items()}, classes.frames
    sums: dict[str, Counts] = {}
    for match in evaluation.matches:
        frame, mask, _ = match.sample.read(0, SHAPE)
        found = read_prediction(match.prediction)
        # of a network of smaller input, the probability is interpolated: scores are of one shape
        probability = resize(found.probability, SHAPE, order=1)
        assert mask is not None
        for name, cloud in {"model": probability >= found.threshold, **baselines(frame)}.items():
            counts = Counts.of(cloud, mask == CLOUD, mask != IGNORE)
            sums[name] = sums.get(name, Counts()) + counts
    return {name: asdict(counts) for name, counts in sums.items()}, len(evaluation.matches)
