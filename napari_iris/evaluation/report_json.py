"""``report.json``: a report as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_iris import __version__
from napari_iris.evaluation.baselines import BASELINES
from napari_iris.evaluation.pooled_scores import AGAINST, MODEL
from napari_iris.metrics.counts import SCORES
from napari_iris.metrics.unit_sums import PROBABILITY_SCORES

if TYPE_CHECKING:
    from napari_iris.evaluation.pooled_scores import PooledScores
    from napari_iris.evaluation.report import Report
    from napari_iris.metrics.comparison import Comparison
    from napari_iris.metrics.counts import Counts

CLASSES = ("clear", "cloud")


def report_as_dict(report: Report) -> dict[str, Any]:
    """Give a report as plain values, with the keys of ``report.json``.

    Parameters
    ----------
    report : Report
        Result of an evaluation.

    Returns
    -------
    dict
        Numbers, strings, lists and dicts; NaN where a score is not defined.
    """
    failed = sum(one.failed for one in report.left_out)
    return {
        "napari_iris": __version__,
        "predictions": str(report.predictions),
        "truth": str(report.truth),
        "against": None if report.against is None else str(report.against),
        "models": report.models,
        "config": report.config.model_dump(),
        **(_without_scores() if report.pixels is None else _results(report.pixels)),
        "frame_mean": report.table.means(),
        "classifier": None if report.classes is None else _results(report.classes),
        "bootstrap": {
            "units": report.units.kind,
            "count": report.units.count,
            "nights": report.units.nights,
            "resamples": report.config.resamples,
            "seed": report.config.seed,
        },
        "truth_equals_recipe": report.table.share_equal_to_recipe(),
        "left_out": {"failed": failed, "without_counterpart": len(report.left_out) - failed},
        "own_labels": {
            "accepted": report.own_labels.counts,
            "left_out": bool(report.own_labels.left_out),
            "automatic": len(report.own_labels.automatic),
            "not_for": list(report.own_labels.not_for),
        },
        "in_sample": list(report.in_sample),
        "warnings": report.warnings(),
    }


def _without_scores() -> dict[str, Any]:
    """Results where no frame has a mask: every score is None."""
    scores = {name: dict.fromkeys(SCORES) for name in BASELINES}
    model = {MODEL: dict.fromkeys(SCORES + PROBABILITY_SCORES)}
    return {"n_frames": 0, "count": 0, "threshold": None, **_nested({**model, **scores})}


def _results(block: PooledScores) -> dict[str, Any]:
    return {
        "n_frames": block.frames,
        "count": block.count,
        "threshold": block.threshold,
        **_nested(block.scores),
        "intervals": _nested(block.intervals),
        "confusion": {name: _confusion(counts) for name, counts in block.counts.items()},
        "comparisons": {name: _comparison(one) for name, one in block.comparisons.items()},
        "calibration": {
            "temperature": block.temperature,
            "best_threshold": block.best_threshold,
            "auc_error": block.auc_error,
            "bins": _bins(block),
        },
    }


def _nested(by_answer: dict[str, Any]) -> dict[str, Any]:
    """Model, other model, and the baselines in a group of their own."""
    own = {name: by_answer[name] for name in (MODEL, AGAINST) if name in by_answer}
    return {**own, "baselines": {name: by_answer[name] for name in BASELINES}}


def _confusion(counts: Counts) -> dict[str, dict[str, int]]:
    rows = counts.matrix().tolist()
    return {
        f"true_{name}": dict(zip(CLASSES, row, strict=True))
        for name, row in zip(CLASSES, rows, strict=True)
    }


def _comparison(found: Comparison) -> dict[str, Any]:
    differences = {
        name: {
            "difference": one.value,
            "interval": one.interval,
            "p_value": one.p_value,
            "real": one.is_significant,
        }
        for name, one in found.differences.items()
    }
    return {"verdict": found.outcome, "decided_by": found.decisive, "differences": differences}


def _bins(block: PooledScores) -> list[dict[str, float]]:
    found = block.reliability
    columns = (found.predicted.tolist(), found.observed.tolist(), found.count.tolist())
    rows = zip(*columns, strict=True)
    return [dict(zip(("said", "found", "count"), row, strict=True)) for row in rows]
