"""Masks with and without the clear-sky reference: simulated nights, the sample night, real frames.

python benchmarks/reference.py
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from frame_sets import DATA, SHAPE, by_level, learn
from scipy.ndimage import gaussian_filter1d

from napari_iris.labels import CLOUD, IGNORE
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import make_mask
from napari_iris.metrics.counts import Counts, scores
from napari_iris.radiometry.reference_set import ReferenceSet
from napari_iris.sky import sample_frames
from napari_iris.sky.config import SeriesConfig
from napari_iris.sky.nights import simulate_nights
from napari_iris.sky.truth import rebin_truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from astropy.io.fits import Header

    from napari_iris.sky import SimulatedFrame

SEEDS = range(21, 29)

GRADIENT_ADU, VAPOUR_ADU, VAPOUR_FRAMES = 250.0, 60.0, 4.0
"""Gradient of a wide view from top to bottom, and rms and correlation of the level's changes."""


def masks(frames: list[np.ndarray], headers: list[Header], references: ReferenceSet) -> np.ndarray:
    """Make the masks of some frames."""
    made = (
        make_mask(frame, MaskConfig(), header, references)
        for frame, header in zip(frames, headers, strict=True)
    )
    return np.stack([one.mask == 1 for one in made])


def report(
    name: str,
    frames: list[np.ndarray],
    headers: list[Header],
    truth: np.ndarray,
    decided: np.ndarray,
) -> None:
    """Print a line with and one without the reference."""
    references = learn(frames, headers)
    for label, used in (("alone", ReferenceSet()), ("reference", references)):
        found = masks(frames, headers, used)
        values = scores(Counts.of(found, truth, decided))
        false = np.mean(found[decided & ~truth])
        cover = [
            abs(one[where].mean() - other[where].mean())
            for one, other, where in zip(found, truth, decided, strict=True)
            if where.any()
        ]
        print(
            f"| {name} | {label} | {values['accuracy']:.3f} | {values['iou_clear']:.3f} "
            f"| {values['mcc']:.3f} | {false:.1%} | {8 * np.mean(cover):.2f} |"
        )


def simulated(name: str, made: Iterable[SimulatedFrame]) -> None:
    """Report on simulated frames."""
    frames = list(made)
    truth = np.stack([rebin_truth(one.truth, SHAPE) == 1 for one in frames])
    decided = np.stack(
        [
            np.ones(SHAPE, bool)
            if one.undecided is None
            else rebin_truth(one.undecided, SHAPE) == 0
            for one in frames
        ]
    )
    data = [one.data.astype(np.float32) for one in frames]
    report(name, data, [one.header for one in frames], truth, decided)


def in_wide_view(frames: Iterable[SimulatedFrame], seed: int) -> Iterator[SimulatedFrame]:
    """Give a night the gradient of a wide view, and water vapour that changes within the hour.

    Cloud is a grey body: the warmer it is, the more it hides of both.
    """
    some = list(frames)
    data = np.stack([frame.data for frame in some]).astype(np.float32)
    clear = np.median(data[np.stack([frame.truth for frame in some]) != CLOUD])
    hidden = np.clip((data - clear) / (data.max() - clear), 0, 1)
    steps = np.random.default_rng(seed).normal(size=len(some))
    walk = gaussian_filter1d(steps, VAPOUR_FRAMES, mode="wrap")
    rise = np.linspace(0, GRADIENT_ADU, data.shape[1])[:, None]
    added = rise + VAPOUR_ADU * (walk / walk.std())[:, None, None]
    for frame, pixels in zip(some, data + added * (1 - hidden), strict=True):
        yield replace(frame, data=np.rint(pixels).astype(frame.data.dtype))


def main() -> None:
    """Print the table."""
    print("| frames | method | accuracy | clear IoU | MCC | clear sky called cloud | okta error |")
    print("|---|---|---|---|---|---|---|")
    for seed in SEEDS:
        config = SeriesConfig(count=40, nights=2, seed=seed, shape=(256, 320))
        simulated(f"nights, camera {seed}", simulate_nights(config))
    for seed in SEEDS[:4]:
        config = SeriesConfig(count=40, nights=1, seed=seed, shape=(256, 320))
        night = in_wide_view(simulate_nights(config), seed)
        simulated(f"wide view, changing vapour, camera {seed}", night)
    simulated("sample night", sample_frames())
    if DATA.is_dir():
        real = by_level()
        cloud, known = real.truth == CLOUD, real.truth != IGNORE
        report("200 real frames", list(real.frames), real.headers, cloud, known)


if __name__ == "__main__":
    main()
