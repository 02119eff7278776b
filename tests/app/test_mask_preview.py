"""The mask of the current frame, live, and the words for how it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import numpy as np
import pytest

from napari_iris.app.clear_sky import ClearSky
from napari_iris.app.form import Form, config_form
from napari_iris.app.mask_preview import MaskPreview
from napari_iris.app.mask_summary import METHODS, NO_VALUE, MaskSummary
from napari_iris.errors import FrameError, IrisError
from napari_iris.frames.index import FrameIndex
from napari_iris.frames.sequence import FrameSequence
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import make_mask
from tests.app.conftest import fill

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_iris.app.session import Session
    from tests.app.conftest import ManualTimers

CONFIG = MaskConfig(shape=(32, 40))


@pytest.fixture
def settings() -> Form[MaskConfig]:
    settings = config_form(MaskConfig)
    fill(settings, CONFIG)
    return settings


@pytest.fixture
def overlay() -> Mock:
    return Mock()


@pytest.fixture
def preview(session: Session, overlay: Mock, settings: Form[MaskConfig]) -> MaskPreview:
    return MaskPreview(session, overlay, settings, ClearSky(session))


@pytest.fixture
def show(session: Session, make_frames: Callable[..., Path]) -> Callable[..., None]:
    """Open some frames: ``show(4)``, or those of a folder."""

    def show(frames: Any) -> None:
        folder = make_frames(frames) if isinstance(frames, int) else frames
        session.show(FrameSequence(FrameIndex([str(folder)]).paths), [str(folder)])

    return show


def wait(preview: MaskPreview, timers: ManualTimers) -> None:
    timers.wait_until(lambda: preview.is_current)


def test_without_frames_there_is_no_mask(preview: MaskPreview, overlay: Mock) -> None:
    preview.refresh()
    assert preview.summary == MaskSummary("No frame")
    assert preview.made is None
    assert overlay.clear.called


def test_the_mask_follows_frames_and_settings(
    preview: MaskPreview,
    overlay: Mock,
    session: Session,
    settings: Form[MaskConfig],
    show: Callable[..., None],
    timers: ManualTimers,
) -> None:
    show(4)
    assert preview.summary == MaskSummary("Working...")
    for number, config in ((0, CONFIG), (2, CONFIG), (2, MaskConfig(shape=(16, 20), gate=False))):
        session.go_to(number)
        fill(settings, config)
        preview.refresh()
        wait(preview, timers)
        expected = make_mask(session.frame().data, config)
        mask, name = overlay.show.call_args.args
        np.testing.assert_array_equal(mask, expected.mask)
        assert name == "cloud mask"
        assert preview.summary == MaskSummary.of(expected)


def test_after_many_quick_steps_the_mask_is_that_of_the_last_frame(
    preview: MaskPreview,
    overlay: Mock,
    session: Session,
    show: Callable[..., None],
    timers: ManualTimers,
) -> None:
    show(4)
    for number in (1, 2, 3) * 10 + (2,):
        session.go_to(number)
    wait(preview, timers)
    expected = make_mask(session.frame().data, CONFIG)
    np.testing.assert_array_equal(overlay.show.call_args.args[0], expected.mask)


def test_the_next_frame_comes_with_its_mask_at_once(
    preview: MaskPreview, session: Session, show: Callable[..., None], timers: ManualTimers
) -> None:
    show(5)
    session.go_to(1)
    wait(preview, timers)
    for number in (2, 3, 2, 1):
        timers.wait_until(lambda: preview._worker.is_idle)
        session.go_to(number)
        assert preview.is_current, "no timer has run since"
        expected = make_mask(session.frame().data, CONFIG)
        assert preview.made is not None
        np.testing.assert_array_equal(preview.made.mask, expected.mask)


def test_a_mask_made_with_other_settings_is_not_shown(
    preview: MaskPreview,
    session: Session,
    settings: Form[MaskConfig],
    show: Callable[..., None],
    timers: ManualTimers,
) -> None:
    show(3)
    wait(preview, timers)
    timers.wait_until(lambda: preview._worker.is_idle)
    fill(settings, MaskConfig(shape=(16, 20)))
    session.go_to(1)
    assert not preview.is_current
    wait(preview, timers)
    assert preview.made is not None
    assert preview.made.mask.shape == (16, 20)


def test_a_value_out_of_range_hides_the_mask(
    preview: MaskPreview,
    overlay: Mock,
    settings: Form[MaskConfig],
    show: Callable[..., None],
    timers: ManualTimers,
) -> None:
    show(2)
    wait(preview, timers)
    settings.set("contrast", 0)
    preview.refresh()
    problem = "Contrast: input should be greater than 0"
    assert preview.summary == MaskSummary("No mask", reason=problem)
    assert preview.made is None
    assert overlay.clear.called


def test_a_frame_that_cannot_be_read_says_why(
    preview: MaskPreview,
    overlay: Mock,
    session: Session,
    make_frames: Callable[..., Path],
    show: Callable[..., None],
    timers: ManualTimers,
) -> None:
    folder = make_frames(3)
    (folder / "sky_2.fits").write_bytes(b"")
    show(folder)
    session.go_to(1)
    wait(preview, timers)
    assert preview.summary == MaskSummary("No mask", reason="is empty (0 bytes)")
    assert overlay.clear.called
    session.go_to(2)
    wait(preview, timers)
    assert preview.made is not None


def test_an_unexpected_error_is_raised(
    preview: MaskPreview,
    show: Callable[..., None],
    timers: ManualTimers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("napari_iris.app.mask_preview.make_mask", Mock(side_effect=KeyError))
    show(2)
    with pytest.raises(KeyError):
        wait(preview, timers)


def test_a_closed_preview_shows_nothing_any_more(
    preview: MaskPreview, overlay: Mock, session: Session, show: Callable[..., None]
) -> None:
    show(3)
    preview.close()
    session.go_to(2)
    session.show(None)
    assert preview.is_current
    assert not overlay.show.called


# --- words


def made(method: str, sky: str | None, threshold: float = 1843.34) -> Mock:
    gate = None if sky is None else Mock(sky=sky, trust=0.873)
    return Mock(method=method, gate=gate, cloud_fraction=0.25, threshold=threshold, excess=None)


@pytest.mark.parametrize("method", METHODS)
def test_a_mask_is_summarized(method: str) -> None:
    summary = MaskSummary.of(made(method, "cloudy"))
    replaced = "" if method == "recipe" else " (replaced by the sky gate)"
    assert summary == MaskSummary(
        title="Cloudy",
        sky="cloudy",
        cloud="25.0%  (2.0 oktas)",
        threshold=f"1843.3 ADU{replaced}",
        method=METHODS[method],
        trust=0.873,
    )


def test_the_excess_is_summarized() -> None:
    mask = made("excess", "cloudy")
    mask.excess = Mock(level=651.4, kind="measured", median=83.2)
    assert MaskSummary.of(mask).clear_sky == "651 ADU, median excess +83"
    assert MaskSummary.of(made("floor", "cloudy")).clear_sky == NO_VALUE


def test_without_the_gate_there_is_no_trust() -> None:
    summary = MaskSummary.of(made("recipe", None, 0.0512))
    assert (summary.title, summary.sky, summary.trust) == ("Gate off", None, None)
    assert summary.threshold == "0.05120", "a frame scaled to 0..1 has no unit"


@pytest.mark.parametrize(
    ("error", "reason"),
    [(FrameError("a.fits", "is empty", "copy it"), "is empty"), (IrisError("no way"), "no way")],
)
def test_an_error_is_summarized_by_its_reason(error: IrisError, reason: str) -> None:
    assert MaskSummary.of_error(error) == MaskSummary("No mask", reason=reason)
