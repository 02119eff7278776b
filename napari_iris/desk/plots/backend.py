"""pyqtgraph, on the Qt binding of the window, imported without its side effects.

It costs some 50 ms, so only docks that have plots import it.
"""

from __future__ import annotations

import os
import sys

import qtpy

_before = os.environ.get("PYQTGRAPH_QT_LIB")
_hook = sys.excepthook
os.environ["PYQTGRAPH_QT_LIB"] = qtpy.API_NAME  # else it takes the first binding it finds
try:
    import pyqtgraph as pg
finally:
    sys.excepthook = _hook  # it wraps Python's own
    if _before is None:
        del os.environ["PYQTGRAPH_QT_LIB"]  # a child process chooses for itself
    else:
        os.environ["PYQTGRAPH_QT_LIB"] = _before

__all__ = ["pg"]
