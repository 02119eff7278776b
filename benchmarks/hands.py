"""A person at the Curate dock of a real window: keys and mouse, counted and timed.

Times are those of the keystroke-level model (Card, Moran & Newell 1980): a look 1.35 s, a key 0.2 s
(Shift and Ctrl are keys), a pointing 1.1 s.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.desk.curate.dock import CurateDock

LOOK_S, KEY_S, POINTING_S = 1.35, 0.2, 1.1

BRUSH = 3
"""Diameter of the brush, in pixels of the mask."""

WINDOW = (1400, 900)
"""Width and height of the window."""

KEY_NAMES = {",": "Comma", ".": "Period", "Enter": "Return", "Esc": "Escape"}


@dataclass
class Effort:
    """What a person did.

    Attributes
    ----------
    looks, keys, strokes : int
        How often the person looked, pressed a key, drew or clicked with the mouse.
    """

    looks: int = 0
    keys: int = 0
    strokes: int = 0

    @property
    def minutes(self) -> float:
        """Time by the keystroke-level model; a stroke is a pointing to its start and its end."""
        return (self.looks * LOOK_S + self.keys * KEY_S + 2 * self.strokes * POINTING_S) / 60


class Hands:
    """A person's eyes and hands.

    Parameters
    ----------
    viewer : napari.Viewer
        The viewer, shown.
    dock : CurateDock
        Its Curate dock.

    Attributes
    ----------
    viewer, dock
        As given.
    canvas : QWidget
        Where the frame is drawn, and keys are pressed.
    effort : Effort
        What they did.
    """

    def __init__(self, viewer: Any, dock: CurateDock) -> None:
        from qtpy.QtWidgets import QWidget

        self.viewer, self.dock, self.effort = viewer, dock, Effort()
        self.canvas = next(
            widget
            for widget in dock.window().findChildren(QWidget)
            if widget.metaObject().className() == "CanvasBackendDesktop"
        )

    def look(self) -> tuple[int | None, NDArray[np.uint8]]:
        """Look at the frame in view; give its row, and the mask that is drawn over it."""
        self.effort.looks += 1
        by_name = {layer.name: layer for layer in self.viewer.layers if layer.visible}
        shown = by_name.get("compared", by_name.get("label"))
        if shown is None:
            raise RuntimeError("no mask is in view")
        return self.dock.curation.row, np.array(shown.data)

    def press(self, *names: str) -> None:
        """Press keys, one after the other, such as "N" or "Shift+N"."""
        from qtpy.QtCore import Qt
        from qtpy.QtTest import QTest

        for name in names:
            *modifiers, key = name.split("+")
            how = Qt.KeyboardModifier.NoModifier
            for one in modifiers:
                how |= getattr(Qt.KeyboardModifier, f"{one}Modifier")
            code = getattr(Qt.Key, f"Key_{KEY_NAMES.get(key, key)}")
            QTest.keyClick(self.canvas, code, how)
            QTest.qWait(1)  # the window paints, and takes what was done in the background
            self.effort.keys += 1 + len(modifiers)

    def stroke(self, *places: tuple[float, float], shift: bool = False) -> None:
        """Draw through places, in pixels of the mask."""
        from qtpy.QtTest import QTest

        self.effort.strokes += 1
        self.effort.keys += shift
        self._mouse("Press", places[0], shift=shift)
        for start, end in pairwise(places):
            for step in np.linspace(start, end, 6)[1:]:
                QTest.qWait(12)  # vispy hears no more than a hundred moves a second
                self._mouse("Move", step, shift=shift)
                QTest.qWait(6)  # and napari looks at it within 5 ms
        self._mouse("Release", places[-1], shift=shift)

    def _mouse(self, what: str, place: Any, *, shift: bool) -> None:
        from qtpy.QtCore import QEvent, QPointF, Qt
        from qtpy.QtGui import QMouseEvent
        from qtpy.QtWidgets import QApplication

        camera, canvas, button = self.viewer.scene.camera, self.canvas, Qt.MouseButton
        layer = self.viewer.layers["label"]
        world = np.asarray(place) * layer.scale[-2:] + layer.translate[-2:]
        _, row, column = camera.center
        x = canvas.width() / 2 + (world[1] - column) * camera.zoom
        y = canvas.height() / 2 + (world[0] - row) * camera.zoom
        is_move, is_release = what == "Move", what == "Release"
        event = QMouseEvent(
            getattr(QEvent.Type, "MouseMove" if is_move else f"MouseButton{what}"),
            QPointF(x, y),
            QPointF(canvas.mapToGlobal(QPointF(x, y).toPoint())),
            button.NoButton if is_move else button.LeftButton,
            button.NoButton if is_release else button.LeftButton,
            Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(canvas, event)


def segment_in(region: NDArray[np.bool_]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Give the ends of the longest straight stroke through the deepest pixel of a region."""
    from scipy.ndimage import distance_transform_edt

    depth = distance_transform_edt(np.pad(region, 1))[1:-1, 1:-1]
    deepest = np.array(np.unravel_index(depth.argmax(), depth.shape), float)
    segments = []
    for angle in np.linspace(0, np.pi, 16, endpoint=False):
        step = np.array([np.sin(angle), np.cos(angle)])
        segments.append([_walk(region, depth, deepest, sign * step) for sign in (1, -1)])
    start, end = max(segments, key=lambda ends: float(np.hypot(*(ends[0] - ends[1]))))
    return (start[0], start[1]), (end[0], end[1])


def _walk(
    region: NDArray[np.bool_], depth: Any, place: NDArray[np.float64], step: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Go on in a direction as long as the brush stays in the region."""
    while True:
        row, column = np.rint(place + step).astype(int)
        is_outside = not (0 <= row < region.shape[0] and 0 <= column < region.shape[1])
        if is_outside or depth[row, column] < BRUSH / 2:
            return place
        place = place + step


def wait_for(true: Callable[[], bool], patience_s: float = 120) -> None:
    """Let the window work until something is true."""
    from qtpy.QtTest import QTest

    end = time.monotonic() + patience_s
    while not true():
        if time.monotonic() > end:
            raise TimeoutError("the window has not done what was waited for")
        QTest.qWait(5)


@contextmanager
def at_the_desk(project: Path) -> Iterator[Hands]:
    """Open a project in a new window, as `napari-iris open` does; a person's settings stay."""
    os.environ.setdefault("NAPARI_CONFIG", str(project.parent / "napari.yaml"))
    os.environ["XDG_STATE_HOME"] = str(project.parent / "state")
    import napari

    from napari_iris.desk.window import settle

    viewer = napari.Viewer()
    viewer.window.resize(*WINDOW)
    _, dock = viewer.window.add_plugin_dock_widget("napari-iris", "Curate")
    dock.project.folder.value = project
    dock.project.open.click()
    wait_for(lambda: dock.curation.row is not None)
    settle()
    hands = Hands(viewer, dock)
    wait_for(lambda: hands.canvas.width() > 100)
    viewer.reset_view()
    yield hands
    viewer.close()
