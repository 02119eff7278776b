"""Only regular files are read: to open a named pipe or a device may wait forever."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class NotRegularError(OSError):
    """A path is that of a named pipe, a device or a socket."""


def refuse_special(path: Path | str) -> None:
    """Raise an error for a named pipe, a device or a socket, before it is opened.

    Parameters
    ----------
    path : Path or str
        A file, or a folder, which cannot be opened anyway; links are followed.

    Raises
    ------
    NotRegularError
        If it is anything else.
    OSError
        If it is missing, or cannot be looked at.
    """
    mode = os.stat(path).st_mode  # noqa: PTH116 (a million of them)
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise NotRegularError(errno.EINVAL, "it is not a regular file", str(path))
