"""The window as it opens on a night: its docks, the frame in view, and a picture of it all."""

from __future__ import annotations

import gc
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from weakref import ref

from qtpy.QtCore import QEvent, QEventLoop, QObject, QTimer

from napari_iris.desk.frames.next_steps import TITLE as NEXT_STEPS
from napari_iris.desk.frames.next_steps import NextSteps
from napari_iris.desk.jobs.close_guard import main_window
from napari_iris.desk.workspace import workspace_of
from napari_iris.project.folder import is_project

if TYPE_CHECKING:
    from collections.abc import Sequence

    import napari

    from napari_iris.desk.frames.dock import FramesDock
    from napari_iris.desk.mask.dock import MaskDock
    from napari_iris.desk.review.dock import ReviewDock

TITLE = "{} (napari-iris)"
"""Title that napari gives one of our docks."""

DOCKS = (
    "Frames",
    "Mask",
    "Curate",
    "Night timeline",
    "Contact sheet",
    "Train",
    "Predict",
    "Review",
)
"""Names of our docks."""

LOADED_MS = 3000
"""Milliseconds after which what a window needs is loaded."""

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
    number: int | None = 0,
    *,
    reviewed: tuple[Path, Path] | None = None,
    next_steps: bool = False,
    size: tuple[int, int] = (1500, 950),
) -> Window:
    """Open napari on a night, with the docks of masks, or to review predictions.

    Parameters
    ----------
    paths : sequence of str
        Files or folders of frames, or one project; none for an empty window.
    number : int or None
        Frame to begin with, from 0; None for the one that was in view last.
    reviewed : (Path, Path), optional
        Folders of predictions and of their truth.
    next_steps : bool
        Whether to say below the canvas what to do next.
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
    if next_steps:
        viewer.window.add_dock_widget(NextSteps(viewer), name=NEXT_STEPS, area="bottom")
    workspace = workspace_of(viewer)
    if number is None:
        workspace.frames.resume()
    else:
        workspace.session.go_to(number)
    run_event_loop(0.5)  # the docks find their places
    return Window(viewer, mask, frames, review)


def freeze_objects() -> None:
    """Leave all that there is by now out of garbage collections: each would stop the window 0.2 s.

    So is what is loaded beside the window in its first seconds. For a process that ends with its
    window: of all this, nothing in a cycle is freed.
    """
    gc.collect()
    gc.freeze()
    QTimer.singleShot(LOADED_MS, gc.freeze)


def remember_docks(viewer: napari.Viewer) -> None:
    """Open the docks that were open in the last window beside those of this one, and keep its own.

    Parameters
    ----------
    viewer : napari.Viewer
        The viewer, shown, with one of our docks.
    """
    window = viewer.window
    for name in workspace_of(viewer).remembered.kept.docks:
        if name in DOCKS and name not in _open_docks(viewer):
            window.add_plugin_dock_widget("napari-iris", name)
    shown = _open_docks(viewer)
    if shown:
        top = main_window(window.dock_widgets[TITLE.format(shown[0])])
        top.installEventFilter(_DockKeeper(top, viewer))


class _DockKeeper(QObject):
    """Keeps the docks that are open when a window is about to close."""

    def __init__(self, window: QObject, viewer: napari.Viewer) -> None:
        super().__init__(window)
        self._viewer = ref(viewer)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Keep them; the window goes on to close."""
        viewer = self._viewer()
        if event.type() == QEvent.Type.Close and watched is self.parent() and viewer is not None:
            remembered = workspace_of(viewer).remembered
            remembered.keep(docks=_open_docks(viewer))
            remembered.save()
        return False


def _open_docks(viewer: napari.Viewer) -> tuple[str, ...]:
    """Names of our docks that are open, in front or behind others."""
    docks = viewer.window.dock_widgets
    return tuple(name for name in DOCKS if TITLE.format(name) in docks)


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
            raise TimeoutError(f"nothing was drawn after {timeout_s:.0f} s")
        run_event_loop(0.05)
    run_event_loop(DRAWING_S)
    window.viewer.window.screenshot(str(path), canvas_only=False, flash=False)


def run_event_loop(seconds: float) -> None:
    """Run the event loop for some seconds, in which the window draws and answers."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()
