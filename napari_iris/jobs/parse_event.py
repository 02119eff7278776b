"""Parse the events that a running command prints."""

from __future__ import annotations

import json
from typing import cast, get_args

from napari_iris.events import Event


def parse_event(line: str) -> Event | None:
    """Parse a line of a command's output.

    Parameters
    ----------
    line : str
        Any text.

    Returns
    -------
    Event or None
        None for a line that is not an event, and for an event of an unknown name or without one of
        its keys.

    Examples
    --------
    >>> parse_event('{"event": "start", "total": 5}')
    {'event': 'start', 'total': 5}
    >>> parse_event("Epoch 1/10")
    """
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not isinstance(found.get("event"), str):
        return None
    forms = _REQUIRED_KEYS.get(found["event"], ())
    return cast("Event", found) if any(keys <= found.keys() for keys in forms) else None


def _required_keys() -> dict[str, list[frozenset[str]]]:
    """Collect the required keys of each event by name; ``start`` has two forms."""
    found: dict[str, list[frozenset[str]]] = {}
    for form in get_args(Event):
        (name,) = get_args(form.__annotations__["event"])
        found.setdefault(name, []).append(form.__required_keys__)
    return found


_REQUIRED_KEYS = _required_keys()
