"""Frames start from a model's mask only while that is wanted, and say so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_iris.app.curation.frame_summary import FrameSummary, history_lines
from napari_iris.app.curation.queue_table import cell_text
from napari_iris.app.prediction.starting_masks import READ_ONLY, StartingMasks
from napari_iris.project.project import Project
from napari_iris.project.records import NewMask
from tests.app.curation.conftest import COLUMNS, ROWS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_iris.app.curation.curation import Curation
    from tests.app.conftest import ManualTimers

MASK = np.eye(ROWS, COLUMNS, dtype=np.uint8)


@pytest.fixture
def starting(folder: Path) -> Path:
    """The project; its first three frames have a model's mask, the second a person's, too."""
    with Project(folder, by="ada") as project:
        made = NewMask(project.store.save(MASK, durable=False), 0.0, method="threshold 0.5")
        with project.repository.transaction() as transaction:
            for frame in (1, 2, 3):
                transaction.add_mask(frame, "model", made, "unet1@0")
        project.save_mask(2, 1 - MASK)
    return folder


@pytest.fixture
def masks(curation: Curation, starting: Path) -> StartingMasks:
    masks = StartingMasks(curation)
    curation.open(Project(starting, exclusive=True, by="ada"))
    return masks


def statuses(curation: Curation) -> list[str]:
    assert curation.project is not None
    return [cell_text(curation.project.table, row, "Status") for row in range(4)]


def test_a_frame_that_starts_from_a_model_says_so(curation: Curation, masks: StartingMasks) -> None:
    assert masks.count == 3
    assert statuses(curation) == ["Model", "Edited", "Model", "Unreviewed"]
    curation.session.go_to(0)
    summary = FrameSummary.of(curation)
    assert (summary.title, summary.detail) == ("Model", "threshold 0.5, unet1@0")
    curation.perform(lambda project, frame: project.approve(frame))
    assert FrameSummary.of(curation).title == "Approved"


def test_one_way_back_for_all_and_it_may_be_repeated(
    curation: Curation,
    masks: StartingMasks,
    timers: ManualTimers,
    stored: Callable[..., Any],
) -> None:
    curation.session.go_to(2)
    np.testing.assert_array_equal(curation.editor.mask, MASK)
    masks.remove()
    timers.wait_until(lambda: masks.count == 0)
    assert masks.message == "Model masks of 3 frames removed. Labels are unchanged."
    assert statuses(curation) == ["Unreviewed", "Edited", "Unreviewed", "Unreviewed"]
    assert curation.row == 2
    np.testing.assert_array_equal(curation.editor.mask, stored(2, "auto"))
    np.testing.assert_array_equal(stored(1), 1 - MASK)
    (removed, kept, *_) = history_lines(curation)
    assert "Model mask: removed  (ada)" in removed.text
    assert kept.mask is not None, "it can be restored"
    masks.remove()
    timers.wait_until(lambda: "of 0 frames" in masks.message)


def test_a_project_to_look_at_keeps_them(
    curation: Curation, starting: Path, stored: Callable[..., Any]
) -> None:
    masks = StartingMasks(curation)
    curation.open(Project(starting, read_only=True))
    masks.remove()
    assert masks.message == READ_ONLY
    assert stored(0, "model") is not None
