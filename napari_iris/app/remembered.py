"""What comes back when a window is opened again: docks, axis, brush, filters, and places."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, PositiveInt, ValidationError

from napari_iris.io.atomic import atomic_open

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_iris.app.timers import Timers
    from napari_iris.frames.paths import FramePaths

DELAY_MS = 1000
"""Milliseconds after a change until it is saved, so that playback does not save every frame."""

MOST = 100
"""Nights and projects that are remembered, each: those used last."""


class Kept(BaseModel, frozen=True):
    """What is remembered.

    Attributes
    ----------
    docks : tuple of str
        Docks that were open.
    y_up : bool
        Whether row 0 is drawn at the bottom.
    brush : int or None
        Diameter of the brush on masks, in their pixels.
    filters : dict of str to tuple of str
        Order and filters of the frame list, by the project's folder.
    places : dict of str to str
        File name of the frame in view last, by the sources of the night.
    """

    docks: tuple[str, ...] = ()
    y_up: bool = False
    brush: PositiveInt | None = None
    filters: dict[str, tuple[str, ...]] = {}
    places: dict[str, str] = {}


class Remembered:
    """Remembers it in a file of the user's; a file that is damaged or gone is like none.

    Parameters
    ----------
    timers : Timers
        Make timers of the window's thread.
    path : Path, optional
        The file; by default in the user's state folder.

    Attributes
    ----------
    kept : Kept
        What is remembered.
    """

    def __init__(self, timers: Timers, path: Path | None = None) -> None:
        self._path = path or _default_path()
        self.kept = self._read()
        self._changes: dict[str, Any] = {}
        self._later = timers.single_shot(DELAY_MS, self.save)

    def keep(self, **changes: Any) -> None:
        """Remember something else; of filters and places, one is added to the others."""
        if all(self._has(name, value) for name, value in changes.items()):
            return
        for name, value in changes.items():
            before = self._changes.get(name, {})
            self._changes[name] = before | value if isinstance(value, dict) else value
        self.kept = _changed(self.kept, changes)
        self._later.start()

    def save(self) -> None:
        """Write the file, with what other windows have written meanwhile."""
        if not self._changes:
            return
        kept, self._changes = _changed(self._read(), self._changes), {}
        with suppress(OSError):  # a home that cannot be written to: the next window begins anew
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with atomic_open(self._path) as file:
                file.write(kept.model_dump_json(indent=1).encode())

    def keep_place(self, sources: Sequence[str], name: str) -> None:
        """Remember the frame in view of a night."""
        self.keep(places={"\n".join(sources): name})

    def place(self, sources: Sequence[str], paths: FramePaths) -> int:
        """Give the number of the frame in view last; 0 where it is not known, or gone."""
        name = self.kept.places.get("\n".join(sources))
        return 0 if name is None else paths.find(name) or 0

    def _has(self, name: str, value: Any) -> bool:
        known = getattr(self.kept, name)
        return bool(known | value == known if isinstance(value, dict) else known == value)

    def _read(self) -> Kept:
        try:
            return Kept.model_validate_json(self._path.read_bytes())
        except (OSError, ValidationError):
            return Kept()


def _changed(kept: Kept, changes: dict[str, Any]) -> Kept:
    return kept.model_copy(
        update={name: _added(getattr(kept, name), value) for name, value in changes.items()}
    )


def _added(before: Any, value: Any) -> Any:
    """Add entries after those that stay, at most `MOST`; other values replace what was before."""
    if not isinstance(value, dict):
        return value
    stay = {key: old for key, old in before.items() if key not in value}
    return dict(list((stay | value).items())[-MOST:])


def _default_path() -> Path:
    from platformdirs import user_state_path

    return Path(user_state_path("napari-iris")) / "window.json"
