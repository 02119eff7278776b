"""`watch` as a camera writes: from file complete to published, frames lost, bursts, restarts.

    python benchmarks/watch.py [--rate 9] [--minutes 10] [--burst 1000] [--rates 9 18 27 36]

A camera is played that writes raw frames of the sample night with fresh noise, each moved into the
folder when it is whole. `watch` runs as a child with the shipped models, and publishes by HTTP; a
reader of its server-sent events notes when each frame is published. A file counts as complete once
it has settled (``--settle-s``): that time is stated, and is not part of the figures.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import numpy as np
from astropy.io import fits

from napari_iris.resources import sample_night

POOL, NOISE_ADU = 60, 3.0
"""Different frames that are written in turn, and the noise that is added to those of the night."""

RATE_S, HELD_S = 20.0, 1.0
"""Time of each rate that is tried, and the 99th percentile below which it is held [s]."""


class Camera:
    """Writes frames into a folder at a rate."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.count = folder, 0
        self.complete: list[float] = []
        rng, self._pool = np.random.default_rng(0), []
        night = sorted(sample_night().iterdir())
        for number in range(POOL):
            with fits.open(night[number % len(night)]) as units:
                data, header = units[1].data, units[1].header
                noisy = np.rint(data + rng.normal(0, NOISE_ADU, data.shape)).astype(np.int16)
                file = io.BytesIO()
                fits.PrimaryHDU(noisy, header).writeto(file)
            self._pool.append(file.getvalue())

    def write(self) -> None:
        """Write the next frame."""
        part = self.folder / ".part"
        part.write_bytes(self._pool[self.count % POOL])
        part.rename(self.folder / f"frame_{self.count:06d}.fits")
        self.complete.append(time.monotonic())
        self.count += 1

    def run(self, rate: float, seconds: float) -> None:
        """Write at a rate for some seconds."""
        begin = time.monotonic()
        for number in range(round(rate * seconds)):
            time.sleep(max(begin + number / rate - time.monotonic(), 0))
            self.write()


class Watch:
    """`watch` as a child process, and when it published how many frames."""

    def __init__(self, folder: Path, settle_s: float) -> None:
        self._words = [sys.executable, "-m", "napari_iris", "watch", str(folder / "in")]
        self._words += ["--out", str(folder / "out"), "--settle-s", str(settle_s)]
        self._words += ["--publish", "http=0", "--json"]
        self.published: list[tuple[float, int]] = []
        self.start()

    def start(self) -> None:
        """Start it, and read its events."""
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(self._words, stdout=pipe, stderr=-3, text=True)
        self._ready = threading.Event()
        threading.Thread(target=self._follow, daemon=True).start()
        self._ready.wait(120)

    def stop(self, number: signal.Signals) -> None:
        """End it by a signal."""
        self._process.send_signal(number)
        self._process.wait()

    def _follow(self) -> None:
        """Find the address of the events, then keep the pipe empty."""
        for line in self._process.stdout or ():
            event = json.loads(line)
            if event["event"] == "channel" and "listens" in event["message"]:
                address = event["message"].split()[-1].replace("/latest", "/events")
                threading.Thread(target=self._read, args=(address,), daemon=True).start()
            if event["event"] == "start":
                self._ready.set()

    def _read(self, address: str) -> None:
        with urllib.request.urlopen(address) as stream:
            for line in stream:
                if line.startswith(b"data: "):
                    self.published.append((time.monotonic(), json.loads(line[6:])["frames"]))


def latencies(camera: Camera, watch: Watch, first: int, settle_s: float) -> np.ndarray:
    """Time from complete to published of each frame from `first` on [s]; NaN where it was not."""
    times = np.full(camera.count - first, np.nan)
    reached = first
    for when, count in watch.published:
        while reached < min(count, camera.count):
            times[reached - first] = when - camera.complete[reached] - settle_s
            reached += 1
    return times


def finish(camera: Camera, folder: Path, limit_s: float = 300) -> tuple[int, int]:
    """Wait until all frames have rows; count the lost and the doubled ones."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        with (folder / "out" / "predictions.csv").open(newline="", encoding="utf-8") as file:
            names = [row["frame"] for row in csv.DictReader(file) if row["frame"]]
        if len(set(names)) == camera.count:
            break
        time.sleep(0.5)
    return camera.count - len(set(names)), len(names) - len(set(names))


def show(label: str, times: np.ndarray, lost: int) -> None:
    """Print the percentiles."""
    p = np.nanpercentile(times, [50, 90, 99, 100]) * 1000
    print(
        f"{label:<24} {times.size:6d} frames  median {p[0]:5.0f} ms  90 % {p[1]:5.0f}  "
        f"99 % {p[2]:5.0f}  most {p[3]:6.0f}  lost {lost}",
        flush=True,
    )


def steady(folder: Path, arguments: argparse.Namespace) -> None:
    """One rate for some minutes, then a burst, then a kill and a restart in between."""
    camera, watch = Camera(folder / "in"), Watch(folder, arguments.settle_s)
    camera.run(arguments.rate, 60 * arguments.minutes)
    lost, _ = finish(camera, folder)
    time.sleep(0.5)
    show(f"{arguments.rate:g} a second", latencies(camera, watch, 0, arguments.settle_s), lost)
    begin = time.monotonic()
    for _ in range(arguments.burst):
        camera.write()
    lost, _ = finish(camera, folder)
    rate = arguments.burst / (time.monotonic() - begin)
    print(f"burst of {arguments.burst}: {rate:.0f} frames a second, lost {lost}", flush=True)
    writer = threading.Thread(target=camera.run, args=(arguments.rate, 20))
    writer.start()
    time.sleep(7)
    watch.stop(signal.SIGKILL)
    watch.start()
    writer.join()
    lost, doubled = finish(camera, folder)
    print(f"killed and restarted in between: lost {lost}, twice in the table {doubled}")
    watch.stop(signal.SIGINT)


def highest(arguments: argparse.Namespace) -> None:
    """Rates one after the other, each in a new folder, until one is not held; print the highest."""
    held = 0.0
    for rate in arguments.rates:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "in").mkdir()
            camera, watch = Camera(folder / "in"), Watch(folder, arguments.settle_s)
            camera.run(rate, RATE_S)
            lost, _ = finish(camera, folder)
            time.sleep(0.5)
            times = latencies(camera, watch, 0, arguments.settle_s)
            watch.stop(signal.SIGINT)
        show(f"{rate:g} a second, {RATE_S:g} s", times, lost)
        if lost or np.nanpercentile(times, 99) > HELD_S:
            break
        held = rate
    if held:
        print(f"held: {held:g} frames a second, the highest of {arguments.rates}")


def main() -> None:
    """Run all parts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rate", type=float, default=9, help="frames a second")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--burst", type=int, default=1000)
    parser.add_argument("--settle-s", type=float, default=2.0, help="as for `watch`")
    parser.add_argument("--rates", type=float, nargs="*", default=[9, 18, 27, 36, 54, 72])
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} cores; settle time {arguments.settle_s:g} s, not in the figures")
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "in").mkdir()
        steady(Path(name), arguments)
    highest(arguments)


if __name__ == "__main__":
    main()
