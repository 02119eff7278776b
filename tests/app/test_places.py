"""Default output folders."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from napari_iris.app.places import output_folder
from napari_iris.resources import sample_night


def test_files_go_beside_the_frames_unless_those_are_packaged(tmp_path: Path) -> None:
    assert output_folder(tmp_path / "night", "masks") == tmp_path / "night_masks"
    assert output_folder(sample_night(), "masks") == Path.home() / "iris_masks" / "night"
    assert output_folder(sample_night(), "project") == Path.home() / "iris_projects" / "night"
    assert output_folder(Path("/"), "reports") == Path.home() / "iris_reports"


def test_where_one_may_not_write_beside_the_frames_files_go_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert output_folder(tmp_path / "night", "masks") == Path.home() / "iris_masks" / "night"
