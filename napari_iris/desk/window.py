"""The window as it opens on a night: both docks, the frame in view, and a picture of it all."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from qtpy.QtCore import QEventLoop, QTimer

from napari_iris.desk.session import session_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import napari

    from napari_iris.desk.frames_dock import FramesDock
    from napari_iris.desk.mask_dock import MaskDock

DRAWING_S = 1.0
"""Seconds that the canvas, the histogram and the thumbnails take to be drawn, at most."""


class Window(NamedTuple):
    """A viewer with its docks."""

    viewer: napari.Viewer
    mask: MaskDock
    frames: FramesDock


def open_window(
    paths: Sequence[str], number: int = 0, *, size: tuple[int, int] = (1500, 950)
) -> Window:
    """Open napari with both docks on a night.

    Parameters
    ----------
    paths : sequence of str
        Files or folders of frames; none for an empty window.
    number : int
        Frame to begin with, from 0.
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
    if paths:
        viewer.open(list(paths), plugin="napari-iris", stack=len(paths) > 1)
    _, mask = viewer.window.add_plugin_dock_widget("napari-iris", "Mask")
    _, frames = viewer.window.add_plugin_dock_widget("napari-iris", "Frames")
    session_of(viewer).go_to(number)
    let_pass(0.5)  # the docks find their places
    viewer.reset_view()
    return Window(viewer, mask, frames)


def save_picture(window: Window, path: Path, *, timeout_s: float = 60) -> None:
    """Save a picture of a window once the mask of its frame is drawn.

    Raises
    ------
    TimeoutError
        If no mask has come after `timeout_s` seconds.
    """
    end = time.monotonic() + timeout_s
    while not window.mask.settled:
        if time.monotonic() > end:
            raise TimeoutError(f"no mask after {timeout_s:.0f} s")
        let_pass(0.05)
    let_pass(DRAWING_S)
    window.viewer.window.screenshot(str(path), canvas_only=False, flash=False)


def let_pass(seconds: float) -> None:
    """Let the window work for a while."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()
