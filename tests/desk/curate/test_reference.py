"""The Night box of the Curate dock: which reference holds, and how clear frames change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_iris.desk.workspace import workspace_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.desk.conftest import Desk

pytestmark = pytest.mark.gui


def automatic(desk: Desk) -> list[Any]:
    rows = range(len(desk.curation.project.table))
    return [desk.stored(row, "auto") for row in rows]


def test_a_clear_frame_teaches_the_night_and_the_button_takes_it_back(
    open_desk: Callable[..., Desk], sample_project: Path
) -> None:
    desk = open_desk(sample_project)
    box, workspace = desk.dock.reference, workspace_of(desk.viewer)
    desk.wait(lambda: workspace.clear_sky.is_known)
    assert box.text.text().startswith("Measured, ±")
    assert not box.learn.isEnabled()
    assert not box.undo.isEnabled()
    before = automatic(desk)
    desk.press("0")
    assert box.progress.text().startswith("Learning from clear frames")
    desk.wait(lambda: not workspace.teaching.is_busy)
    assert box.progress.text().endswith("renewed")
    assert box.learn.isEnabled()
    renewed = automatic(desk)
    assert not all(map(np.array_equal, before, renewed))
    desk.click(box.undo)
    desk.wait(lambda: not workspace.teaching.is_busy)
    assert all(map(np.array_equal, before, automatic(desk)))
    desk.click(box.learn)
    desk.wait(lambda: not workspace.teaching.is_busy)
    assert all(map(np.array_equal, renewed, automatic(desk)))
