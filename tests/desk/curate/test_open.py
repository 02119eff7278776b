"""A project that is dropped on the window opens in the Curate dock, at the first frame to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from napari_iris.desk.workspace import workspace_of
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.gui


@pytest.fixture
def partly(project: Path) -> Path:
    """A project of six frames, the first two of which are done."""
    with Project(project) as opened:
        for frame in opened.table.id[:2].tolist():
            opened.approve(frame)
    return project


def test_a_project_opens_by_drop(
    make_napari_viewer_proxy: Callable[..., Any], partly: Path, qtbot: QtBot
) -> None:
    viewer = make_napari_viewer_proxy(show=True)
    viewer.open(str(partly), plugin="napari-iris")
    session = workspace_of(viewer).session
    qtbot.waitUntil(lambda: session.project == partly)
    assert session.number == 2
    workspace_of(viewer).curation.close()
