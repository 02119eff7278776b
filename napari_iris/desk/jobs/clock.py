"""Times as a person says them."""

from __future__ import annotations


def clock(seconds: float) -> str:
    """Write a time as a person says it: ``12 s``, ``3 min``, ``2 h 05 min``."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
