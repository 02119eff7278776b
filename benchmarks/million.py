"""A million frames: time to open, time per step in a real viewer, memory, open files.

    tools/on-display python benchmarks/million.py [--frames 1000000] [--steps 200]

The frames are hard links to a few simulated ones, so that a million fit on the disk.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from astropy.io import fits

from napari_iris.frames.index import FrameIndex
from napari_iris.frames.sequence import FrameSequence
from napari_iris.sky import SimulationConfig, simulate_frame

LINKS_A_FILE = 20_000
"""Hard links to one file; file systems allow some 65,000."""


def make_night(folder: Path, count: int) -> None:
    """Fill a folder with hard links to simulated raw frames."""
    config = SimulationConfig(count=60, seed=3)
    for start in range(0, count, LINKS_A_FILE):
        frame = simulate_frame(config, start // LINKS_A_FILE % config.count)
        first = folder / f"frame_{start:07d}.fits"
        fits.PrimaryHDU(frame.data, frame.header).writeto(first)
        for number in range(start + 1, min(start + LINKS_A_FILE, count)):
            os.link(first, folder / f"frame_{number:07d}.fits")


def memory_mib() -> float:
    """Resident memory of this process."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def timed(label: str, start: float) -> None:
    """Print the seconds since `start`."""
    print(f"{label:<44}{time.perf_counter() - start:8.3f} s")


def walk(count: int, steps: int, sequence: FrameSequence) -> None:
    """Step through the night in a real viewer, forward and at random."""
    import napari
    from qtpy.QtWidgets import QApplication

    from napari_iris.frames.contrast import display_limits

    start = time.perf_counter()
    viewer = napari.Viewer()
    viewer.add_image(sequence, contrast_limits=display_limits(sequence))
    QApplication.processEvents()
    timed("viewer with the sequence", start)
    before = memory_mib()
    rng = np.random.default_rng(0)
    for label, numbers in (
        ("forward", range(1, steps + 1)),
        ("at random", rng.integers(0, count, steps).tolist()),
    ):
        stepped, painted = [], []
        for number in numbers:
            start = time.perf_counter()
            viewer.dims.set_current_step(0, number)
            stepped.append(time.perf_counter() - start)
            QApplication.processEvents()
            painted.append(time.perf_counter() - start - stepped[-1])
        step, paint = (1e3 * statistics.median(seconds) for seconds in (stepped, painted))
        most = 1e3 * np.percentile(stepped, 99)
        print(
            f"a step {label:<37}{step:8.1f} ms median, 99 % {most:.1f} ms, "
            f"then {paint:.1f} ms to paint it"
        )
    files = len(list(Path("/proc/self/fd").iterdir()))
    print(
        f"memory grew by {memory_mib() - before:.0f} MiB over {2 * steps} steps; {files} open files"
    )
    viewer.close()


def main() -> None:
    """Make the night, open it for the first time and again, and walk through it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--steps", type=int, default=200)
    options = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="iris-million-"))
    try:
        night, cache = root / "night", root / "cache"
        night.mkdir()
        start = time.perf_counter()
        make_night(night, options.frames)
        timed(f"linking {options.frames} frames", start)
        start = time.perf_counter()
        FrameIndex([night], cache)
        timed("first listing, and saving the index", start)
        start = time.perf_counter()
        index = FrameIndex([night], cache)
        sequence = FrameSequence(index.paths)
        timed("opening, once indexed", start)
        start = time.perf_counter()
        found = index.paths.find(f"frame_{options.frames - 1:07d}")
        timed(f"finding a frame by its name (number {found})", start)
        walk(options.frames, options.steps, sequence)
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
