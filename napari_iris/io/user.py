"""The name of the person at the keyboard."""

from __future__ import annotations

import getpass

UNKNOWN_USER = "unknown"
"""Author of a label where the system knows no login name: in many containers, say."""


def user_name() -> str:
    """Give the login name of the person at the keyboard.

    Returns
    -------
    str
        `UNKNOWN_USER` where the system knows none.
    """
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # no pwd module; no such user, before Python 3.13
        return UNKNOWN_USER
