"""Tell systemd that the service is ready, and alive (``Type=notify``, ``WatchdogSec``)."""

from __future__ import annotations

import os
import socket
from contextlib import suppress


def notify(state: str) -> None:
    """Send a state to the service manager; nothing where there is none.

    Parameters
    ----------
    state : str
        Such as ``READY=1``; see sd_notify(3).
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address or not hasattr(socket, "AF_UNIX"):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(state.encode(), address.replace("@", "\0", 1))
