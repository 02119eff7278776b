"""Traits of simulated nights beside those of a real camera: a table for docs/simulator.md.

    python benchmarks/nights.py [--cameras 20]

Real figures are of two raw Tau2 frames and of 200 published frames.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.frames.rebin import rebin
from napari_iris.radiometry.planck import shutter_offset
from napari_iris.sky.config import SeriesConfig
from napari_iris.sky.nights import FIELD_DEG, clear_rise, simulate_nights

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from napari_iris.sky import SimulatedFrame

BINNED = (128, 160)
CORNER = 12
"""Rows and columns of a corner, in binned pixels."""


def noise(frame: NDArray[np.floating]) -> float:
    """Robust noise of a pixel, by second differences along the rows."""
    second = np.diff(frame.astype(float), n=2, axis=1) / 6**0.5
    middle = second[np.abs(second) < 4 * np.median(np.abs(second)) + 1]
    return float(middle.std())


def plane(frame: NDArray[np.floating]) -> float:
    """Rise of the plane that fits a frame best, from edge to edge, in ADU."""
    rows, columns = (np.linspace(-1, 1, side) for side in frame.shape)
    down = (frame * rows[:, None]).sum() / (rows**2).sum() / columns.size
    across = (frame * columns).sum() / (columns**2).sum() / rows.size
    return float(2 * np.hypot(down, across))


def slope(frame: NDArray[np.floating]) -> float:
    """Slope of the power spectrum from 0.02 to 0.1 cycles a binned pixel."""
    window = np.outer(*(np.hanning(side) for side in frame.shape))
    power = np.abs(np.fft.rfft2((frame - frame.mean()) * window)) ** 2
    k = np.hypot(np.fft.fftfreq(frame.shape[0])[:, None], np.fft.rfftfreq(frame.shape[1]))
    part = (k > 0.02) & (k < 0.1)
    return float(-np.polyfit(np.log(k[part]), np.log(power[part]), 1)[0])


def corners(frame: NDArray[np.floating]) -> list[float]:
    """Corners over the centre, in ADU, the coldest first."""
    rows, columns = (side // 2 for side in frame.shape)
    centre = np.median(frame[rows - 16 : rows + 16, columns - 20 : columns + 20])
    ends = (slice(CORNER), slice(-CORNER, None))
    return sorted(float(np.median(frame[a, b]) - centre) for a in ends for b in ends)


def steps(config: SeriesConfig) -> list[float]:
    """Measure how the level of a clear sky steps from correction to correction, in ADU."""
    close = config.model_copy(update={"count": 1440, "nights": 1, "shape": (16, 20)})
    frames = zip(range(120), simulate_nights(close), strict=False)
    levels = [float(np.median(one.data)) for _, one in frames if one.sky == "clear"]
    return [abs(step) for step in np.diff(levels)]


def measure(frames: Iterable[SimulatedFrame], found: dict[str, list[float]]) -> None:
    """Add what the frames of one camera show."""
    clear: list[SimulatedFrame] = []
    for one in frames:
        binned = rebin(one.data, BINNED)
        if one.tau.max() < 0.02:
            clear.append(one)
            found["noise"].append(noise(one.data))
            found["binned noise"].append(noise(binned))
        elif one.tau.min() > 0.5:
            found["deck plane"].append(plane(binned))
            found["deck slope"].append(slope(binned))
            found["deck level"].append(float(np.median(binned - reduced(one))))
        elif 0.2 < one.truth.mean() < 0.9:
            found["broken slope"].append(slope(binned))
    if len(clear) > 1:
        first, last = (rebin(one.data, BINNED) for one in (clear[0], clear[-1]))
        low, *_, high = corners(first)
        found["coldest corner"].append(low)
        found["warmest corner"].append(high)
        found["clear noise likeness"].append(likeness(first, last))
        levels = [float(np.median(one.data) - reduced(one)) for one in clear]
        found["clear scatter"].append(float(np.std(levels)))


def reduced(one: SimulatedFrame) -> float:
    """Level of the dry clear sky that a frame's shutter and elevation predict, in ADU."""
    rise = float(clear_rise(np.array([one.header["ELEVATIO"]]))[0])
    return 650 + rise - float(shutter_offset(one.header["SHU-TEMP"]))


def likeness(first: NDArray[np.floating], last: NDArray[np.floating]) -> float:
    """Correlation of the fine patterns of two frames."""
    fine = [np.diff(np.diff(one, axis=0), axis=1).ravel() for one in (first, last)]
    return float(np.corrcoef(*fine)[0, 1])


ROWS = (
    ("noise", "noise of a raw pixel, ADU", "3.4 and 3.9 (two frames)"),
    ("binned noise", "noise of a binned pixel, ADU", "1.16, 1.49, 2.94"),
    ("clear noise likeness", "fine pattern, first and last clear frame: correlation", "-"),
    ("coldest corner", "coldest corner of a clear frame over its centre, ADU", "+4 (one camera)"),
    ("warmest corner", "its warmest corner, ADU", "+71 (one camera)"),
    ("clear scatter", "clear level after shutter and elevation, one camera, ADU", "30"),
    ("step", "step of the level at a flat-field correction, ADU", "5 to 10"),
    ("deck level", "deck over a dry clear sky, ADU", "290 to 790"),
    ("deck plane", "plane across a deck, edge to edge, ADU", "26, 70, 140"),
    ("deck slope", "spectral slope, decks", "3.55"),
    ("broken slope", "spectral slope, broken cloud", "3.46"),
)
"""Traits: key, words, real figure."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=20, help="cameras (default: 20)")
    found: dict[str, list[float]] = defaultdict(list)
    for seed in range(100, 100 + parser.parse_args().cameras):
        config = SeriesConfig(count=12, nights=2, seed=seed)
        measure(simulate_nights(config), found)
        found["step"] += steps(config)
    print("| trait | real | simulated: 10 %, median, 90 % |\n|---|---|---|")
    for key, words, real in ROWS:
        values = ", ".join(f"{one:.3g}" for one in np.quantile(found[key], (0.1, 0.5, 0.9)))
        print(f"| {words} | {real} | {values} |")
    above = [float(np.ptp(clear_rise(at + FIELD_DEG * np.array([-0.5, 0.5])))) for at in ELEVATIONS]
    rises = ", ".join(f"{rise:.0f}" for rise in above)
    print(f"| dry sky over the field at 80, 60, 45, 30 degrees, ADU | 7, 26, 51, 100 | {rises} |")


ELEVATIONS = (80.0, 60.0, 45.0, 30.0)

if __name__ == "__main__":
    main()
