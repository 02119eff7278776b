"""Samples of any camera beside real frames: a table for docs/simulator.md.

    python benchmarks/cameras.py [--count 400] [--data ../shared/data]

Amplitudes are measured before a sample's own unit is drawn. Real frames are the published ones of
one Tau2; the ranges of the samples are meant to be wider on both sides.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from nights import corners, plane, slope

from napari_iris.frames.read import read_frame
from napari_iris.frames.rebin import FULL_SCALE_ADU, rebin
from napari_iris.labels import CLOUD, SKY
from napari_iris.radiometry.noise import white_noise
from napari_iris.sky.samples import TYPICAL, draw_sample

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHAPE = (128, 160)

CLEAR_BELOW, CLOUD_ABOVE = 720.0, 850.0
"""Level of clear sky and of cloud in the published frames, in ADU."""

IN_ADU = TYPICAL.model_copy(update={"gain": (1.0, 1.0), "processed": 0.0, "obstructed": 0.0})
"""Samples of which every amplitude can be measured."""


def relief(frame: NDArray[np.floating]) -> float:
    """Rms of a frame after a plane, in ADU."""
    rows, columns = (np.linspace(-1, 1, side) for side in frame.shape)
    terms = np.stack(
        [np.ones(frame.shape), rows[:, None] + 0 * columns, 0 * rows[:, None] + columns]
    )
    design = terms.reshape(3, -1).T
    fit, *_ = np.linalg.lstsq(design, frame.ravel(), rcond=None)
    return float(np.std(frame.ravel() - design @ fit))


def measure(
    frame: NDArray[np.floating], mask: NDArray[np.uint8], found: dict[str, list[float]]
) -> None:
    """Add what a frame shows; `mask` is 0 clear, 1 cloud, 2 neither."""
    clear, cloud = (float(np.mean(mask == label)) for label in (SKY, CLOUD))
    found["noise"].append(white_noise(frame))
    if clear > 0.97:
        low, *_, high = corners(frame)
        found["clear low"].append(low)
        found["clear high"].append(high)
        found["clear relief"].append(relief(frame))
    elif cloud > 0.97:
        found["deck plane"].append(plane(frame))
        found["deck relief"].append(relief(frame))
        found["deck slope"].append(slope(frame))
    elif clear > 0.05 and cloud > 0.05:
        found["contrast"].append(float(np.median(frame[mask == 1]) - np.median(frame[mask == 0])))
        found["broken slope"].append(slope(frame))


ROWS = (
    ("noise", "white noise of a binned pixel, ADU"),
    ("clear low", "coldest corner of a clear frame over its centre, ADU"),
    ("clear high", "warmest corner of a clear frame over its centre, ADU"),
    ("clear relief", "rms of a clear frame after a plane, ADU"),
    ("deck plane", "plane across a deck, edge to edge, ADU"),
    ("deck relief", "rms of a deck after a plane, ADU"),
    ("deck slope", "spectral slope of a deck"),
    ("contrast", "cloud over clear sky in one frame, ADU"),
    ("broken slope", "spectral slope of broken cloud"),
)
"""Traits: key and words."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=400, help="samples (default: 400)")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    options = parser.parse_args()
    real: dict[str, list[float]] = defaultdict(list)
    drawn: dict[str, list[float]] = defaultdict(list)
    for path in sorted((options.data / "lwir" / "frames").glob("*.fits")):
        frame = rebin(read_frame(path).data, SHAPE).astype(float) * FULL_SCALE_ADU
        mask = np.where(frame < CLEAR_BELOW, SKY, np.where(frame > CLOUD_ABOVE, CLOUD, 2))
        measure(frame, mask.astype(np.uint8), real)
    for index in range(options.count):
        sample = draw_sample(4, index, SHAPE, IN_ADU)
        measure(sample.frame.astype(float), sample.mask, drawn)
    print("| trait | real: 10 %, median, 90 % | drawn: 10 %, median, 90 % |\n|---|---|---|")
    for key, words in ROWS:
        print(f"| {words} | {_quantiles(real[key])} | {_quantiles(drawn[key])} |")


def _quantiles(values: list[float]) -> str:
    if not values:
        return "-"
    return ", ".join(f"{one:.3g}" for one in np.quantile(values, (0.1, 0.5, 0.9)))


if __name__ == "__main__":
    main()
