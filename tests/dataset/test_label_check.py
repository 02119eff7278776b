"""Unusable labels are refused in one line before the training starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.dataset.label_check import check_labels
from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from collections.abc import Callable


def masks_of(*fractions: float) -> np.ndarray:
    """Masks of 8 x 8 pixels with these cloud fractions; 2 for all pixels ignored."""
    masks = np.zeros((len(fractions), 64), np.uint8)
    for mask, fraction in zip(masks, fractions, strict=True):
        mask[: round(fraction * 64)] = 1
        mask[:] = 2 if fraction == 2 else mask
    return masks.reshape(-1, 8, 8)


@pytest.mark.parametrize(
    ("masks", "kind", "message"),
    [
        ((), "unet", "there are no frames; add some"),
        ((2, 2, 2), "unet", "none of 3 frames has a mask with sky or cloud; approve masks, or"),
        ((2, 2, 2), "vgg8", "none of 3 frames has a class; classify them as clear or cloudy"),
        ((0.5, 0.5, 2), "unet", "2 of 3 frames have a mask with sky or cloud, 3 are needed"),
        ((1, 1, 1), "unet", "the masks of all 3 frames are cloud everywhere; .* clear sky"),
        ((0, 0, 0), "unet", "the masks of all 3 frames are clear sky everywhere; .* cloudy sky"),
        ((0.5, 0.5, 1), "vgg8", "all 3 frames are cloudy; VGG8 needs clear ones as well"),
        ((0, 0, 0, 2), "vgg8", "all 3 frames are clear; VGG8 needs cloudy ones as well"),
    ],
)  # fmt: skip
def test_each_problem_is_reported(
    source_of: Callable, masks: tuple[float, ...], kind: str, message: str
) -> None:
    with pytest.raises(IrisError, match=message) as raised:
        check_labels(source_of(masks_of(*masks)), kind)
    assert str(raised.value).isprintable(), "one line"


def test_frames_with_a_class_alone_are_for_vgg8_only(source_of: Callable) -> None:
    source = source_of(None, count=4, frame_class=[0, 1, 2, -1])
    with pytest.raises(IrisError, match="none of 4 frames has a mask"):
        check_labels(source, "unet")
    assert check_labels(source, "vgg8", least=2).tolist() == [0, 1]
    with pytest.raises(IrisError, match="all 1 training frames are cloudy"):
        check_labels(source, "vgg8", np.array([1, 2]), least=1, what="training frames")


def test_usable_labels_pass(source_of: Callable) -> None:
    source = source_of(masks_of(0, 1, 0.5, 2))
    assert check_labels(source, "unet").tolist() == [0, 1, 2]
    assert check_labels(source, "vgg8").tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("masks", "kind", "expected"),
    [
        ((0, 1), "unet", (1, 1)), ((0, 0.5, 0.25), "unet", (2 / 3, 2)),
        ((0, 0, 0, 0.5, 2), "vgg8", (2 / 3, 2)),
    ],
)  # fmt: skip
def test_rare_classes_have_larger_weights(
    source_of: Callable, masks: tuple[float, ...], kind: str, expected: tuple[float, float]
) -> None:
    source = source_of(masks_of(*masks))
    found = source.table.class_weights(np.arange(len(source)), kind)
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("fraction", [0, 1])
def test_one_class_has_no_weights(source_of: Callable, fraction: float) -> None:
    with pytest.raises(IrisError, match="there is only cl.* in 2 labelled frames; add others"):
        source_of(masks_of(fraction, fraction)).table.class_weights(np.arange(2), "unet")
