"""A clear-sky reference: level against time and temperature, pattern, residuals."""

from __future__ import annotations

from functools import partial
from typing import IO, TYPE_CHECKING

import numpy as np

from napari_iris.errors import FileError
from napari_iris.evaluation.figures.style import (
    BLACK,
    CLEAR_COLOUR,
    CLOUD_COLOUR,
    GREY,
    PAGE_MM,
    letter,
    new_figure,
    paper_style,
)
from napari_iris.io.atomic import atomic_open

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure
    from numpy.typing import NDArray

    from napari_iris.radiometry.evidence import Evidence
    from napari_iris.radiometry.reference import Reference

HEIGHT_MM = 118.0
"""Height of the figure of one camera."""

KINDS = ("png", "pdf", "svg")
"""Suffixes of the files that can be written."""

GAP_H = 5.0
"""Hours without a frame after which another night begins."""

MOST_DATES = 6
"""Dates on the axis of time."""


def write_reference_figure(path: Path, references: Sequence[Reference]) -> None:
    """Draw the references of a file, one below the other.

    Parameters
    ----------
    path : Path
        File to write: PNG, PDF or SVG, by its suffix.
    references : sequence of Reference
        One for each camera.

    Raises
    ------
    FileError
        If it cannot be written, or its suffix is not one of `KINDS`.
    MissingPackageError
        If matplotlib is not installed.
    """
    kind = path.suffix.lstrip(".").lower()
    if kind not in KINDS:
        fix = f"name it {path.stem}.{KINDS[0]}, or with {' or '.join(KINDS[1:])}"
        raise FileError(path, "is not a supported picture format", fix)
    with paper_style():
        figure = new_figure(PAGE_MM, HEIGHT_MM * len(references))
        parts = figure.subfigures(len(references), 1, squeeze=False)[:, 0]
        for part, reference in zip(parts, references, strict=True):
            _draw(part, reference)
        with atomic_open(path) as file:
            figure.savefig(file, format=kind)


def is_figure(file: IO[bytes]) -> bool:
    """Whether a file is a picture that matplotlib has drawn, by its metadata.

    Parameters
    ----------
    file : binary file
        The file, at its start.

    Returns
    -------
    bool
        False for any other file.
    """
    return b"atplotlib" in file.read()


def _draw(figure: SubFigure, reference: Reference) -> None:
    """Draw one camera: level against time, pattern, level against temperature, residuals."""
    figure.suptitle(_title(reference), fontsize=8)
    evidence = reference.evidence
    if evidence is None or not len(evidence):  # written by an older program
        _pattern_panel(figure, figure.subplots(), reference)
        return
    (above, pattern), (below, residuals) = figure.subplots(2, 2, width_ratios=[1.7, 1])
    _pattern_panel(figure, pattern, reference)
    _level_panel(above, *_time_axis(above, evidence.time), evidence, reference.level_sigma)
    _temperature_panel(below, evidence, reference.level_sigma)
    _residual_panel(residuals, evidence, reference.level_sigma)
    for axes, text in ((above, "a"), (pattern, "b"), (below, "c"), (residuals, "d")):
        letter(axes, text)
    figure.legend(*above.get_legend_handles_labels(), loc="outside lower center", ncols=3)


def _title(one: Reference) -> str:
    what = "clear sky measured" if one.kind == "measured" else "upper limit of the clear sky"
    nights = "1 night" if one.nights == 1 else f"{one.nights} nights"
    return (
        f"{one.camera or 'unnamed camera'}: {what} in {one.clear_frames} of {one.frames} "
        f"frames, {nights}; level ± {one.level_sigma:.0f} ADU, pixel ± {one.pixel_sigma:.0f} ADU"
    )


def _level_panel(
    axes: Axes, x: NDArray[np.float64], breaks: NDArray[np.intp], evidence: Evidence, sigma: float
) -> None:
    """Draw level and floors; frames far above the level are marked at the upper edge."""
    for part in np.split(np.arange(len(x)), breaks):
        level = evidence.level[part]
        band = axes.fill_between(
            x[part], level - 2 * sigma, level + 2 * sigma, color=GREY, alpha=0.4, lw=0
        )
        (line,) = axes.plot(x[part], level, color=BLACK, lw=0.8)
    line.set_label("clear-sky level")
    band.set_label("± 2 standard deviations")
    _floors(axes, x, evidence, sigma)
    axes.set_ylabel("level [ADU]")


def _floors(axes: Axes, x: NDArray[np.float64], evidence: Evidence, sigma: float) -> None:
    low = min(evidence.level.min() - 2.5 * sigma, np.percentile(evidence.floor, 2) - 25)
    top = evidence.level.max() + 200
    edge = top - 0.03 * (top - low)
    for clear, color, name in (
        (False, CLOUD_COLOUR, "coldest part of a frame with cloud"),
        (True, CLEAR_COLOUR, "clear frame, on which it rests"),
    ):
        shown = evidence.clear == clear
        high = shown & (evidence.floor > edge)
        y = np.minimum(evidence.floor, edge)
        dots = partial(axes.plot, color=color, markersize=3, markeredgewidth=0)
        dots(x[shown & ~high], y[shown & ~high], "o", label=name)
        dots(x[high], y[high], "^", label=None if clear else "warmer than the axis")
    axes.set_ylim(low, top)


def _time_axis(
    axes: Axes, times: NDArray[np.datetime64]
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Give hours with the gaps between nights cut out, and the places of the cuts."""
    if np.isnat(times).any():
        axes.set_xlabel("frame")
        return np.arange(1.0, len(times) + 1), np.empty(0, np.intp)
    hours = (times - times[0]) / np.timedelta64(1, "h")
    steps = np.diff(hours, prepend=hours[0])
    breaks = np.flatnonzero(steps > GAP_H)
    cut = max(0.04 * float(steps[steps <= GAP_H].sum()), 0.1)
    steps[breaks] = cut
    x = np.cumsum(steps)
    starts = np.concatenate([[0], breaks])
    for place in breaks:
        axes.axvline(x[place] - cut / 2, color=GREY, lw=0.6, ls=":")
    if len(breaks):
        every = -(-len(starts) // MOST_DATES)
        axes.set_xticks(x[starts[::every]], [str(one)[:10] for one in times[starts[::every]]],
                        ha="left")  # fmt: skip
        axes.set_xlabel("time [UTC]; nights joined")
    else:
        axes.set_xlabel(f"hours since {str(times[0])[:16].replace('T', ' ')} UTC")
    return x, breaks


def _temperature_panel(axes: Axes, evidence: Evidence, sigma: float) -> None:
    """Draw levels against the temperature that varies most; without one, how often each occurs."""
    known = {"shutter": evidence.shutter, "focal-plane": evidence.focal_plane}
    varied = {name: np.nanstd(one) for name, one in known.items() if np.isfinite(one).any()}
    if not varied:
        parts = [evidence.floor[evidence.clear], evidence.floor[~evidence.clear]]
        axes.hist(parts, 60, stacked=True, color=[CLEAR_COLOUR, CLOUD_COLOUR])
        for level in np.unique(evidence.level.round()):
            axes.axvline(level, color=BLACK, lw=0.8)
        axes.set(xlabel="level [ADU]; no temperature in the headers", ylabel="frames")
        return
    name = max(varied, key=lambda one: varied[one])
    axes.plot(known[name], evidence.level, linestyle="", marker="_", color=BLACK, markersize=5)
    _floors(axes, known[name], evidence, sigma)
    axes.set(xlabel=f"{name} temperature [°C]", ylabel="level [ADU]")


def _residual_panel(axes: Axes, evidence: Evidence, sigma: float) -> None:
    from matplotlib.ticker import MaxNLocator

    away = evidence.floor - evidence.level
    reach = max(40.0, 6 * sigma)
    bins = np.linspace(-reach, reach, 33).tolist()
    inside = np.abs(away) <= reach
    parts = [away[inside & evidence.clear], away[inside & ~evidence.clear]]
    axes.hist(parts, bins, stacked=True, color=[CLEAR_COLOUR, CLOUD_COLOUR])
    for edge in (-2 * sigma, 2 * sigma):
        axes.axvline(edge, color=GREY, lw=0.8, ls="--")
    warmer = np.count_nonzero(away > reach)
    if warmer:
        axes.set_title(f"{warmer} of {len(away)} warmer than the axis", loc="right", fontsize=7)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="coldest part − clear-sky level [ADU]", ylabel="frames")


def _pattern_panel(figure: SubFigure, axes: Axes, reference: Reference) -> None:
    axes.set(xticks=[], yticks=[])
    if not reference.has_pattern:
        axes.text(0.5, 0.5, "pattern not known", ha="center", va="center", transform=axes.transAxes)
        return
    limit = max(float(np.percentile(np.abs(reference.pattern), 99.5)), 1.0)
    image = axes.imshow(reference.pattern, cmap="RdBu_r", vmin=-limit, vmax=limit)
    axes.set_xlabel("pattern")
    figure.colorbar(image, ax=axes, label="ADU", shrink=0.9)
