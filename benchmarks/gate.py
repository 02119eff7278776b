"""Accuracy of the sky gate on simulated frames with exact truth, compared with recipe and Otsu.

    python benchmarks/gate.py [--frames 150] [--seed 7]
    python benchmarks/gate.py --files FRAMES_DIR TRUTH_DIR

The first form simulates frames; the second takes any folder of frames and one of mask files, as
``napari-iris simulate`` writes them. Figures: part of the clear sky's pixels called cloud (of all
frames, and of clear frames alone), part of all pixels right, mean error of the cloud cover in
okta. Frames are given in ADU, and once more scaled to 0..1.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from skimage.filters import threshold_otsu

from napari_iris.frames.paths import find_frames
from napari_iris.frames.read import read_frame
from napari_iris.frames.rebin import FULL_SCALE_ADU, rebin
from napari_iris.labels import CLOUD
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import make_mask
from napari_iris.masks.mask_file import mask_path, read_mask
from napari_iris.sky import SimulationConfig, simulate_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SHAPE = (128, 160)
Frame = NDArray[np.float32]
Mask = NDArray[np.bool_]


def simulated(count: int, seed: int) -> Iterator[tuple[Frame, Mask]]:
    """Binned frames of our own simulator and their truth."""
    config = SimulationConfig(count=count, seed=seed)
    for number in range(count):
        frame = simulate_frame(config, number)
        truth = rebin(frame.truth.astype(np.float32), SHAPE) > 0.5
        yield rebin(frame.data, SHAPE), truth


def stored(frames: Path, truths: Path) -> Iterator[tuple[Frame, Mask]]:
    """Binned frames of a folder and the truth of another."""
    for path in find_frames([frames])[0]:
        truth = read_mask(mask_path(path, truths)).mask == CLOUD
        yield rebin(read_frame(path).data, SHAPE), rebin(truth.astype(np.float32), SHAPE) > 0.5


METHODS: dict[str, Callable[[Frame], Mask]] = {
    "recipe": lambda frame: make_mask(frame, MaskConfig(gate=False)).mask == CLOUD,
    "Otsu": lambda frame: frame > threshold_otsu(frame),
    "gate": lambda frame: make_mask(frame, MaskConfig()).mask == CLOUD,
    "gate, 0..1": lambda frame: make_mask(frame / FULL_SCALE_ADU, MaskConfig()).mask == CLOUD,
}


def figures(masks: Mask, truth: Mask) -> tuple[float, float, float, float]:
    """Clear sky called cloud, the same of clear frames alone, pixels right, okta error."""
    clear_frames = ~truth.any(axis=(1, 2))
    covers = masks.mean(axis=(1, 2)), truth.mean(axis=(1, 2))
    return (
        float(masks[~truth].mean()),
        float(masks[clear_frames].mean()) if clear_frames.any() else float("nan"),
        float((masks == truth).mean()),
        float(8 * np.abs(covers[0] - covers[1]).mean()),
    )


def main() -> None:
    """Print a line of figures for each method."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=150)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--files", type=Path, nargs=2, metavar=("FRAMES", "TRUTH"))
    options = parser.parse_args()
    pairs = stored(*options.files) if options.files else simulated(options.frames, options.seed)
    frames, truths = (np.array(side) for side in zip(*pairs, strict=True))
    print(f"{len(frames)} frames, {truths.mean():.0%} cloud")
    print(f"{'':<12}{'clear called cloud':>20}{'in clear frames':>17}{'right':>8}{'okta':>7}")
    for name, method in METHODS.items():
        masks = np.array([method(frame) for frame in frames])
        false, false_clear, right, okta = figures(masks, truths)
        print(f"{name:<12}{false:>20.1%}{false_clear:>17.1%}{right:>8.1%}{okta:>7.2f}")


if __name__ == "__main__":
    main()
