"""What the tests of the Curate dock share: a current frame with cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from tests.desk.conftest import Desk

ROW, CLOUD_COLUMNS = 2, 32
"""A frame with cloud in its first columns."""


@pytest.fixture
def at_cloud(desk: Desk) -> Desk:
    """The current frame, with its cloud and nothing else marked."""
    desk.press("N", "N")
    assert desk.row == ROW
    cloudy = np.zeros_like(desk.mask)
    cloudy[:, :CLOUD_COLUMNS] = 1
    desk.layer.data = cloudy
    assert desk.curation.save()
    desk.curation.changed.emit()
    return desk
