"""Site masks: which pixels of a frame are hidden, and which files say so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.errors import IrisError
from napari_iris.frames.frame import Frame
from napari_iris.frames.site_mask import CARD, SiteMask, hide
from napari_iris.frames.site_mask_file import (
    SiteMaskError,
    read_site_mask,
    resolve_site_mask,
    write_site_mask,
)
from napari_iris.masks.mask_file import write_mask

if TYPE_CHECKING:
    from pathlib import Path

SHAPE = (32, 40)


def horizon(shape: tuple[int, int] = SHAPE) -> np.ndarray:
    """The lower quarter of a frame is trees."""
    hidden = np.zeros(shape, bool)
    hidden[-shape[0] // 4 :] = True
    return hidden


def test_hidden_pixels_are_blank_and_the_frame_is_not_changed() -> None:
    data = np.full(SHAPE, 700, np.float32)
    site = SiteMask((horizon(),), "trees")
    shown = hide(Frame(data, fits.Header()), site)
    assert np.array_equal(np.isnan(shown.data), horizon())
    assert shown.header[CARD] == site.digest
    assert (data == 700).all()


@pytest.mark.parametrize("shape", [(16, 20), (64, 80), (33, 41)])
def test_a_frame_of_the_same_proportions_is_hidden_alike(shape: tuple[int, int]) -> None:
    found = SiteMask((horizon(),), "trees").of(shape)
    assert found is not None
    assert found.mean() == pytest.approx(0.25, abs=0.03)
    assert found[-1].all()
    assert not found[0].any()


def test_a_frame_of_other_proportions_is_refused_or_left_as_it_is() -> None:
    frame = Frame(np.zeros((32, 32), np.float32), fits.Header())
    with pytest.raises(IrisError, match=r"has 32x32 pixels, .* for frames of 32x40"):
        hide(frame, SiteMask((horizon(),), "trees"))
    assert hide(frame, SiteMask((horizon(),), "trees", strict=False)) is frame


def test_a_file_holds_one_image_for_each_shape(tmp_path: Path) -> None:
    site = SiteMask((horizon(), horizon((24, 24))), "two cameras")
    write_site_mask(tmp_path / "site.fits", site)
    found = read_site_mask(tmp_path / "site.fits")
    assert [one.shape for one in found.images] == [SHAPE, (24, 24)]
    assert found.digest == site.digest
    header = fits.getheader(tmp_path / "site.fits")
    assert header["IMGTYPE"] == "SITE-MASK"
    assert header["HIDDEN"] == 0.25


@pytest.mark.parametrize(
    "image", [horizon().astype(np.uint8) * 255, horizon().astype(">f4"), horizon()[None] * 1]
)
def test_any_image_of_two_values_is_a_site_mask(tmp_path: Path, image: np.ndarray) -> None:
    fits.writeto(tmp_path / "other.fits", image)
    assert np.array_equal(read_site_mask(tmp_path / "other.fits").images[0], horizon())


def test_the_ignored_pixels_of_a_mask_file_are_never_sky(tmp_path: Path) -> None:
    mask = np.where(horizon(), 2, 1).astype(np.uint8)
    write_mask(tmp_path / "m.fits", np.ones(SHAPE, np.float32), mask, fits.Header(), {})
    assert np.array_equal(read_site_mask(tmp_path / "m.fits").images[0], horizon())


UNUSABLE: dict[str, Any] = {
    "a frame": np.arange(1280.0).reshape(SHAPE),
    "all hidden": np.full(SHAPE, 2, np.uint8),
    "a cube": np.zeros((2, *SHAPE), np.uint8),
    "no image": np.array([(1, 2.0)], [("a", "i4"), ("b", "f4")]),
}


@pytest.mark.parametrize("what", UNUSABLE)
def test_what_is_no_site_mask_is_refused_in_one_line(tmp_path: Path, what: str) -> None:
    fits.writeto(tmp_path / "bad.fits", UNUSABLE[what])
    with pytest.raises(SiteMaskError, match=r"bad\.fits: .*; ") as raised:
        read_site_mask(tmp_path / "bad.fits")
    assert "\n" not in str(raised.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SiteMaskError, match=r"gone\.fits: does not exist; check the name"):
        resolve_site_mask(str(tmp_path / "gone.fits"))
    assert resolve_site_mask("none") is resolve_site_mask("auto") is None
