"""The standard streams of a command: open, and free of control characters that names may hold."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any, TextIO, cast

from napari_iris.errors import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

STREAMS = ("stdin", "stdout", "stderr")


def fill_closed_streams() -> None:
    """Open the null device for each standard stream that is closed, as ``2>&-`` in a shell does.

    Python then has no such stream, and the next file opened takes its number: what a library logs
    to standard error would end up in that file.
    """
    for number, name in enumerate(STREAMS):
        if getattr(sys, name) is not None:
            continue
        null = os.open(os.devnull, os.O_RDWR)
        if null != number and _is_closed(number):
            os.dup2(null, number)
            os.close(null)
            null = number
        setattr(sys, name, open(null, "w" if number else "r", encoding="utf-8"))  # noqa: PTH123, SIM115


@contextmanager
def escaped_output() -> Iterator[None]:
    """Escape, inside the block, whatever is printed: but for line ends, as in `printable`."""
    with (
        redirect_stdout(cast("TextIO", _EscapedStream(sys.stdout))),
        redirect_stderr(cast("TextIO", _MessageStream(sys.stderr))),
    ):
        yield


def replace_line(text: str, *, clear: bool = False) -> None:
    """Write over the current line of the terminal, on standard error.

    Parameters
    ----------
    text : str
        The line.
    clear : bool
        Whether to clear the rest of it.
    """
    stream = getattr(sys.stderr, "stream", sys.stderr)
    stream.write("\r\x1b[K" if clear else "\r")
    print(text, end="", file=sys.stderr, flush=True)


class _EscapedStream:
    """A text stream that escapes control characters; all else is as of the stream below."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def write(self, text: str) -> int:
        lines = text.split("\n")
        return self.stream.write("\n".join(map(printable, lines)))


class _MessageStream(_EscapedStream):
    """Standard error: a full disk below it does not stop the work, as a closed one does not."""

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except BrokenPipeError:  # its reader has exited, which ends the run
            raise
        except OSError:
            return len(text)


def _is_closed(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return True
    return False
