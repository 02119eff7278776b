"""The name of the user."""

from __future__ import annotations

import getpass

UNKNOWN_USER = "unknown"
"""Author of a label if the system has no login name, as in many containers."""


def user_name() -> str:
    """Get the login name of the user.

    Returns
    -------
    str
        `UNKNOWN_USER` if the system has none.
    """
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # no pwd module; no such user, before Python 3.13
        return UNKNOWN_USER
