"""Run a process and report each connection that it opens, and each name that it looks up."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

HOOK = """
import os, sys

NAMES = ("getaddrinfo", "gethostbyname", "gethostbyaddr", "getnameinfo")
SENT = ("connect", "sendto", "sendmsg")

def report(event, arguments):
    kind, _, what = event.partition(".")
    if kind != "socket" or what not in NAMES + SENT:
        return
    if what in SENT and arguments[0].family == 1:  # of this computer: AF_UNIX
        return
    out = os.open({log!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(out, f"{{event}} {{arguments[1:] if what in SENT else arguments}}\\n".encode())
    os.close(out)
    raise PermissionError("no connections in this test")

sys.addaudithook(report)
"""
"""A ``sitecustomize`` module, which the process's own Python children load too."""

CALLS = "connect,bind,sendto,sendmsg,sendmmsg"
"""System calls by which something could leave the computer, or something listen, in C++ too."""

LOCAL = re.compile(r'bind\(.*("::1"|"127\.0\.0\.1")')
"""urllib3 tries to bind a loopback socket when it is imported, to find out about IPv6."""


def connections(words: Sequence[str], folder: Path, **environment: str) -> list[str]:
    """Run a command, which must end well; give its connections and name look-ups, one a line.

    Python's own are seen by an audit hook, those of C++ libraries by strace where it is installed.
    """
    folder.mkdir()
    hook, calls = folder / "hook.log", folder / "strace.log"
    (folder / "sitecustomize.py").write_text(HOOK.format(log=str(hook)))
    inherited = os.environ.get("PYTHONPATH", "")
    paths = os.pathsep.join(filter(None, [str(folder), inherited]))
    ran = subprocess.run(
        [*_strace(calls), *words],
        env={**os.environ, "HOME": str(folder), **environment, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = hook.read_text().splitlines() if hook.exists() else []
    if calls.exists():
        found += [line for line in calls.read_text().splitlines() if _leaves(line)]
    return found


def _strace(log: Path) -> list[str]:
    """Words before a command that have its system calls written to a file; none without strace."""
    tool = shutil.which("strace")
    if tool is None or subprocess.call([tool, "-qq", "-e", "trace=none", "true"], stderr=-3):
        return []
    return [tool, "-f", "-qq", "--seccomp-bpf", "-e", f"trace={CALLS}", "-o", str(log)]


def _leaves(call: str) -> bool:
    return "sa_family=AF_INET" in call and not LOCAL.search(call)
