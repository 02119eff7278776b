"""Playback of a night with masks: frames a second that are drawn with the mask of their own.

    tools/on-display python benchmarks/playback.py [FRAMES] [--rate 10] [--seconds 6]

Plays the frames (default: a simulated night) in the Mask dock, whose masks are made live, and
those of a project of them in the Curate dock, whose masks are read from the disk. Time in which
other programs had the processors is printed apart: the window's own time a frame is what limits
playback on an idle machine.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

DOCKS = ("Mask", "Curate")
NIGHT, SHAPE = 120, (128, 160)
"""Frames of the simulated night, and their rows and columns."""


def main() -> None:
    """Play in both docks, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("frames", type=Path, nargs="?")
    parser.add_argument("--rate", type=float, default=10, help="frames a second that are asked for")
    parser.add_argument("--seconds", type=float, default=6)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["NAPARI_CONFIG"] = str(Path(folder) / "settings.yaml")
        os.environ["XDG_STATE_HOME"] = folder
        frames = options.frames or simulate(Path(folder) / "sky", NIGHT)
        for dock in DOCKS:
            play(dock, frames, Path(folder), options.rate, options.seconds)


def play(name: str, frames: Path, folder: Path, rate: float, seconds: float) -> None:
    """Play the frames beside one dock, and print how fast they came."""
    import napari
    from qtpy.QtCore import QTimer
    from qtpy.QtWidgets import QWidget

    from napari_iris.desk.window import run_event_loop
    from napari_iris.desk.workspace import workspace_of

    viewer = napari.Viewer()
    viewer.window.resize(1280, 720)
    session = workspace_of(viewer).session
    viewer.open(str(frames), plugin="napari-iris")
    _, dock = viewer.window.add_plugin_dock_widget("napari-iris", name)
    if name == "Curate":
        open_project(dock, make_project(frames, folder / "project"))
    clear_sky = workspace_of(viewer).clear_sky
    while not clear_sky.is_known:
        run_event_loop(0.1)
    run_event_loop(2)
    drawn: set[int] = set()

    def look() -> None:
        """Note a frame that is drawn, if each mask over it is of that frame."""
        masks = [one for one in viewer.layers if "iris_frame" in one.metadata and one.visible]
        if masks and all(one.metadata["iris_frame"] == str(session.path) for one in masks):
            drawn.add(session.number)

    canvas: Any = next(
        one
        for one in dock.window().findChildren(QWidget)
        if one.metaObject().className() == "CanvasBackendDesktop"
    )
    canvas._vispy_canvas.events.draw.connect(lambda _: look())  # noqa: SLF001 (vispy's own way)
    session.go_to(0)
    run_event_loop(1)
    drawn.clear()
    timer = QTimer()
    timer.setInterval(round(1000 / rate))
    timer.timeout.connect(lambda: session.go_to(session.number + 1))
    begin, own = time.perf_counter(), time.thread_time()
    timer.start()
    run_event_loop(seconds)
    timer.stop()
    lasted, own = time.perf_counter() - begin, time.thread_time() - own
    print(
        f"{name:8}{len(drawn) / lasted:5.1f} frames a second with their mask, of {rate:g} asked;"
        f" the window's thread: {1000 * own / max(1, session.number):.0f} ms a frame"
    )
    viewer.close()


def simulate(folder: Path, count: int) -> Path:
    """Simulate a night of binned frames."""
    from napari_iris.sky import write_simulation
    from napari_iris.sky.config import SeriesConfig

    for _ in write_simulation(SeriesConfig(count=count, nights=1, shape=SHAPE), folder):
        pass
    return folder / "frames"


def make_project(frames: Path, folder: Path) -> Path:
    """Make a project of frames, with automatic masks."""
    from napari_iris.frames.paths import find_frames
    from napari_iris.masks.config import MaskConfig
    from napari_iris.project.indexing import index
    from napari_iris.project.project import Project

    with Project(folder) as project:
        for _ in index(project, list(find_frames([frames])[0]), MaskConfig()):
            pass
    return folder


def open_project(dock: Any, folder: Path) -> None:
    """Open a project in the Curate dock."""
    dock.project.folder.value = folder
    dock.project.open.click()


if __name__ == "__main__":
    main()
