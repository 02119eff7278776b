"""Opening a large project in the Curate dock: until the first frame is shown, and what follows.

    tools/on-display python benchmarks/opening.py [--frames 100000] [--timeline] [--sheet]

The frames are hard links to a few simulated ones, a minute apart, each with an automatic mask. Time
of the window's thread is its own: what other programs and threads take is printed apart.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from million import make_night

from napari_iris.project.folder import MASKS
from napari_iris.project.mask_store import MaskStore
from napari_iris.project.project import Project

START_US, MINUTE_US = 1_705_341_600_000_000, 60_000_000


def make_project(root: Path, count: int) -> Path:
    """Make a project of so many frames, without reading them."""
    night, folder = root / "night", root / "project"
    night.mkdir()
    make_night(night, count)
    rng, mask = np.random.default_rng(0), np.zeros((128, 160), np.uint8)
    mask[:, :40] = 1
    with Project(folder) as project, project.repository.transaction():
        name = MaskStore(project.folder / MASKS).save(mask, durable=False)
        execute = project.repository.connection.executemany
        execute(
            "INSERT INTO frame (id, path, size, changed, time, rows, columns, facts, hash,"
            " likeness, status) VALUES (?, ?, 1, 1, ?, 512, 640, '{}', ?, ?, 'auto')",
            (
                (
                    number + 1,
                    str(night / f"frame_{number:07d}.fits"),
                    START_US + number * MINUTE_US,
                    rng.bytes(16),
                    number,
                )
                for number in range(count)
            ),
        )
        execute(
            "INSERT INTO mask (frame, tag, object, cloud_fraction, trust, method, by, at)"
            " VALUES (?, 'auto', ?, .25, ?, 'recipe', 'a program', 1)",
            ((number, name, trust) for number, trust in enumerate(rng.random(count).tolist(), 1)),
        )
        project.repository.connection.execute("UPDATE frame SET auto = id")
    return folder


class Gaps:
    """The longest turn of the event loop, by the thread's own time."""

    def __init__(self) -> None:
        from qtpy.QtCore import QTimer

        self.longest, self._last = 0.0, time.thread_time()
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(5)

    def _tick(self) -> None:
        now = time.thread_time()
        self.longest, self._last = max(self.longest, now - self._last), now

    def stop(self) -> float:
        """Give the longest turn [ms]."""
        self._timer.stop()
        return 1000 * self.longest


def turn_pages(sheet: Any, count: int = 12) -> None:
    """Turn pages of a contact sheet that were not seen before; print the window's thread's time."""
    from napari_iris.desk.window import run_event_loop

    view, bar, spent, gaps = sheet.view, sheet.view.verticalScrollBar(), [], Gaps()
    for place in np.linspace(0.1, 0.9, count):
        own = time.thread_time()
        bar.setValue(round(place * bar.maximum()))
        run_event_loop(0.02)
        while any(sheet.sheet.thumbnail(one) is None for one in view.in_view):
            run_event_loop(0.02)
        spent.append(time.thread_time() - own)
    print(
        f"a page of {len(view.in_view)} thumbnails of {len(sheet.sheet):,}: the window's thread"
        f" {1000 * np.median(spent):.0f} ms, at most {gaps.stop():.0f} ms at once"
    )


def measure(folder: Path, *, timeline: bool, sheet: bool = False) -> None:
    """Open a project in a window, and print how long that took."""
    import napari
    from hands import wait_for

    from napari_iris.desk.window import run_event_loop

    viewer = napari.Viewer()
    viewer.window.resize(1400, 900)
    _, dock = viewer.window.add_plugin_dock_widget("napari-iris", "Curate")
    if timeline:
        viewer.window.add_plugin_dock_widget("napari-iris", "Night timeline")
    run_event_loop(1)
    gaps, begin, own = Gaps(), time.perf_counter(), time.thread_time()
    dock.open_project(folder)
    wait_for(lambda: dock.curation.row is not None)
    run_event_loop(0.05)  # it is painted
    lasted, own = time.perf_counter() - begin, time.thread_time() - own
    longest = gaps.stop()
    print(
        f"first frame after {lasted:.2f} s; the window's thread: {1000 * own:.0f} ms,"
        f" at most {longest:.0f} ms at once"
    )
    gaps, own = Gaps(), time.thread_time()
    run_event_loop(5)
    own, longest = time.thread_time() - own, gaps.stop()
    print(f"in the 5 s after: {1000 * own:.0f} ms, at most {longest:.0f} ms at once")
    if sheet:
        _, dock = viewer.window.add_plugin_dock_widget("napari-iris", "Contact sheet")
        run_event_loop(1)
        turn_pages(dock)
    viewer.close()


def main() -> None:
    """Make the project, and open it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--frames", type=int, default=100_000)
    parser.add_argument("--timeline", action="store_true", help="with the Night timeline open")
    parser.add_argument("--sheet", action="store_true", help="turn pages of the contact sheet too")
    options = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="iris-opening-"))
    os.environ["NAPARI_CONFIG"] = str(root / "napari.yaml")
    # else a software driver would compile its shaders anew
    os.environ.setdefault("MESA_SHADER_CACHE_DIR", str(Path.home() / ".cache"))
    os.environ["XDG_CACHE_HOME"] = os.environ["XDG_STATE_HOME"] = str(root / "cache")
    try:
        folder = make_project(root, options.frames)
        measure(folder, timeline=options.timeline, sheet=options.sheet)
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
