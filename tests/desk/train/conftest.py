"""Trainings of the window's tests have few frames."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def few_labels_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a training start with one label."""
    monkeypatch.setattr("napari_iris.app.training.data.LEAST_LABELS", 1)
