"""Table and figure of accuracy against the number of corrected frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.evaluation.figures.style import (
    BLUE,
    COLUMN_MM,
    GREEN,
    GREY,
    ORANGE,
    VERMILION,
    new_figure,
    paper_style,
)
from napari_iris.io.atomic import atomic_open

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Curves = Mapping[str, NDArray[np.float64]]
    """Accuracy of each order, shape (seeds, numbers of frames)."""

DRAWS, INTERVAL = 2000, (5, 95)
"""Resamplings of the seeds, and the percentiles of the interval."""

PARTS = (0.9, 1.0)
"""Parts of what all labels gain over none, of which the table says when they are reached."""

LOOKS = {
    "most uncertain": (BLUE, "o"),
    "least trusted": (VERMILION, "s"),
    "random": (GREEN, "^"),
    "time": (ORANGE, "D"),
}
"""Colour and marker of each order."""


def needed(numbers: Sequence[int], curve: NDArray[np.float64], part: float) -> float:
    """Frames after which a curve has first reached a part of its whole gain.

    Parameters
    ----------
    numbers : sequence of int
        Numbers of corrected frames: 0, ..., all.
    curve : ndarray of float, shape (numbers,)
        Accuracy.
    part : float
        0 to 1.

    Returns
    -------
    float
        Interpolated between the numbers.
    """
    target = curve[0] + part * (curve[-1] - curve[0])
    after = int(np.argmax(curve >= target))  # the last one reaches it
    if after == 0:
        return 0.0
    step = (target - curve[after - 1]) / (curve[after] - curve[after - 1])
    return float(numbers[after - 1] + step * (numbers[after] - numbers[after - 1]))


def interval(
    seeds: int, value: Callable[[NDArray[np.intp]], NDArray[np.float64] | float]
) -> NDArray[np.float64]:
    """Percentiles `INTERVAL` of a value, given the seeds of a resampling."""
    rng = np.random.default_rng(0)
    drawn = [value(rng.integers(seeds, size=seeds)) for _ in range(DRAWS)]
    found: NDArray[np.float64] = np.percentile(drawn, INTERVAL, axis=0)
    return found


def table(numbers: Sequence[int], curves: Curves) -> str:
    """Write the accuracies, and the frames that each order needs, as Markdown."""
    heads = ["order", *(f"{number}" for number in numbers)]
    heads += [f"frames for {part:.0%}" for part in PARTS]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for order, values in curves.items():
        cells = [order, *(f"{value:.4f}" for value in values.mean(axis=0))]
        cells += [_frames(numbers, values, part) for part in PARTS]
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", *(_ratio(numbers, curves, part) for part in PARTS)]
    return "\n".join(lines)


def _frames(numbers: Sequence[int], values: NDArray[np.float64], part: float) -> str:
    low, high = interval(
        len(values), lambda seeds: needed(numbers, values[seeds].mean(axis=0), part)
    )
    return f"{needed(numbers, values.mean(axis=0), part):.0f} ({low:.0f}-{high:.0f})"


def _ratio(numbers: Sequence[int], curves: Curves, part: float) -> str:
    """Say how many frames the order by uncertainty needs of those that the random one needs."""

    def ratio(seeds: NDArray[np.intp] | slice) -> float:
        means = (curves[order][seeds].mean(axis=0) for order in ("most uncertain", "random"))
        few, many = (needed(numbers, one, part) for one in means)
        return few / many if many else np.nan

    low, high = interval(len(curves["random"]), ratio)
    return (
        f"For {part:.0%} of the gain, most uncertain needs {ratio(slice(None)):.2f} "
        f"({low:.2f}-{high:.2f}) of the frames that random needs."
    )


def draw(numbers: Sequence[int], curves: Curves, path: Path) -> None:
    """Draw the curves with their intervals.

    Parameters
    ----------
    numbers : sequence of int
        Numbers of corrected frames: 0, ..., all.
    curves : mapping of str to ndarray
        Accuracy by order, shape (seeds, numbers).
    path : Path
        Where to write, as PNG.
    """
    with paper_style():
        figure = new_figure(COLUMN_MM * 1.4, 78)
        axes = figure.subplots()
        for order, values in curves.items():
            colour, marker = LOOKS[order]
            shown = 100 * values[:, :-1]
            band = interval(len(shown), lambda seeds, shown=shown: shown[seeds].mean(axis=0))
            axes.fill_between(numbers[:-1], *band, color=colour, alpha=0.15, linewidth=0)
            axes.plot(numbers[:-1], shown.mean(axis=0), color=colour, marker=marker, label=order)
        everything = 100 * curves["random"][:, -1].mean()
        axes.axhline(everything, color=GREY, linestyle="--", linewidth=0.8)
        axes.annotate(
            f"all {numbers[-1]} frames",
            (0, everything),
            xytext=(0, 3),
            textcoords="offset points",
            color=GREY,
        )
        axes.set_xscale("symlog", linthresh=numbers[1], linscale=0.5)
        axes.set_xticks(numbers[:-1], [f"{number}" for number in numbers[:-1]])
        axes.minorticks_off()
        axes.set_xlim(-0.1 * numbers[1], 1.08 * numbers[-2])
        axes.set(xlabel="corrected frames", ylabel="right pixels on later nights [%]")
        axes.legend(loc="lower right", title="order of the queue")
        with atomic_open(path) as file:
            figure.savefig(file, format="png", metadata={"Software": None})
