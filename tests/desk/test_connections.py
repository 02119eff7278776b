"""The window opens no connection and looks no name up."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.connections import connections

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WINDOW = """
import sys
from npe2 import PluginManager
from napari_iris.desk.window import open_window, run_event_loop

window = open_window([sys.argv[1]])
manifest = PluginManager.instance().get_manifest("napari-iris")
docks = [widget.display_name for widget in manifest.contributions.widgets]
for name in docks:
    window.viewer.window.add_plugin_dock_widget("napari-iris", name)
    run_event_loop(0.2)
while not window.is_current:
    run_event_loop(0.05)
print(*docks, sep=", ")
window.viewer.close()
"""


@pytest.mark.gui
@pytest.mark.timeout(300)
def test_no_dock_opens_a_connection(tmp_path: Path, make_night: Callable[..., Path]) -> None:
    """In a process of its own: an audit hook cannot be removed from this one."""
    words = [sys.executable, "-c", WINDOW, str(make_night(4))]
    assert connections(words, tmp_path / "watched") == []
