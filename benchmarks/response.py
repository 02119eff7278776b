"""How soon the Curate dock responds: the window's own time from a key or a stroke to the repaint.

    tools/on-display python benchmarks/response.py [--frames 10000] [--run 500] [--repeat 5]

The project is that of `benchmarks/opening.py`. Times are those of the window's thread until it is
idle again, less what an idle window takes; what other programs have the processors for is left out.
A run of frames is labelled beside the window: its seconds are those of the clock.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from hands import Hands, at_the_desk, wait_for
from opening import Gaps, make_project

from napari_iris.desk.window import run_event_loop
from napari_iris.desk.workspace import workspace_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

IDLE_S = 0.15
"""Seconds after which the window has painted what a key has changed."""

KEYS = {
    "Right": "next frame, without a decision",
    "A": "approve, and the next frame",
    "R": "reject, and the next frame",
    "8": "overcast, and the next frame",
    "Control+Z": "take the last decision back",
    ",": "lower the threshold",
    ".": "raise the threshold",
    "Shift+O": "threshold by Otsu's method",
    "G": "grow",
    "S": "shrink",
    "H": "fill holes",
    "W": "smooth",
    "D": "copy the previous mask",
    "U": "revert",
    "Q": "compare masks",
    "N": "next frame to review",
    "J": "back",
    "Shift+M": "style of masks",
    "Shift+C": "stretch",
}
"""Keys that are pressed, and what they do."""


def own_ms(work: Callable[[], object]) -> float:
    """Give the time of this thread that some work takes with its repaint [ms]."""
    begin = time.thread_time()
    run_event_loop(IDLE_S)
    idle = time.thread_time() - begin
    begin = time.thread_time()
    work()
    run_event_loop(IDLE_S)
    return 1000 * (time.thread_time() - begin - idle)


def row(name: str, spent: Sequence[float]) -> str:
    """Write the median and the longest of some times."""
    return f"{name:42}{np.median(spent):6.0f}{max(spent):8.0f}"


def measure_keys(hands: Hands, repeat: int) -> None:
    """Press each key some times, and print what it took."""
    print(f"{'[ms of the window thread]':42}{'median':>6}{'longest':>8}")
    for key, what in KEYS.items():
        press = partial(hands.press, key)
        print(row(f"{key:10}{what}", [own_ms(press) for _ in range(repeat)]))


def measure_strokes(hands: Hands, repeat: int) -> None:
    """Draw strokes with the brushes that the mask follows; print the longest turn of each."""
    for key, what in {"T": "threshold brush", "Shift+T": "scribble"}.items():
        hands.press(key)
        spent = []
        for place in np.linspace(20, 100, repeat):
            gaps = Gaps()
            hands.stroke((place, 30), (place + 5, 70))
            run_event_loop(IDLE_S)
            spent.append(gaps.stop())
        hands.press(key)
        print(row(f"{key:10}{what}, at once", spent))


def measure_run(hands: Hands, count: int) -> None:
    """Label a selection of so many frames by one decision, and take it back."""
    workspace = workspace_of(hands.viewer)
    jobs = workspace.run_labels.jobs
    for key, what in {"A": "approve", "8": "overcast", "D": "carry the mask on"}.items():
        workspace.session.select(range(2000, 2000 + count))
        preview = own_ms(lambda: hands.press("Shift+N"))
        for name, keys in ((what, (key, "Enter")), (f"{what}: take back", ("Control+Z",))):
            begin, own, gaps = time.perf_counter(), time.thread_time(), Gaps()
            hands.press(*keys)
            wait_for(lambda: not jobs.is_busy)
            lasted, own, longest = (
                time.perf_counter() - begin,
                time.thread_time() - own,
                gaps.stop(),
            )
            print(
                f"run of {count} frames, {name}: {lasted:.1f} s; the window's thread"
                f" {1000 * own:.0f} ms, at most {longest:.0f} ms at once"
            )
        print(f"its preview: {preview:.0f} ms")


def main() -> None:
    """Open the project, and print a line for each thing that is done."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--frames", type=int, default=10_000)
    parser.add_argument("--run", type=int, default=500, help="frames of a run")
    parser.add_argument("--repeat", type=int, default=5, help="times that each key is pressed")
    options = parser.parse_args()
    os.environ.setdefault("MESA_SHADER_CACHE_DIR", str(Path.home() / ".cache"))
    with (
        tempfile.TemporaryDirectory(prefix="iris-response-") as folder,
        at_the_desk(make_project(Path(folder), options.frames)) as hands,
    ):
        run_event_loop(4)
        measure_keys(hands, options.repeat)
        measure_strokes(hands, options.repeat)
        measure_run(hands, options.run)


if __name__ == "__main__":
    main()
