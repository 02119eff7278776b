"""The command line: everything the window can do, without a window."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType


def end_quietly(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Print no traceback for a Ctrl+C before `main` is called, or after it, which catches it."""
    if issubclass(kind, KeyboardInterrupt):
        sys.stderr.write("\nnapari-iris: interrupted\n")
    else:
        sys.__excepthook__(kind, error, trace)


if sys.excepthook is sys.__excepthook__:
    sys.excepthook = end_quietly
