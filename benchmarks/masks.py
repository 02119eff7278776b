"""Masks per second: the published loop and napari-iris on the same raw frames, in one run.

    python benchmarks/masks.py [--frames 1000] [--repeat 3]

The published loop runs joblib threads over ``fits.open``, block mean, astropy's stretch, Otsu's
threshold and ``writeto``. Both write 640x512 int16 frames' masks to a folder of their own; every
file is then compared.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.visualization import LogStretch, ZScaleInterval
from joblib import Parallel, delayed
from skimage.filters import threshold_otsu

from napari_iris.errors import FileError
from napari_iris.frames.names import frame_stem
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.night import write_masks
from napari_iris.sky import SimulationConfig, simulate_frame


def published(path: Path, out: Path) -> None:
    """Mask one frame as the published code does."""
    with fits.open(path) as hdul:
        data, header = hdul[0].data, hdul[0].header
        binned = data.reshape(128, 4, 160, 4).mean(axis=(1, 3))
        stretched = (LogStretch(a=1e5) + ZScaleInterval(contrast=0.9))(binned)
        mask = (stretched > threshold_otsu(stretched)).astype(np.uint8)
        frame_unit = fits.PrimaryHDU(binned.astype(np.float32), header=header)
        mask_unit = fits.ImageHDU(mask, name="MASK")
        mask_unit.header["IMGTYPE"] = "GROUND-TRUTH"
        target = out / f"{frame_stem(path)}_mask.fits"
        fits.HDUList([frame_unit, mask_unit]).writeto(target, overwrite=True)


def published_loop(frames: list[Path], out: Path) -> float:
    """Seconds that the published loop takes."""
    out.mkdir(exist_ok=True)
    start = time.perf_counter()
    threads = Parallel(n_jobs=os.cpu_count(), backend="threading")
    threads(delayed(published)(frame, out) for frame in frames)
    return time.perf_counter() - start


def ours(frames: list[Path], out: Path, *, gate: bool) -> float:
    """Seconds that ``napari-iris mask`` takes for the same frames, table included."""
    start = time.perf_counter()
    for outcome in write_masks(frames, out, MaskConfig(gate=gate)):
        if isinstance(outcome, FileError):
            raise outcome
    return time.perf_counter() - start


def same(one: Path, other: Path) -> bool:
    """Whether two mask files hold the same frame and the same mask."""
    with fits.open(one) as first, fits.open(other) as second:
        return all(np.array_equal(first[n].data, second[n].data) for n in (0, 1))


def make_frames(folder: Path, count: int) -> list[Path]:
    """Write raw simulated frames: fifty different ones, again and again."""
    config = SimulationConfig(count=50, seed=1)
    different = [simulate_frame(config, number) for number in range(min(50, count))]
    paths = [folder / f"frame_{number:05d}.fits" for number in range(count)]
    for number, path in enumerate(paths):
        frame = different[number % len(different)]
        fits.PrimaryHDU(frame.data, frame.header).writeto(path)
    return paths


def main() -> None:
    """Run both, in turn, and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=1000)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "frames").mkdir()
        frames = make_frames(root / "frames", options.frames)
        rounds = [
            (
                published_loop(frames, root / "published"),
                ours(frames, root / "ours", gate=False),
                ours(frames, root / "gated", gate=True),
            )
            for _ in range(options.repeat)
        ]
        masks = sorted((root / "published").glob("*_mask.fits"))
        equal = sum(same(mask, root / "ours" / mask.name) for mask in masks)
    print("seconds: published loop, napari-iris --no-gate, napari-iris with the gate")
    for seconds in rounds:
        print("  ".join(f"{second:6.2f}" for second in seconds))
    ratios = [statistics.median(one[0] / one[k] for one in rounds) for k in (1, 2)]
    print(f"ratio, median of {options.repeat}: {ratios[0]:.1f} (with the gate: {ratios[1]:.1f})")
    print(f"identical output: {equal} of {len(masks)}")
    sys.exit(0 if equal == len(masks) else 1)


if __name__ == "__main__":
    main()
