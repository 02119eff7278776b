"""The report for a person: tables, sentences, where the figures are."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.evaluation.baselines import BASELINES
from napari_iris.evaluation.block import AGAINST, MODEL
from napari_iris.evaluation.pool import OF_PROBABILITY, SCORES
from napari_iris.metrics.calibration import COLDEST, HOTTEST, is_at_bound
from napari_iris.numbers import NONE, counted, number

if TYPE_CHECKING:
    from napari_iris.evaluation.block import Block
    from napari_iris.evaluation.report import Report

TITLES = {
    MODEL: "model",
    AGAINST: "other model",
    "all_cloud": "all cloud",
    "otsu": "Otsu",
    "recipe": "recipe",
    "recipe_gate": "recipe + gate",
}
"""What each answer is called."""

MEANINGS = {
    "accuracy": "part that is called right",
    "balanced_accuracy": "mean of the parts of the cloud and of the clear sky that are called right"
    "; 0.5 is guessing",
    "precision": "part of what is called cloud that is",
    "recall": "part of the cloud that is found",
    "f1": "harmonic mean of precision and recall",
    "error_rate": "part that is called wrong",
    "iou_cloud": "cloud found over all that is cloud or called so",
    "iou_clear": "the same of clear sky: what is had by calling all of it cloud is 0",
    "mcc": "correlation of answer and truth: 1 perfect, 0 guessing",
    "bce": "binary cross-entropy, nat: what a sure and wrong answer costs",
    "auc": "chance that cloud has a higher probability than clear sky",
    "ece": "how far the probabilities are from what they say, on average",
}
"""What each score means."""

CAPTIONS = {
    "triples": "Frames, their true mask, the probability of cloud, and the errors.",
    "worst_best": "The frames predicted worst and best.",
    "curves": "Loss and accuracy of the training, epoch by epoch.",
    "roc": "ROC, and precision against recall, with the baselines as points.",
    "confusion": "Confusion matrix.",
    "classifier": "Confusion matrix and ROC of the classifier.",
    "reliability": "What the probabilities say against what there is.",
    "cloud_fraction": "Cloud fraction against time, predicted and true.",
    "histograms": "Brightness of clear and cloud pixels, and their probabilities.",
    "spectrum": "Azimuthal power spectrum of clear and cloudy frames.",
}
"""What each figure shows."""


def to_markdown(report: Report, pictures: list[str]) -> str:
    """Give the report as Markdown; `pictures` are the figures there are, by name."""
    parts = ["# Evaluation", _what(report)]
    parts += [f"> **{warning}**" for warning in report.warnings()]
    if report.pixels is not None:
        parts += [
            "## Pixels",
            _block(report, report.pixels, "pixels"),
            *_leads(report, report.pixels),
        ]
        parts += ["## Per frame", _per_frame(report)]
        parts += ["## Calibration", _calibration(report.pixels)]
    if report.sky is not None:
        intro = (
            "Whether a frame is cloudy, by the classifier; a baseline calls a frame cloudy where "
            "more than 0.5 % of its mask is cloud."
        )
        parts += [
            "## Clear or cloudy",
            intro,
            _block(report, report.sky, "frames"),
            *_leads(report, report.sky),
        ]
    parts += ["## What the numbers mean", _meanings(report)]
    if report.left_out:
        parts += ["## Left out", _left_out(report)]
    if pictures:
        shown = [
            f"![{CAPTIONS[name]}](figures/{name}.png)\n\n{CAPTIONS[name]}" for name in pictures
        ]
        parts += ["## Figures", "As PDF and PNG in `figures/`.", *shown]
    return "\n\n".join(parts) + "\n"


def summary(report: Report) -> str:
    """Say in a line what the model is worth, and the best baseline."""
    block = report.pixels or report.sky
    if block is None:
        return "nothing was counted"
    best = report.rival(block)
    ours, theirs = (
        f"accuracy {number(scores['accuracy'])}, MCC {number(scores['mcc'])}"
        for scores in (block.scores[MODEL], block.scores[best])
    )
    return f"{ours}; best baseline, {TITLES[best]}: {theirs}"


def _what(report: Report) -> str:
    frames, units = report.frames, report.units
    times = frames.times[frames.done & ~np.isnat(frames.times)]
    when = ""
    if len(times):
        first, last = (
            str(time.astype("M8[s]")).replace("T", " ") for time in (times[0], times[-1])
        )
        when = f", taken {first} to {last} UTC"
    lines = [
        f"{counted(len(frames), 'frame')}{when}.",
        f"- Predictions: `{report.predictions}`, by {', '.join(f'`{m}`' for m in report.models)}",
        f"- Truth: `{report.truth}`",
    ]
    if report.against is not None:
        lines.append(f"- Other model: `{report.against}`, on the same frames")
    if report.pixels is not None:
        at = number(report.pixels.threshold)
        lines.append(f"- {report.pixels.count:,} pixels; cloud from a probability of {at}")
    lines.append(
        f"- In brackets: 95 % intervals, by drawing {counted(units.count, units.kind)} anew "
        f"{report.config.resamples} times"
    )
    return "\n".join(lines)


def _block(report: Report, block: Block, what: str) -> str:
    """Table of scores: a row a score, a column an answer."""
    answers = [name for name in (MODEL, AGAINST, *BASELINES) if name in block.scores]
    rows = [["", *(TITLES[name] for name in answers)], ["---"] * (len(answers) + 1)]
    rows += [
        [_in_table(report, score), *(_cell(block, name, score) for name in answers)]
        for score in SCORES + OF_PROBABILITY
    ]
    rows.append([what, *(f"{block.counts[name].total:,}" for name in answers)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _in_table(report: Report, score: str) -> str:
    return f"{_title(score)} (in-sample)" if score in report.in_sample else _title(score)


def _cell(block: Block, answer: str, score: str) -> str:
    if score not in block.scores[answer]:
        return ""
    within = block.intervals[answer][score]
    text = number(block.scores[answer][score])
    return text if within is None else f"{text} ({number(within[0])}–{number(within[1])})"


def _leads(report: Report, block: Block) -> list[str]:
    """Whether the model is really better: than the other model, and than the best baseline."""
    best = report.rival(block)
    others = {AGAINST: "the other model", best: f"the best baseline, {TITLES[best]}"}
    return [
        block.comparisons[name].sentence("the model", other)
        for name, other in others.items()
        if name in block.comparisons
    ]


def _per_frame(report: Report) -> str:
    rows = ["| | mean | median | frames |", "| --- | --- | --- | --- |"]
    for name, found in report.frames.means().items():
        told = f"{number(found['mean'])} | {number(found['median'])} | {found['frames']:.0f}"
        rows.append(f"| {_title(name)} | {told} |")
    rows += ["", "Every frame, the worst first, is in `frames.csv`."]
    return "\n".join(rows)


def _calibration(block: Block) -> str:
    if not isfinite(block.temperature):
        return "Not to be told: the truth has one class only."
    if is_at_bound(block.temperature):
        return (
            f"Not to be told: no temperature from {COLDEST:g} to {HOTTEST:g} is the best on these "
            f"frames. The threshold with the largest recall less fall-out is "
            f"{block.best_threshold:.4f}."
        )
    sure = "too sure of itself" if block.temperature > 1 else "not sure enough"
    return (
        f"On these frames the logits would best be divided by a temperature of "
        f"{block.temperature:.3f}: the model is {sure}. The threshold with the largest recall less "
        f"fall-out is {block.best_threshold:.4f}. Take either over only from validation frames, "
        "never from those that the model is tested on."
    )


def _meanings(report: Report) -> str:
    lines = [f"- **{_title(score)}**: {meaning}" for score, meaning in MEANINGS.items()]
    lines.append(f"- {NONE}: not defined, as nothing was there to be counted")
    if report.pixels is not None:
        lines.append(
            "- Pixels to be ignored (trees, buildings, dead or blank pixels) count nowhere."
        )
    return "\n".join(lines)


def _left_out(report: Report) -> str:
    failed = [one for one in report.left_out if one.failed]
    lonely = len(report.left_out) - len(failed)
    lines = [
        f"{counted(len(failed), 'file')} could not be used, {lonely} without counterpart: "
        "`left_out.csv`."
    ]
    lines += [f"- `{one.file}`: {one.reason}" for one in failed[:10]]
    return "\n".join(lines)


def _title(score: str) -> str:
    short = {"f1": "F1", "mcc": "MCC", "bce": "BCE", "auc": "AUC", "ece": "ECE"}
    return short.get(score) or score.replace("iou", "IoU").replace("_", " ")
