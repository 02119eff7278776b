"""Masks per second: the published loop and napari-iris on the same raw frames, in one run.

    python benchmarks/masks.py [--frames 2000] [--repeat 3] [--sample 1000000]

The published loop runs joblib threads over ``fits.open``, block mean, astropy's stretch, Otsu's
threshold and ``writeto``. Both write 640x512 int16 frames' masks to a folder of their own; files of
``--no-gate`` are then compared. The frames are a night of one camera. The default is timed with the
reference that it learns, learning included; that takes a sample of at most 240 frames, so its share
falls with the number of frames. CPU time is that of all threads and processes: other work on the
machine changes it little.
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
from napari_iris.frames.paths import FramePaths
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.night import write_masks
from napari_iris.radiometry.archive import learn_references, resolve_references
from napari_iris.sky.config import SeriesConfig
from napari_iris.sky.nights import simulate_nights


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


def seconds() -> np.ndarray:
    """Time now, and CPU time so far of this process and of those that have ended."""
    return np.array([time.perf_counter(), sum(os.times()[:4])])


def published_loop(frames: list[Path], out: Path) -> np.ndarray:
    """Seconds that the published loop takes, and its CPU time."""
    out.mkdir(exist_ok=True)
    start = seconds()
    threads = Parallel(n_jobs=os.cpu_count(), backend="threading")
    threads(delayed(published)(frame, out) for frame in frames)
    return seconds() - start


def ours(frames: list[Path], out: Path, *, gate: bool, reference: str = "none") -> np.ndarray:
    """Seconds that ``napari-iris mask`` takes for the same frames, reference and table included."""
    start = seconds()
    references = resolve_references(reference, frames)
    for outcome in write_masks(frames, out, MaskConfig(gate=gate), references=references):
        if isinstance(outcome, FileError):
            raise outcome
    return seconds() - start


def seconds_of_a_reference(frames: list[Path], count: int) -> float:
    """Seconds to learn the reference of a folder of `count` frames: these again and again."""
    packed = FramePaths.of(frames).packed
    paths = FramePaths(packed[np.arange(count) % len(packed)])
    start = time.perf_counter()
    learn_references(paths)
    return time.perf_counter() - start


def same(one: Path, other: Path) -> bool:
    """Whether two mask files hold the same frame and the same mask."""
    with fits.open(one) as first, fits.open(other) as second:
        return all(np.array_equal(first[n].data, second[n].data) for n in (0, 1))


def make_frames(folder: Path, count: int) -> list[Path]:
    """Write raw frames of one night: fifty different ones, again and again."""
    config = SeriesConfig(count=min(50, count), nights=1, seed=5)
    different = list(simulate_nights(config))
    paths = [folder / f"frame_{number:05d}.fits" for number in range(count)]
    for number, path in enumerate(paths):
        frame = different[number % len(different)]
        fits.PrimaryHDU(frame.data, frame.header).writeto(path)
    return paths


def one_round(frames: list[Path], root: Path, number: int) -> tuple[np.ndarray, ...]:
    """Seconds of each way, into new folders; no statistics of frames are known from before."""
    os.environ["XDG_CACHE_HOME"] = str(root / f"cache{number}")
    return (
        published_loop(frames, root / f"published{number}"),
        ours(frames, root / f"recipe{number}", gate=False),
        ours(frames, root / f"alone{number}", gate=True),
        ours(frames, root / f"default{number}", gate=True, reference="auto"),
    )


def main() -> None:
    """Run all in turn, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=2000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--sample", type=int, default=1_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "frames").mkdir()
        frames = make_frames(root / "frames", options.frames)
        rounds = [one_round(frames, root, number) for number in range(options.repeat)]
        masks = sorted((root / "published0").glob("*_mask.fits"))
        equal = sum(same(mask, root / "recipe0" / mask.name) for mask in masks)
        os.environ["XDG_CACHE_HOME"] = str(root / "sample")
        learning = seconds_of_a_reference(frames, options.sample)
    print("published loop, --no-gate, --reference none, default")
    for which, name in enumerate(("seconds", "seconds of CPU time")):
        for one in rounds:
            print(f"{name:20}", *(f"{taken[which]:6.2f}" for taken in one))
    for which, name in enumerate(("times as fast", "times less CPU time")):
        ratios = [
            statistics.median(one[0][which] / one[k][which] for one in rounds) for k in (1, 2, 3)
        ]
        print(f"{name}, median of {options.repeat}:", *(f"{ratio:.1f}" for ratio in ratios))
    print(f"identical output of --no-gate: {equal} of {len(masks)}")
    print(f"reference of {options.sample} frames: {learning:.1f} s")
    sys.exit(0 if equal == len(masks) else 1)


if __name__ == "__main__":
    main()
