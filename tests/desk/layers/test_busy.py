"""The wait cursor is shown while the window's thread is busy."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication

from napari_iris.desk.layers import busy
from napari_iris.desk.layers.busy import show_busy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.gui


def is_idle() -> bool:
    return QApplication.overrideCursor() is None


def test_it_is_shown_until_the_event_loop_runs_again(qtbot: QtBot) -> None:
    show_busy()
    show_busy()
    assert QApplication.overrideCursor().shape() == Qt.CursorShape.WaitCursor
    qtbot.waitUntil(is_idle)


def test_frames_that_are_opened_show_it(
    open_night: Callable[..., Any], make_night: Callable[..., Path], qtbot: QtBot
) -> None:
    open_night(make_night(2))
    assert not is_idle()
    qtbot.waitUntil(is_idle)


def test_a_thread_and_a_script_show_none(qapp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    thread = Thread(target=show_busy)
    thread.start()
    thread.join()
    assert is_idle()
    monkeypatch.setattr(busy, "QApplication", Mock(instance=lambda: None))
    show_busy()
    assert is_idle()
