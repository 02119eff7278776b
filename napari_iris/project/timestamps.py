"""Times as a project stores them: microseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime


def now_us() -> int:
    """Give the current time in microseconds since 1970, UTC.

    Returns
    -------
    int
        As the database stores times.
    """
    return int(datetime.now(UTC).timestamp() * 1e6)


def from_us(us: int) -> datetime:
    """Convert a time of the database.

    Parameters
    ----------
    us : int
        Microseconds since 1970, UTC.

    Returns
    -------
    datetime
        Time-zone aware, UTC.
    """
    return datetime.fromtimestamp(us / 1e6, UTC)
