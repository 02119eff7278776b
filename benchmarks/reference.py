"""Masks with and without the clear-sky reference: simulated nights, the sample night, real frames.

python benchmarks/reference.py
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from frame_sets import DATA, SHAPE, by_level, learn

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
    from collections.abc import Iterable

    from astropy.io.fits import Header

    from napari_iris.sky import SimulatedFrame

SEEDS = range(21, 29)


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


def main() -> None:
    """Print the table."""
    print("| frames | method | accuracy | clear IoU | MCC | clear sky called cloud | okta error |")
    print("|---|---|---|---|---|---|---|")
    for seed in SEEDS:
        config = SeriesConfig(count=40, nights=2, seed=seed, shape=(256, 320))
        simulated(f"nights, camera {seed}", simulate_nights(config))
    simulated("sample night", sample_frames())
    if DATA.is_dir():
        real = by_level()
        cloud, known = real.truth == CLOUD, real.truth != IGNORE
        report("200 real frames", list(real.frames), real.headers, cloud, known)


if __name__ == "__main__":
    main()
