"""The reference mask of the current frame: read, compared, scored; blinking between the two."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import numpy as np
import pytest

from napari_iris.app.prediction.blink import BLINK_MS, Blink
from napari_iris.app.prediction.errors import FALSE_ALARM, HIT, MISS, error_map
from napari_iris.app.prediction.summary import comparison_text
from napari_iris.app.prediction.truth import CurrentTruth
from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from napari_iris.app.prediction.current import CurrentPrediction
    from napari_iris.app.session import Session

    Canvas = Any


class FakeTruth:
    """One mask, or an error, as the truth of every frame."""

    folder, masks = Path("masks"), "approved"

    def __init__(self, mask: NDArray[np.uint8] | IrisError | None = None) -> None:
        self.given = mask

    def mask(self, frame: Path, shape: tuple[int, int]) -> NDArray[np.uint8] | None:
        if isinstance(self.given, IrisError):
            raise self.given
        return self.given


def columns(count: int) -> NDArray[np.uint8]:
    """A mask with cloud in its first columns."""
    return (np.arange(160) < count).astype(np.uint8) * np.ones((128, 1), np.uint8)


@pytest.fixture
def truth(current: CurrentPrediction) -> CurrentTruth:
    return CurrentTruth(current)


@pytest.fixture
def read(truth: CurrentTruth, source: Any, timers: Any) -> Callable[[object], None]:
    """Compare with a mask, and wait until it is read."""

    def compare(mask: object) -> None:
        truth.set_source(FakeTruth(mask))  # type: ignore[arg-type]
        timers.wait_until(lambda: truth.is_current)

    return compare


def test_errors_are_mapped_pixel_by_pixel() -> None:
    rng = np.random.default_rng(0)
    mask, truth = rng.integers(0, 3, (2, 128, 160), dtype=np.uint8)
    errors = error_map(mask, truth)
    counted = (mask < 2) & (truth < 2)
    for value, expected in (
        (HIT, (mask == 1) & (truth == 1)),
        (FALSE_ALARM, (mask == 1) & (truth == 0)),
        (MISS, (mask == 0) & (truth == 1)),
        (0, ~counted | ((mask == 0) & (truth == 0))),
    ):
        np.testing.assert_array_equal(errors == value, expected)


def test_the_prediction_is_compared_and_scored(
    truth: CurrentTruth, read: Callable[[object], None], canvas: Canvas
) -> None:
    read(columns(24))
    assert canvas.visible == {"probability", "mask", "errors"}
    np.testing.assert_array_equal(canvas.errors.pixels, error_map(columns(32), columns(24)))
    np.testing.assert_array_equal(canvas.truth.pixels, columns(24))
    found = truth.scores()
    assert found["accuracy"] == 1 - 8 / 160
    assert found["iou_clear"] == 128 / 136
    assert found["cloud"] == 24 / 160


@pytest.mark.parametrize(
    ("mask", "text"),
    [
        (None, "This frame has no reference mask."),
        (IrisError("it is damaged"), "it is damaged"),
        ("columns", "Accuracy 0.950, clear IoU 0.941; true cloud fraction 15.0%"),
    ],
)
def test_the_comparison_is_written(
    truth: CurrentTruth,
    read: Callable[[object], None],
    current: CurrentPrediction,
    mask: object,
    text: str,
) -> None:
    assert comparison_text(current, truth) == ""
    read(columns(24) if mask == "columns" else mask)
    assert comparison_text(current, truth) == text
    current.set_source(None)
    assert comparison_text(current, truth) == ""


def test_at_another_threshold_only_the_errors_change(
    truth: CurrentTruth,
    read: Callable[[object], None],
    current: CurrentPrediction,
    canvas: Canvas,
) -> None:
    read(columns(24))
    assert isinstance(truth.source, FakeTruth)
    truth.source.given = None
    current.set_threshold(0.0)
    np.testing.assert_array_equal(canvas.errors.pixels, error_map(columns(160), columns(24)))


@pytest.mark.parametrize(
    ("given", "problem"),
    [(None, ""), (IrisError("it is damaged"), "it is damaged"), (np.ones((8, 8), np.uint8), "")],
)
def test_without_a_mask_of_its_shape_there_are_no_scores(
    truth: CurrentTruth,
    read: Callable[[object], None],
    canvas: Canvas,
    given: object,
    problem: str,
) -> None:
    read(columns(24))
    read(given)
    assert truth.problem == problem
    assert truth.scores() == {}
    assert canvas.visible == {"probability", "mask"}


def test_a_frame_with_all_pixels_ignored_has_no_scores(
    truth: CurrentTruth, read: Callable[[object], None]
) -> None:
    read(np.full((128, 160), 2, np.uint8))
    assert truth.scores() == {}


def test_the_mask_is_read_again_when_labels_change(
    truth: CurrentTruth, read: Callable[[object], None], session: Session, timers: Any
) -> None:
    read(columns(24))
    assert isinstance(truth.source, FakeTruth)
    truth.source.given = columns(32)
    session.labels_changed.emit()
    timers.wait_until(lambda: truth.is_current)
    assert truth.scores()["accuracy"] == 1


@pytest.fixture
def blink(current: CurrentPrediction, truth: CurrentTruth, curation: Any) -> Blink:
    return Blink(current, truth, curation)


def test_blinking_shows_one_mask_at_a_time(
    blink: Blink, read: Callable[[object], None], canvas: Canvas
) -> None:
    read(columns(24))
    shown = Mock()
    blink.shown_changed.connect(shown)
    before = canvas.visible
    for name, visible in (
        ("prediction", {"mask"}),
        ("truth", {"truth"}),
        ("none", set()),
        ("", before),
    ):
        blink.step()
        assert (blink.shown, canvas.visible) == (name, visible)
    assert [call.args[0] for call in shown.call_args_list] == ["prediction", "truth", "none", ""]
    assert not canvas.truth.wanted


def test_without_a_truth_it_is_left_out(
    blink: Blink, source: Any, canvas: Canvas, current: CurrentPrediction
) -> None:
    names = []
    for _ in range(3):
        blink.step()
        names.append(blink.shown)
    assert names == ["prediction", "none", ""]
    current.set_source(None)
    blink.step()
    assert blink.shown == ""


def test_a_blink_by_hand_ends_with_its_frame(
    blink: Blink,
    read: Callable[[object], None],
    session: Session,
    canvas: Canvas,
    settle: Callable[[], None],
) -> None:
    read(columns(24))
    blink.step()
    session.go_to(3)
    settle()
    assert blink.shown == ""
    assert {"probability", "mask"} <= canvas.visible


def test_auto_blink_goes_on_from_frame_to_frame(
    blink: Blink,
    read: Callable[[object], None],
    session: Session,
    canvas: Canvas,
    timers: Any,
    truth: CurrentTruth,
) -> None:
    read(columns(24))
    blink.run(True)
    seen = []
    for _ in range(3):
        seen.append(canvas.visible)
        timers.advance(BLINK_MS)
    assert seen == [{"mask"}, {"truth"}, {"mask"}]
    session.go_to(3)
    timers.wait_until(lambda: truth.is_current)
    assert blink.is_running
    assert canvas.visible in ({"mask"}, {"truth"})
    blink.run(False)
    assert canvas.visible == {"probability", "mask", "errors"}


@pytest.mark.parametrize(
    ("folder", "masks", "is_truth"),
    [("project", "approved", True), ("project", "auto", False), ("other", "approved", False)],
)
def test_the_edited_mask_is_shown_where_it_is_the_truth(
    blink: Blink,
    truth: CurrentTruth,
    read: Callable[[object], None],
    curation: Any,
    folder: str,
    masks: str,
    is_truth: bool,
) -> None:
    canvas = SimpleNamespace(visible=True)
    canvas.override = lambda visible: setattr(canvas, "visible", visible)
    canvas.restore = lambda: setattr(canvas, "visible", True)
    curation.editor, curation.row = SimpleNamespace(canvas=canvas), 0
    curation.project = SimpleNamespace(folder=Path("project"))
    read(columns(24))
    truth.source = SimpleNamespace(folder=Path(folder), masks=masks)  # type: ignore[assignment]
    seen = []
    for _ in range(4):
        blink.step()
        seen.append(canvas.visible)
    assert seen == ([False, True, False, True] if is_truth else [True] * 4)
