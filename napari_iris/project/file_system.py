"""Which file system a folder is on."""

from __future__ import annotations

import os
import sys
from pathlib import Path

NETWORK = ("nfs", "cifs", "smb", "fuse.sshfs", "9p", "lustre", "gpfs", "beegfs", "ceph", "afs")
"""Prefixes of the names of network file systems."""


def is_network(folder: Path) -> bool:
    """Whether a folder is on a network file system.

    Parameters
    ----------
    folder : Path
        An existing folder.

    Returns
    -------
    bool
        False where the file system cannot be determined.
    """
    return file_system(folder).startswith(NETWORK)


def file_system(folder: Path) -> str:
    """Find the type of the file system that a folder is on.

    Parameters
    ----------
    folder : Path
        An existing folder.

    Returns
    -------
    str
        Such as ``ext4`` or ``nfs4``; empty where it cannot be determined.
    """
    if sys.platform == "win32":
        return "smb" if str(folder.absolute()).startswith("\\\\") else ""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    place, nearest, kind = os.path.realpath(folder), "", ""
    for line in mounts.splitlines():
        mount, name = line.split()[1:3]
        mount = mount.replace("\\040", " ")
        inside = place == mount or place.startswith(mount.rstrip("/") + "/")
        if inside and len(mount) >= len(nearest):
            nearest, kind = mount, name
    return kind
