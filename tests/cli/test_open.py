"""``open`` checks what is to be opened before a window is."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Commands that were to be run; there is a display."""
    commands: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr("napari_iris.cli.open.subprocess.run", run)
    monkeypatch.setattr("napari_iris.cli.open.has_display", lambda: True)
    return commands


def test_the_window_opens_on_frames_and_on_a_project(
    cli: Callable[..., tuple],
    make_night: Callable[..., Path],
    asked: list[list[str]],
    tmp_path: Path,
) -> None:
    night = make_night(2)
    Project(tmp_path / "project").close()
    for path in (night, night.parent, tmp_path / "project"):
        assert cli("open", str(path))[:1] == (0,)
        assert asked.pop()[-2:] == ["napari_iris.desk", str(path)]
    assert cli("open")[:1] == (0,)
    assert asked.pop()[-1] == "napari_iris.desk"
    assert cli("open", str(night), "--no-gui") == (0, "", "")
    assert not asked


def test_what_cannot_be_opened_is_named_before_a_window_opens(
    cli: Callable[..., tuple], asked: list[list[str]], tmp_path: Path
) -> None:
    ran = cli("open", str(tmp_path / "nothing"))
    assert ran.code == 2
    assert "nothing: does not exist" in ran.err
    assert not asked


def test_without_a_display_it_says_so(
    cli: Callable[..., tuple], make_night: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("napari_iris.cli.open.has_display", lambda: False)
    ran = cli("open", str(make_night(1)))
    assert ran.code == 2
    assert "xvfb-run" in ran.err
