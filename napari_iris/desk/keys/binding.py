"""Bind the keys of a table in a viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from napari_iris.app.keys import Shortcut


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
        viewer.bind_key(shortcut.key, _calling(actions[shortcut.action]), overwrite=True)


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
