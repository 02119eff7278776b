"""The window as it opens on a night: its docks, the frame in view, and a picture of it all."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from qtpy.QtCore import QEventLoop, QTimer

from napari_iris.desk.workspace import workspace_of
from napari_iris.project.folder import is_project

if TYPE_CHECKING:
    from collections.abc import Sequence

    import napari

    from napari_iris.desk.frames.dock import FramesDock
    from napari_iris.desk.mask.dock import MaskDock
    from napari_iris.desk.review.dock import ReviewDock

DRAWING_S = 1.0
"""Seconds that the canvas, the histogram and the thumbnails take to be drawn, at most."""


class Window(NamedTuple):
    """A viewer with its docks: of masks, or of the review of predictions."""

    viewer: napari.Viewer
    mask: MaskDock | None
    frames: FramesDock | None
    review: ReviewDock | None

    @property
    def is_current(self) -> bool:
        """Whether all that is shown belongs to the frame in view."""
        return (self.mask is None or self.mask.preview.is_current) and (
            self.review is None or self.review.is_current
        )


def open_window(
    paths: Sequence[str],
    number: int = 0,
    *,
    reviewed: tuple[Path, Path] | None = None,
    size: tuple[int, int] = (1500, 950),
) -> Window:
    """Open napari on a night, with the docks of masks, or to review predictions.

    Parameters
    ----------
    paths : sequence of str
        Files or folders of frames, or one project; none for an empty window.
    number : int
        Frame to begin with, from 0.
    reviewed : (Path, Path), optional
        Folders of predictions and of their truth.
    size : (int, int)
        Width and height of the window, in pixels.

    Returns
    -------
    Window
        The viewer, shown, and its docks.
    """
    import napari

    viewer = napari.Viewer(title="napari-iris")
    viewer.window.resize(*size)
    if len(paths) == 1 and is_project(paths[0]):
        _, curate = viewer.window.add_plugin_dock_widget("napari-iris", "Curate")
        viewer.window.add_plugin_dock_widget("napari-iris", "Night timeline")
        curate.open_project(Path(paths[0]))
        return Window(viewer, None, None, None)
    if paths:
        viewer.open(list(paths), plugin="napari-iris", stack=len(paths) > 1)
    mask, frames, review = None, None, None
    if reviewed is None:
        _, mask = viewer.window.add_plugin_dock_widget("napari-iris", "Mask")
        _, frames = viewer.window.add_plugin_dock_widget("napari-iris", "Frames")
    else:
        _, review = viewer.window.add_plugin_dock_widget("napari-iris", "Review")
        predictions, truth = reviewed
        review.choice.predictions.choose(predictions)
        review.choice.truth.choose(truth)
    workspace_of(viewer).session.go_to(number)
    run_event_loop(0.5)  # the docks find their places
    return Window(viewer, mask, frames, review)


def save_picture(window: Window, path: Path, *, timeout_s: float = 60) -> None:
    """Save a picture of a window once what belongs to its frame is drawn.

    Raises
    ------
    TimeoutError
        If that has not come after `timeout_s` seconds.
    """
    end = time.monotonic() + timeout_s
    while not window.is_current:
        if time.monotonic() > end:
            raise TimeoutError(f"nothing to see after {timeout_s:.0f} s")
        run_event_loop(0.05)
    run_event_loop(DRAWING_S)
    window.viewer.window.screenshot(str(path), canvas_only=False, flash=False)


def run_event_loop(seconds: float) -> None:
    """Run the event loop for some seconds, in which the window draws and answers."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()
