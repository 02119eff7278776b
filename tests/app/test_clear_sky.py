"""The clear sky of the open frames is learnt in the background; the preview uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest

from napari_iris.app.clear_sky import WAITING, ClearSky
from napari_iris.app.mask_preview import MaskPreview
from napari_iris.frames.index import FrameIndex
from napari_iris.frames.sequence import FrameSequence
from napari_iris.masks.config import MaskConfig
from napari_iris.resources import sample_night

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_iris.app.session import Session
    from tests.app.conftest import ManualTimers


@pytest.fixture
def clear_sky(session: Session) -> ClearSky:
    return ClearSky(session)


def show(session: Session, folder: Path) -> None:
    session.show(FrameSequence(FrameIndex([str(folder)]).paths), [str(folder)])


def test_the_sample_night_has_a_measured_reference(
    session: Session, clear_sky: ClearSky, timers: ManualTimers
) -> None:
    assert clear_sky.references.found == ()
    show(session, sample_night())
    assert clear_sky.text == WAITING
    timers.wait_until(lambda: bool(clear_sky.references.found))
    assert clear_sky.text.startswith("measured")
    session.show(None)
    assert clear_sky.references.found == ()


def test_the_preview_is_made_with_it(
    session: Session, clear_sky: ClearSky, timers: ManualTimers
) -> None:
    overlay = Mock()
    preview = MaskPreview(session, overlay, MaskConfig, clear_sky)
    show(session, sample_night())
    session.go_to(9)
    timers.wait_until(lambda: bool(clear_sky.references.found) and preview.is_current)
    assert preview.made is not None
    assert preview.made.method == "excess"
    assert "measured" in preview.summary.reference
    preview.close()


def test_a_few_frames_have_none_and_the_reason_is_shown(
    session: Session,
    clear_sky: ClearSky,
    timers: ManualTimers,
    make_frames: Callable[..., Path],
) -> None:
    show(session, make_frames(3))
    timers.wait_until(lambda: clear_sky.text != WAITING)
    assert "there are 3" in clear_sky.text
