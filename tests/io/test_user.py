"""The login name, also where the system knows none."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest

from napari_iris.io.user import user_name
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from pathlib import Path


def test_the_login_name_is_the_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "ada")
    assert user_name() == "ada"


@pytest.mark.parametrize("error", [KeyError("uid not found: 1234"), OSError(), ImportError("pwd")])
def test_a_user_without_a_name_is_unknown_and_can_label(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(getpass, "getuser", Mock(side_effect=error))
    assert user_name() == "unknown"
    with Project(tmp_path / "project") as project:
        assert project.by == "unknown"
