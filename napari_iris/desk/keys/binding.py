"""Bind the keys of a table in a viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from napari_iris.app.keys import Shortcut

DELAY_MS, REPEAT_MS = 400, 80
"""Time until a held key repeats, and from then on between two repeats."""


def bind(
    viewer: Any, shortcuts: Sequence[Shortcut], actions: Mapping[str, Callable[[], object]]
) -> None:
    """Bind all keys of a table.

    Parameters
    ----------
    viewer : napari.Viewer or napari.layers.Layer
        The viewer; or a layer, whose keys come before those of the viewer.
    shortcuts : sequence of Shortcut
        The table.
    actions : mapping of str to callable
        What to call, by action; at least those of the table.
    """
    for shortcut in shortcuts:
        act = actions[shortcut.action]
        call = _while_held(act) if shortcut.repeats else _calling(act)
        viewer.bind_key(shortcut.key, call, overwrite=True)


def unbind(viewer: Any, shortcuts: Sequence[Shortcut]) -> None:
    """Remove the bindings of a table.

    Parameters
    ----------
    viewer : napari.Viewer or napari.layers.Layer
        Where they were bound.
    shortcuts : sequence of Shortcut
        The table.
    """
    for shortcut in shortcuts:
        viewer.bind_key(shortcut.key, None, overwrite=True)


def _calling(action: Callable[[], object]) -> Callable[[Any], None]:
    def call(_: Any) -> None:
        action()

    return call


def _while_held(action: Callable[[], object]) -> Callable[[Any], Iterator[None]]:
    """Act when a key goes down, and again and again until it is released.

    napari passes on no repeated keys; it ends a generator at the release. That is not heard where
    another window or widget has the keys by then.
    """

    def call(_: Any) -> Iterator[None]:
        focus, timer = QApplication.focusWidget(), QTimer()

        def again() -> None:
            timer.setInterval(REPEAT_MS)
            if QApplication.focusWidget() is focus:
                action()
            else:
                timer.stop()

        timer.timeout.connect(again)
        timer.start(DELAY_MS)
        action()
        yield
        timer.stop()

    return call
