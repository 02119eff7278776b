"""What no command handles itself: errors of the system and its limits, each in one line."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress

from napari_iris.errors import FileError, IrisError

ADDRESS_SPACE_MB = {
    "train": 5000,
    "demo": 5000,
    "import-model": 5000,
    "predict": 3000,
    "watch": 3000,
}
"""Address space that a command needs: half as much again as one took, and more [MB]."""

OTHERS_MB = 1000
"""Address space that every other command needs [MB]."""

CPU_TEXT = "the limit on CPU time is reached (ulimit -t); files written so far are complete"


def one_line(error: OSError | MemoryError) -> IrisError:
    """Describe an error that the system gave, and what to do.

    Parameters
    ----------
    error : OSError or MemoryError
        What was raised.

    Returns
    -------
    IrisError
        With one line.
    """
    if isinstance(error, MemoryError):
        return IrisError(
            "there is not enough memory (ulimit -v?); allow more, or process less at a time"
        )
    reason = error.strerror or str(error) or type(error).__name__
    if isinstance(error.filename, str | bytes):
        fix = "check the name, the permission and the disk"
        return FileError(os.fsdecode(error.filename), f"cannot be used ({reason})", fix)
    return IrisError(
        f"the system refused it ({reason}); check disk, working folder and limits (ulimit)"
    )


def tell(command: str, text: object) -> None:
    """Print a last line, where standard error can be written."""
    with suppress(OSError):
        print(f"{command}: {text}", file=sys.stderr)


def discard_output() -> None:
    """Have what cannot be written to a standard stream go nowhere, when the process ends too."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def warn_of_cpu_limit(command: str) -> None:
    """Say why the process ends when it has used the CPU time that it may use.

    The system kills it in silence at the hard limit, and ``ulimit -t`` sets both alike: the soft
    one is therefore lowered by a second, in which the line is printed.

    Parameters
    ----------
    command : str
        Begin of the line.
    """
    try:
        import resource
    except ImportError:  # Windows
        return

    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if soft == resource.RLIM_INFINITY:
        return
    stderr = os.dup(2)  # while TensorFlow is imported, 2 is the null device

    def end(*_: object) -> None:
        discard_output()
        with suppress(OSError):
            os.write(stderr, f"{command}: {CPU_TEXT}\n".encode())
        os._exit(2)

    if soft == hard > 1:
        resource.setrlimit(resource.RLIMIT_CPU, (hard - 1, hard))
    with suppress(ValueError):  # only the main thread receives signals
        signal.signal(signal.SIGXCPU, end)


def forget_cpu_limit() -> None:
    """Have the process end as it would, where its CPU time runs out after the command's end."""
    with suppress(AttributeError, ValueError):  # Windows; not the main thread
        if callable(signal.getsignal(signal.SIGXCPU)):
            signal.signal(signal.SIGXCPU, signal.SIG_IGN)


def refuse_little_memory(command: str) -> None:
    """Refuse to begin where a limit on the address space is too low for the libraries.

    They end the process in their own words, or wait forever, where they cannot start their threads
    or be loaded.

    Parameters
    ----------
    command : str
        One of the commands.

    Raises
    ------
    IrisError
        If the limit is too low.
    """
    try:
        import resource
    except ImportError:  # Windows
        return
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    needed = ADDRESS_SPACE_MB.get(command, OTHERS_MB)
    if limit != resource.RLIM_INFINITY and limit < needed << 20:
        reason = f"the address space is limited to {limit >> 20} MB, and {needed} MB are needed"
        raise IrisError(f"{reason}; allow more (ulimit -v)")
