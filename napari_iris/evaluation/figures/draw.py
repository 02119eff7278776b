"""Draw all figures of an evaluation for which there are data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.evaluation.examples import (
    Example,
    evenly,
    masked_rows,
    read_example,
    typical_rows,
)
from napari_iris.evaluation.figures.cloud_series import draw_cloud_series
from napari_iris.evaluation.figures.confusion import draw_classifier, draw_confusion
from napari_iris.evaluation.figures.histograms import draw_histograms
from napari_iris.evaluation.figures.images import draw_examples
from napari_iris.evaluation.figures.reliability import draw_reliability
from napari_iris.evaluation.figures.roc import draw_roc
from napari_iris.evaluation.figures.spectrum import draw_spectrum
from napari_iris.evaluation.figures.style import paper_style, save
from napari_iris.evaluation.figures.training import draw_curves
from napari_iris.io.atomic import make_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from matplotlib.figure import Figure

    from napari_iris.evaluation.report import Report
    from napari_iris.training.epochs import Epoch

SHOWN = 4
"""Frames in the figure of typical examples."""

EXTREMES = 3
"""Frames shown as worst, and as best."""

SAMPLE = 128
"""Frames that histograms and spectra are taken from, evenly from the worst to the best."""


def draw_figures(report: Report, out: Path, epochs: Sequence[Epoch] = ()) -> list[str]:
    """Draw the figures of a report, each as PDF and PNG.

    Parameters
    ----------
    report : Report
        The evaluation.
    out : Path
        Folder to write to; it is made.
    epochs : sequence of Epoch
        The model's training, to draw its curves.

    Returns
    -------
    list of str
        Names of the figures drawn. One whose data are missing (masks, both classes, a classifier,
        epochs) is left out, and its file of an earlier report is removed.

    Raises
    ------
    FileError
        If a file cannot be written, or a frame cannot be read again.
    MissingPackageError
        If matplotlib is not installed.
    """
    drawn = []
    with paper_style():
        make_folder(out)
        for name, draw in _figures(report, epochs):
            save(draw(), out, name)
            drawn.append(name)
    for name in NAMES:
        if name not in drawn:
            (out / f"{name}.pdf").unlink(missing_ok=True)
            (out / f"{name}.png").unlink(missing_ok=True)
    return drawn


NAMES = (
    "triples",
    "worst_best",
    "curves",
    "roc",
    "confusion",
    "classifier",
    "reliability",
    "cloud_fraction",
    "histograms",
    "spectrum",
)
"""All figures."""


def _figures(report: Report, epochs: Sequence[Epoch]) -> Iterator[tuple[str, Callable[[], Figure]]]:
    """Give the name of each figure that can be drawn, and a function that draws it."""
    pixels, sky = report.pixels, report.classes
    if len(masked_rows(report)):
        yield "triples", lambda: _typical(report)
        yield "worst_best", lambda: _worst_and_best(report)
    if epochs:
        yield "curves", lambda: draw_curves(epochs)
    if pixels is not None and pixels.count:
        if not pixels.one_class:
            yield "roc", lambda: draw_roc(pixels)
        yield "confusion", lambda: draw_confusion(pixels)
        yield "reliability", lambda: draw_reliability(pixels)
        yield "cloud_fraction", lambda: draw_cloud_series(report.table)
    if sky is not None:
        yield "classifier", lambda: draw_classifier(sky)
    sample = [read_example(report, row) for row in evenly(report.table.order(), SAMPLE).tolist()]
    masked = [one for one in sample if one.mask is not None and (one.mask <= 1).any()]
    if pixels is not None and masked:
        yield "histograms", lambda: draw_histograms(masked, pixels)
    yield from _spectrum(report, sample)


def _typical(report: Report) -> Figure:
    rows = typical_rows(report, SHOWN).tolist()
    return draw_examples([read_example(report, row) for row in rows])


def _worst_and_best(report: Report) -> Figure:
    rows = masked_rows(report)
    count = min(EXTREMES, max(len(rows) // 2, 1))
    worst, best = rows[:count], rows[len(rows) - count :] if len(rows) > 1 else rows[:0]
    shown = [read_example(report, row) for row in np.append(worst, best).tolist()]
    return draw_examples(shown, ["worst"] * len(worst) + ["best"] * len(best))


def _spectrum(report: Report, sample: list[Example]) -> Iterator[tuple[str, Callable[[], Figure]]]:
    """Spectra of the clear and of the cloudy frames that have the first frame's shape."""
    classes = dict(zip(report.table.names, report.table.cloudy.tolist(), strict=True))
    shape = sample[0].frame.shape
    clear, cloudy = (
        [one.frame for one in sample if classes[one.name] == code and one.frame.shape == shape]
        for code in (0, 1)
    )
    if clear or cloudy:
        yield "spectrum", lambda: draw_spectrum(clear, cloudy)
