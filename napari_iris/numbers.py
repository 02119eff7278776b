"""Numbers as a program and as a person reads them; one that is not defined is null, or a dash."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

NONE = "–"
"""What a person reads in place of a number that is not defined."""


def defined(value: Any) -> Any:
    """Put None for every number that is not finite, which JSON has no word for."""
    if isinstance(value, dict):
        return {name: defined(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [defined(one) for one in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def to_json(value: Any, indent: int | None = None) -> str:
    """Write plain values as JSON that any program reads."""
    return json.dumps(defined(value), indent=indent, allow_nan=False)


def number(value: float | None, digits: int = 4) -> str:
    """Give a number as a person reads it.

    >>> number(0.5), number(float("nan"), 3)
    ('0.5000', '–')
    """
    return NONE if value is None or not isfinite(value) else f"{value:.{digits}f}"


def counted(count: int, what: str) -> str:
    """Say how many there are of something.

    >>> counted(1, "frame"), counted(1200, "frame")
    ('1 frame', '1,200 frames')
    """
    return f"{count:,} {what}{'' if count == 1 else 's'}"
