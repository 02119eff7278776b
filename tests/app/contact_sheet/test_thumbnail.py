"""Thumbnails: their size, their grey, and the outlines of masks."""

from __future__ import annotations

import numpy as np
import pytest

from napari_iris.app.contact_sheet.thumbnail import (
    CLOUD_EDGE,
    IGNORE_EDGE,
    SHAPE,
    WHITE,
    thumbnail,
)


@pytest.mark.parametrize("shape", [(512, 640), (128, 160), (32, 40), (1040, 1392), (640, 100)])
def test_a_thumbnail_keeps_the_proportions_and_is_small(shape: tuple[int, int]) -> None:
    image = thumbnail(np.zeros(shape, np.float32), None)
    assert image.shape[0] <= SHAPE[0]
    assert image.shape[1] <= SHAPE[1]
    assert image.shape[0] / image.shape[1] == pytest.approx(shape[0] / shape[1], rel=0.05)


def test_warm_is_white_and_blank_is_black() -> None:
    pixels = np.tile(np.linspace(600, 900, 160, dtype=np.float32), (128, 1))
    pixels[:, 80:84] = np.nan
    image = thumbnail(pixels, None)
    assert (image[0, 0], image[0, -1], image[0, 61]) == (0, WHITE, 0)


def test_a_frame_without_contrast_is_not_made_one_of_noise() -> None:
    pixels = np.random.default_rng(0).normal(600, 1, (128, 160)).astype(np.float32)
    assert np.ptp(thumbnail(pixels, None)) < WHITE


def test_the_outline_of_a_mask_of_another_size_is_drawn() -> None:
    mask = np.zeros((64, 80), np.uint8)
    mask[16:48, 16:48], mask[56:, :16] = 1, 2
    image = thumbnail(np.zeros((128, 160), np.float32), mask)  # 96 x 120
    assert (image[24, 24:72] == CLOUD_EDGE).all()
    assert not (image[25:71, 25:71] == CLOUD_EDGE).any()
    assert (image[84, :24] == IGNORE_EDGE).all()
    assert image[95, 0] != IGNORE_EDGE  # the border of the frame is not an edge of the region
