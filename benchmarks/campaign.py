"""A campaign on one machine: CPU time per frame, memory and open files at 10^3, 10^4, 10^5 frames.

    python benchmarks/campaign.py [--frames 1000 10000 100000] [--folder DIR]

Small simulated frames (64x80), each with noise and a time of its own, are masked and then predicted
with the shipped cascade, by the commands as they are. CPU time is that of all processes of a
command, start included: other work on the machine changes it little. The smallest number is run
once more at the end, so that a change of the machine shows. Memory and open files are the most
that all processes of a command had at once, looked at four times a second. The files of a run are
removed before the next; the predictions of 10^5 frames take 18 GB.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import psutil
from astropy.io import fits

from napari_iris.sky.config import SeriesConfig
from napari_iris.sky.nights import simulate_nights

SHAPE = 64, 80
SKIES = 50
"""Different skies, which come again and again: as many of each kind in every thousand frames."""

NOISE_ADU = 2
"""Largest noise that is added to a frame of a sky."""

BLOCK = 2880
"""Bytes of a block of FITS."""

LOOK_S = 0.25
MIB = 2**20

COMMANDS = {
    "mask": ("mask", "--shape", *map(str, SHAPE)),
    "predict": ("predict", "unet-lwir"),
}


def make_frames(folder: Path, count: int) -> None:
    """Write frames, a minute apart; of the header of a sky, only the time changes."""
    config = SeriesConfig(count=SKIES, nights=1, seed=5, shape=SHAPE, truth_shape=SHAPE)
    skies = [(sky.data, sky.header) for sky in simulate_nights(config)]
    heads = [fits.PrimaryHDU(*sky).header.tostring().encode() for sky in skies]
    rng = np.random.default_rng(0)
    folder.mkdir(parents=True)
    for number in range(count):
        data, header = skies[number % SKIES]
        noise = rng.integers(-NOISE_ADU, NOISE_ADU, SHAPE, np.int16, endpoint=True)
        pixels = (data + noise).astype(">i2").tobytes()
        time = (config.start + timedelta(minutes=number)).isoformat(timespec="microseconds")
        head = heads[number % SKIES].replace(header["DATE-OBS"].encode(), time.encode(), 1)
        padding = bytes(-len(pixels) % BLOCK)
        (folder / f"frame_{number:06d}.fits").write_bytes(head + pixels + padding)


class Watcher(threading.Thread):
    """Looks at all processes of a command until it has ended.

    Attributes
    ----------
    memory, files : int
        Resident bytes, and open files with pipes and sockets: the most at once.
    """

    def __init__(self, process: psutil.Popen) -> None:
        super().__init__()
        self._process, self.memory, self.files = process, 0, 0

    def run(self) -> None:
        """Look again and again."""
        with suppress(psutil.NoSuchProcess):
            while self._process.is_running():
                self._look()
                time.sleep(LOOK_S)

    def _look(self) -> None:
        memory = files = 0
        for one in (self._process, *self._process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):  # it has just ended
                memory += one.memory_info().rss
                files += one.num_fds()
        self.memory, self.files = max(self.memory, memory), max(self.files, files)


@dataclass(frozen=True)
class Cost:
    """What a command took.

    Attributes
    ----------
    frames : int
        How many it was given.
    cpu_s, wall_s : float
        CPU time of all its processes, and time by the clock.
    memory, files : int
        As of `Watcher`.
    """

    frames: int
    cpu_s: float
    wall_s: float
    memory: int
    files: int

    @property
    def cpu_ms(self) -> float:
        """CPU time per frame [ms]."""
        return 1000 * self.cpu_s / self.frames


def run(words: tuple[str, ...], root: Path, count: int) -> Cost:
    """Run a command on the frames; all that it writes is removed."""
    out, cache = root / "out", root / "cache"
    line = [sys.executable, "-m", "napari_iris", *words, str(root / str(count))]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = os.environ | {"XDG_CACHE_HOME": str(cache)}
    process = psutil.Popen([*line, "--out", str(out)], env=environment, stderr=subprocess.DEVNULL)
    watcher = Watcher(process)
    watcher.start()
    if process.wait():
        sys.exit(f"{' '.join(line)}: exit code {process.returncode}")
    wall_s, used = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    watcher.join()
    cpu_s = used.ru_utime - before.ru_utime + used.ru_stime - before.ru_stime
    written = sum(1 for _ in out.glob("*.fits"))
    if written != count:
        sys.exit(f"{words[0]}: wrote {written} files for {count} frames")
    for folder in (out, cache):
        shutil.rmtree(folder)
    return Cost(count, cpu_s, wall_s, watcher.memory, watcher.files)


def measure(name: str, root: Path, counts: list[int]) -> list[Cost]:
    """Run a command on each number of frames, the smallest again at the end; print a line each."""
    found = []
    for count in (*counts, counts[0]):
        one = run(COMMANDS[name], root, count)
        print(
            f"{name:<8} {count:7d} frames: {one.cpu_ms:6.2f} ms of CPU each, {one.wall_s:7.1f} s; "
            f"at most {one.memory / MIB:5.0f} MiB, {one.files} open files",
            flush=True,
        )
        found.append(one)
    return found


def summarize(name: str, costs: list[Cost]) -> None:
    """Print how the largest number compares with the smallest."""
    *rising, again = costs
    first = (rising[0].cpu_ms + again.cpu_ms) / 2
    last, files = rising[-1], max(one.files for one in costs)
    grown = (last.memory - max(rising[0].memory, again.memory)) / MIB
    print(
        f"{name}: a frame of {last.frames} costs {last.cpu_ms / first - 1:+.1%} of one of "
        f"{again.frames}; memory {grown:+.0f} MiB; at most {files} open files"
    )
    if len(rising) > 1:
        frames, cpu_s = (last.frames - again.frames, last.cpu_s - first * again.frames / 1000)
        print(f"{name}: without the start {1000 * cpu_s / frames:.2f} ms of CPU a frame")


def main() -> None:
    """Make the frames, and run both commands."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--frames", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--only", nargs="+", choices=COMMANDS, default=list(COMMANDS))
    parser.add_argument("--folder", type=Path, help="where files go (default: as TMPDIR says)")
    options = parser.parse_args()
    counts = sorted(options.frames)
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="iris-campaign-") as name:
        root = Path(name)
        for count in counts:
            make_frames(root / str(count), count)
        for command in options.only:
            summarize(command, measure(command, root, counts))


if __name__ == "__main__":
    main()
