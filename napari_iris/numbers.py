"""Numbers in JSON and in text; one that is not defined is null, or a dash."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

UNDEFINED = "–"
"""Text of a number that is not defined."""


def nan_to_none(value: Any) -> Any:
    """Replace numbers that are not finite by None, for JSON.

    Parameters
    ----------
    value : Any
        A value, or nested dicts, lists and tuples of values.

    Returns
    -------
    Any
        The same; tuples become lists.

    Examples
    --------
    >>> nan_to_none({"mcc": float("nan"), "counts": (1, 2)})
    {'mcc': None, 'counts': [1, 2]}
    """
    if isinstance(value, dict):
        return {name: nan_to_none(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [nan_to_none(one) for one in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def to_json(value: Any, indent: int | None = None) -> str:
    """Format plain values as standard JSON, which has no NaN.

    Parameters
    ----------
    value : Any
        Nested dicts, lists and tuples of str, int, float, bool and None.
    indent : int, optional
        Spaces per level; by default, all is on one line.

    Returns
    -------
    str
        JSON; null for a number that is not finite.
    """
    return json.dumps(nan_to_none(value), indent=indent, allow_nan=False)


def format_number(value: float | None, digits: int = 4) -> str:
    """Format a number for people.

    Parameters
    ----------
    value : float or None
        The number.
    digits : int
        Decimal places.

    Returns
    -------
    str
        A dash for None, NaN and infinity.

    Examples
    --------
    >>> format_number(0.5), format_number(float("nan"), 3), format_number(-1e-9, 1)
    ('0.5000', '–', '0.0')
    """
    return UNDEFINED if value is None or not isfinite(value) else f"{value:z.{digits}f}"


def format_count(count: int, noun: str) -> str:
    """Format a count with its noun, in the plural unless it is 1.

    Parameters
    ----------
    count : int
        The count.
    noun : str
        In the singular; its plural has an s.

    Returns
    -------
    str
        The count with thousands separators, and the noun.

    Examples
    --------
    >>> format_count(1, "frame"), format_count(1200, "frame")
    ('1 frame', '1,200 frames')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
