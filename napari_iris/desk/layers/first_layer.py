"""What napari's first layer needs, loaded beside the window before there is one."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

from napari_iris.app.background import Background

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_iris.app.timers import Timers

MODULES = ("scipy.ndimage", "xarray")
"""Modules that napari imports with its first image layer, where they are installed."""


class FirstLayer:
    """Loads it in a thread, once it is made.

    Parameters
    ----------
    timers : Timers
        Make timers of the window's thread.
    """

    def __init__(self, timers: Timers) -> None:
        self._background = Background(timers)
        self._background.done.connect(_call)
        self._background.submit(prepare)


def prepare() -> Callable[[], None]:
    """Load modules, and set up units, in any thread; the window's thread calls the result.

    A thread may not set up the registry of units that the window's thread may be asking: it makes
    another one, which the result puts in place if that one is still to be set up.
    """
    import pint
    from pint.registry import LazyRegistry

    for name in MODULES:
        with suppress(ImportError):
            import_module(name)
    known = pint.application_registry.get()
    if not isinstance(known, LazyRegistry):
        return lambda: None
    units: Any = pint.UnitRegistry(on_redefinition="raise")

    def use() -> None:
        if pint.application_registry.get() is known and type(known) is LazyRegistry:
            pint.set_application_registry(units)

    return use


def _call(use: Callable[[], None]) -> None:
    use()
