"""The clear sky of the open frames is known in the background, and said in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unittest.mock import Mock

import numpy as np
import pytest

from napari_iris.app.clear_sky import WAITING, ClearSky, reference_text
from napari_iris.app.current_excess import CurrentExcess, FrameExcess
from napari_iris.app.form import config_form
from napari_iris.app.mask_preview import MaskPreview
from napari_iris.frames.frame import Frame
from napari_iris.frames.index import FrameIndex
from napari_iris.frames.read import read_frame
from napari_iris.frames.sequence import FrameSequence
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import make_mask
from napari_iris.project.night_references import NightReferences, nights_of
from napari_iris.radiometry.archive import learn_references
from napari_iris.radiometry.reference_set import ReferenceSet
from napari_iris.resources import sample_night

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_iris.app.session import Session
    from tests.app.conftest import ManualTimers

pytestmark = pytest.mark.slow

BROKEN = 15
"""Frame of the sample night with cloud and clear sky."""

MEASURED = r"measured, ±\d ADU, clear sky in 2\d frames"
"""What is said of the reference of the sample night: 13 clear frames, 12 cloudy ones."""


@pytest.fixture
def clear_sky(session: Session) -> ClearSky:
    return ClearSky(session)


@pytest.fixture(scope="module")
def learned() -> ReferenceSet:
    return learn_references(FrameIndex([str(sample_night())]).paths)


def show(session: Session, folder: Path) -> None:
    session.show(FrameSequence(FrameIndex([str(folder)]).paths), [str(folder)])


def test_the_sample_night_has_a_measured_reference(
    session: Session, clear_sky: ClearSky, timers: ManualTimers
) -> None:
    assert clear_sky.text == "none"
    show(session, sample_night())
    assert clear_sky.text == WAITING
    timers.wait_until(lambda: clear_sky.is_known)
    assert re.fullmatch(MEASURED, clear_sky.text)
    session.show(None)
    assert clear_sky.text == "none"


def test_the_preview_is_made_with_it(
    session: Session, clear_sky: ClearSky, timers: ManualTimers
) -> None:
    overlay = Mock()
    preview = MaskPreview(session, overlay, config_form(MaskConfig), clear_sky)
    show(session, sample_night())
    session.go_to(BROKEN)
    timers.wait_until(lambda: clear_sky.is_known and preview.is_current)
    assert preview.made is not None
    assert preview.made.method == "excess"
    assert re.match(r"\d{3} ADU", preview.summary.clear_sky)
    assert preview.summary.threshold.endswith("(replaced by the reference)")
    preview.close()


def test_frames_that_are_too_small_have_none_and_the_reason_is_shown(
    session: Session,
    clear_sky: ClearSky,
    timers: ManualTimers,
    make_frames: Callable[..., Path],
) -> None:
    show(session, make_frames(3))
    timers.wait_until(lambda: clear_sky.is_known)
    assert clear_sky.text == "none (no frame of at least 64x80 pixels can be read)"


def test_a_project_has_the_references_that_it_keeps(
    session: Session,
    clear_sky: ClearSky,
    timers: ManualTimers,
    learned: ReferenceSet,
    tmp_path: Path,
) -> None:
    index = FrameIndex([str(sample_night())])
    list(index.read_times())
    (night,) = set(nights_of(index.times).tolist())
    kept = NightReferences(tmp_path)
    kept.save(night, learned)
    session.show(FrameSequence(index.paths), (), FrameIndex.of(index.paths, index.times))
    session.set_project(tmp_path)
    timers.wait_until(lambda: clear_sky.is_known)
    assert isinstance(clear_sky.references, NightReferences)
    assert re.fullmatch(MEASURED, clear_sky.text)
    kept.path(night).write_bytes(b"damaged")
    assert clear_sky.text.startswith("none (")
    assert "learn it again" in clear_sky.text


@pytest.mark.parametrize(
    ("kind", "count", "expected"),
    [
        ("measured", 1, "measured, ±4 ADU, clear sky in 1 frame"),
        ("measured", 37, "measured, ±4 ADU, clear sky in 37 frames"),
        ("limit", 0, "an upper limit only, ±4 ADU"),
    ],
)
def test_the_words_for_a_reference(kind: str, count: int, expected: str) -> None:
    one = Mock(kind=kind, clear_frames=count, level_sigma=4.2, camera="Tau2")
    assert reference_text(ReferenceSet((one,))) == expected
    assert reference_text(ReferenceSet((one, one))) == f"Tau2: {expected}; Tau2: {expected}"


def test_the_words_for_none() -> None:
    assert reference_text(ReferenceSet()) == "none"
    assert reference_text(ReferenceSet((), ("frames share no camera",))) == (
        "none (frames share no camera)"
    )


def test_the_excess_of_a_pixel_is_that_of_the_mask(learned: ReferenceSet) -> None:
    frame = read_frame(FrameIndex([str(sample_night())]).paths[BROKEN])
    made = make_mask(frame.data, MaskConfig(), frame.header, learned)
    assert made.excess is not None
    known = FrameExcess.of(frame, learned)
    for row, column in ((0, 0), (300, 402), (511, 639)):
        expected = made.excess.values[row // 4, column // 4]
        assert known.at(row, column) == f"{frame.data[row, column]:.0f} ADU, excess {expected:+.0f}"
    assert known.at(-1, 0) == known.at(0, 640) == ""


def test_a_pixel_without_reference_has_its_adu() -> None:
    data = np.full((40, 50), 0.05, np.float32)
    data[3, 4] = np.nan
    frame = Frame(data, read_frame(FrameIndex([str(sample_night())]).paths[0]).header)
    known = FrameExcess.of(frame, ReferenceSet())
    assert known.at(0, 0) == "819 ADU"
    assert known.at(3, 4) == "blank"


def test_the_current_frame_is_computed_once(
    session: Session, clear_sky: ClearSky, make_frames: Callable[..., Path], timers: ManualTimers
) -> None:
    excess = CurrentExcess(session, clear_sky)
    assert excess.at(0, 0) == ""
    show(session, make_frames(9))
    timers.wait_until(lambda: clear_sky.is_known)
    first = excess.at(1, 2)
    known = excess._known
    assert excess.at(1, 2) == first
    assert excess._known is known
    session.go_to(1)
    assert excess.at(1, 2) != first
