"""``report.md``: a report as tables, sentences and figures."""

from __future__ import annotations

import re
from html import escape
from math import isfinite, isnan
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import printable
from napari_iris.evaluation.baselines import BASELINES
from napari_iris.evaluation.pooled_scores import AGAINST, MODEL
from napari_iris.evaluation.titles import TITLES
from napari_iris.metrics.calibration import MAX_TEMPERATURE, MIN_TEMPERATURE, is_at_bound
from napari_iris.metrics.counts import SCORES
from napari_iris.metrics.unit_sums import PROBABILITY_SCORES
from napari_iris.numbers import UNDEFINED, format_count, format_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_iris.evaluation.pooled_scores import PooledScores
    from napari_iris.evaluation.report import Report
    from napari_iris.metrics.comparison import Comparison

MEANINGS = {
    "accuracy": "fraction that is correct",
    "balanced_accuracy": "mean of the fractions of cloud and of clear sky that are correct; 0.5 "
    "for random guessing",
    "precision": "fraction of the predicted cloud that is cloud",
    "recall": "fraction of the cloud that is found",
    "f1": "harmonic mean of precision and recall",
    "error_rate": "fraction that is wrong",
    "iou_cloud": "cloud found, divided by all that is cloud or predicted as cloud",
    "iou_clear": "the same for clear sky: 0 if everything is predicted as cloud",
    "mcc": "Matthews correlation of prediction and truth: 1 if all are correct, 0 for guessing",
    "bce": "binary cross-entropy, nat: penalises confident errors",
    "auc": "area under the ROC curve: how often cloud has a higher probability than clear sky",
    "ece": "expected calibration error: mean difference of probability and observed frequency",
}
"""Meaning of each score."""

CAPTIONS = {
    "triples": "Frames, their true mask, the probability of cloud, and the errors.",
    "worst_best": "The frames predicted worst and best.",
    "curves": "Loss and accuracy of the training by epoch.",
    "roc": "ROC and precision-recall curves, with the baselines as points.",
    "confusion": "Confusion matrix.",
    "classifier": "Confusion matrix and ROC of the classifier.",
    "reliability": "Predicted probability against observed frequency.",
    "cloud_fraction": "Cloud fraction against time, predicted and true.",
    "histograms": "Brightness of clear and cloud pixels, and their probabilities.",
    "spectrum": "Azimuthal power spectrum of clear and cloudy frames.",
}
"""Caption of each figure."""


def report_as_markdown(report: Report, figures: Sequence[str]) -> str:
    """Give a report as Markdown.

    Parameters
    ----------
    report : Report
        Result of an evaluation.
    figures : sequence of str
        Names of the figures that were drawn, of `CAPTIONS`.
    """
    parts = ["# Evaluation", _overview(report)]
    parts += [f"> **{_plain(warning)}**" for warning in report.warnings()]
    if report.pixels is not None:
        parts += [
            "## Pixels",
            _block(report, report.pixels, "pixels"),
            *_comparisons(report, report.pixels),
        ]
        parts += ["## Per frame", _per_frame(report)]
        parts += ["## Calibration", _calibration(report.pixels)]
    if report.classes is not None:
        intro = (
            "The class of each frame, predicted by the classifier; for a baseline, a frame is "
            "cloudy where more than 0.5 % of its mask is cloud."
        )
        parts += [
            "## Clear or cloudy",
            intro,
            _block(report, report.classes, "frames"),
            *_comparisons(report, report.classes),
        ]
    parts += ["## What the numbers mean", _meanings(report)]
    if report.left_out:
        parts += ["## Left out", _left_out(report)]
    if figures:
        shown = [f"![{CAPTIONS[name]}](figures/{name}.png)\n\n{CAPTIONS[name]}" for name in figures]
        parts += ["## Figures", "As PDF and PNG in `figures/`.", *shown]
    return "\n\n".join(parts) + "\n"


def summary(report: Report) -> str:
    """Summarise the model and the best baseline in one line.

    Parameters
    ----------
    report : Report
        Result of an evaluation.
    """
    block = report.pixels or report.classes
    if block is None:
        return "nothing was counted"
    best = report.rival(block)
    few = "" if block.counted(best) == block.frames else f" ({block.counted(best)} frames)"
    ours, theirs = (
        f"accuracy {format_number(scores['accuracy'])}, MCC {format_number(scores['mcc'])}"
        for scores in (block.scores[MODEL], block.scores[best])
    )
    return f"{ours}; best baseline, {TITLES[best]}{few}: {theirs}"


def _overview(report: Report) -> str:
    table, units = report.table, report.units
    times = table.times[table.done & ~np.isnat(table.times)]
    when = ""
    if len(times):
        first, last = (
            str(time.astype("M8[s]")).replace("T", " ") for time in (times[0], times[-1])
        )
        when = f", taken {first} to {last} UTC"
    lines = [
        f"{format_count(len(table), 'frame')}{when}.",
        f"- Predictions: {_code(report.predictions)}, by {', '.join(map(_code, report.models))}",
        f"- Truth: {_code(report.truth)}",
    ]
    if report.against is not None:
        lines.append(f"- Other model: {_code(report.against)}, on the same frames")
    if report.pixels is not None:
        at = format_number(report.pixels.threshold)
        lines.append(f"- {report.pixels.count:,} pixels; cloud from a probability of {at}")
    lines.append(
        f"- In brackets: 95 % confidence intervals, from {report.config.resamples} bootstrap "
        f"samples of {format_count(units.count, units.kind)}"
    )
    return "\n".join(lines)


def _block(report: Report, block: PooledScores, what: str) -> str:
    """Table of scores: one row per score, one column per method."""
    methods = [name for name in (MODEL, AGAINST, *BASELINES) if name in block.scores]
    rows = [["", *(TITLES[name] for name in methods)], ["---"] * (len(methods) + 1)]
    rows += [
        [_in_table(report, score), *(_cell(block, name, score) for name in methods)]
        for score in SCORES + PROBABILITY_SCORES
    ]
    rows.append([what, *(f"{block.counts[name].total:,}" for name in methods)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _in_table(report: Report, score: str) -> str:
    return f"{_title(score)} (in-sample)" if score in report.in_sample else _title(score)


def _cell(block: PooledScores, method: str, score: str) -> str:
    if score not in block.scores[method]:
        return ""
    within = block.intervals[method][score]
    text = format_number(block.scores[method][score])
    if within is None:
        return text
    low, high = map(format_number, within)
    return f"{text} ({low}–{high})"


def _comparisons(report: Report, block: PooledScores) -> list[str]:
    """Compare the model with the other model, and with the best baseline."""
    best = report.rival(block)
    few = "" if block.counted(best) == block.frames else f", on {block.counted(best)} frames"
    others = {AGAINST: "the other model", best: f"the best baseline, {TITLES[best]}{few}"}
    return [
        comparison_sentence(block.comparisons[name], "the model", other)
        for name, other in others.items()
        if name in block.comparisons
    ]


def comparison_sentence(found: Comparison, first: str, second: str) -> str:
    """Say in a sentence which of two methods is better.

    Parameters
    ----------
    found : Comparison
        The first compared with the second.
    first, second : str
        Names of the two.
    """
    decisive = found.differences[found.decisive]
    score = found.decisive.upper() if found.decisive == "mcc" else found.decisive
    if isnan(decisive.value):
        return _capitalised(f"{first} and {second} cannot be compared: no {score} is defined.")
    within = "" if decisive.interval is None else ", 95 % interval {:+.4f} to {:+.4f}"
    numbers = f"{score} {decisive.value:+.4f}{within.format(*decisive.interval or ())}"
    numbers += f", p = {decisive.p_value:.2g}"
    if found.outcome == "may be chance":
        return f"The difference between {first} and {second} may be due to chance ({numbers})."
    text = f"{first} is {found.outcome} than {second}; the difference is significant ({numbers})."
    return _capitalised(text)


def _capitalised(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _per_frame(report: Report) -> str:
    rows = ["| | mean | median | frames |", "| --- | --- | --- | --- |"]
    for name, found in report.table.means().items():
        mean, median = format_number(found["mean"]), format_number(found["median"])
        values = f"{mean} | {median} | {found['frames']:.0f}"
        rows.append(f"| {_title(name)} | {values} |")
    rows += ["", "All frames, the worst first, are in `frames.csv`."]
    return "\n".join(rows)


def _calibration(block: PooledScores) -> str:
    if not isfinite(block.temperature):
        return "Not defined: the truth has one class only."
    best_threshold = (
        f"The threshold with the largest recall - false-positive rate is {block.best_threshold:.4f}"
    )
    if is_at_bound(block.temperature):
        return (
            f"Not defined: no temperature from {MIN_TEMPERATURE:g} to {MAX_TEMPERATURE:g} is the "
            f"best on these frames. {best_threshold}."
        )
    confidence = "overconfident" if block.temperature > 1 else "underconfident"
    return (
        f"On these frames the best temperature to divide the logits by is {block.temperature:.3f}: "
        f"the model is {confidence}. {best_threshold}. Use either only from validation frames, "
        "never from test frames."
    )


def _meanings(report: Report) -> str:
    lines = [f"- **{_title(score)}**: {meaning}" for score, meaning in MEANINGS.items()]
    lines.append(f"- {UNDEFINED}: not defined, as there was nothing to count")
    if report.pixels is not None:
        lines.append("- Ignored pixels (trees, buildings, dead or blank pixels) are not counted.")
    return "\n".join(lines)


def _left_out(report: Report) -> str:
    failed = [one for one in report.left_out if one.failed]
    unmatched = len(report.left_out) - len(failed)
    lines = [
        f"{format_count(len(failed), 'file')} could not be used, {unmatched} without counterpart: "
        "`left_out.csv`."
    ]
    lines += [f"- {_code(one.file)}: {_plain(one.reason)}" for one in failed[:10]]
    return "\n".join(lines)


def _code(name: object) -> str:
    """Show a name in the letters that it has, whatever these are: between enough backticks."""
    text = printable(str(name))
    ticks = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"`{text}`" if ticks == "`" else f"{ticks} {text} {ticks}"


def _plain(text: str) -> str:
    """Escape what would be taken for a tag, a link or code in a sentence that has names in it."""
    return re.sub(r"[\\`*\[\]|]", r"\\\g<0>", escape(printable(text), quote=False))


def _title(score: str) -> str:
    short = {"f1": "F1", "mcc": "MCC", "bce": "BCE", "auc": "AUC", "ece": "ECE"}
    return short.get(score) or score.replace("iou", "IoU").replace("_", " ")
