"""The site mask of the open project, as the Curate dock changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.app.clear_sky import ClearSky
from napari_iris.app.curation.site_masks import SiteMasks
from napari_iris.app.curation.teaching import Teaching
from napari_iris.app.form import config_form
from napari_iris.app.mask_job import MaskJob
from napari_iris.masks.config import MaskConfig

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_iris.app.curation.curation import Curation
    from napari_iris.app.curation.decisions import Decisions
    from tests.app.conftest import ManualTimers

SHAPE = (64, 80)
TREES = np.arange(SHAPE[0])[:, None] >= np.full(SHAPE[1], 48)


@pytest.fixture
def clear_sky(opened: Curation) -> ClearSky:
    return ClearSky(opened.session)


@pytest.fixture
def teaching(decisions: Decisions, clear_sky: ClearSky) -> Teaching:
    return Teaching(decisions, clear_sky)


@pytest.fixture
def masks(opened: Curation, teaching: Teaching) -> SiteMasks:
    return SiteMasks(opened, teaching)


@pytest.fixture
def settle(teaching: Teaching, clear_sky: ClearSky, timers: ManualTimers) -> Callable[[], None]:
    return lambda: timers.wait_until(lambda: not teaching.is_busy and clear_sky.is_known)


def test_untouched_masks_are_renewed_and_the_others_stay(
    masks: SiteMasks,
    opened: Curation,
    decisions: Decisions,
    clear_sky: ClearSky,
    stored: Callable[..., np.ndarray],
    settle: Callable[[], None],
) -> None:
    assert masks.text == "None"
    opened.session.go_to(0)
    decisions.approve()
    human = stored(0, "human")
    masks.take(TREES)
    settle()
    assert masks.text == "25.0% of 64x80 pixels"
    assert np.array_equal(stored(3, "auto") == 2, TREES)
    assert np.array_equal(stored(0, "human"), human)
    assert clear_sky.site is not None
    job = MaskJob(opened.session, config_form(MaskConfig))
    (words,) = job.commands_for(["a.fits"], "out")
    assert words[-2] == "--site-mask"
    masks.remove()
    settle()
    assert masks.text == "None"
    assert not masks.hides
    assert not (stored(3, "auto") == 2).any()


def test_the_ignored_pixels_of_a_painted_mask_are_taken(
    masks: SiteMasks, opened: Curation, settle: Callable[[], None]
) -> None:
    masks.take_ignored()
    assert "No pixel of this mask is ignored" in masks.text
    assert opened.editor is not None
    opened.editor.set_mask(np.where(TREES, 2, 0).astype(np.uint8))
    masks.take_ignored()
    settle()
    assert masks.text == "25.0% of 64x80 pixels"


def test_what_cannot_be_taken_changes_nothing_and_says_why(
    masks: SiteMasks, tmp_path: Path
) -> None:
    masks.take(np.ones(SHAPE, bool))
    assert "hides every pixel" in masks.text
    fits.writeto(tmp_path / "bad.fits", np.arange(64.0).reshape(8, 8))
    masks.take_file(tmp_path / "bad.fits")
    assert "bad.fits: is not a site mask" in masks.text
    assert masks.site is None
