"""Saving labels: a person's mask with who drew it and when, the frame beside it, nothing lost."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.desk.mask.writer import write_labels
from napari_iris.errors import MaskError
from napari_iris.masks.mask_file import is_drawn_by_person, read_mask, write_mask

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.gui


@pytest.fixture
def mask() -> np.ndarray:
    """A mask of 128 x 160: a quarter cloud, its last row to be ignored."""
    labels = np.zeros((128, 160), int)
    labels[:32], labels[-1] = 1, 2
    return labels


def test_a_layer_is_saved_as_a_human_mask(
    tmp_path: Path, make_night: Callable[..., Path], model: Any, mask: np.ndarray
) -> None:
    frame = make_night(2) / "sky_2.fits"
    layer = model.add_labels(mask, metadata={"iris_frame": str(frame)})
    path = tmp_path / "sky_2_mask.fits"
    before = datetime.now(UTC) - timedelta(seconds=1)
    assert model.layers.save(str(path), plugin="napari-iris") == [str(path)]
    saved = read_mask(path)
    np.testing.assert_array_equal(saved.mask, mask)
    np.testing.assert_array_equal(saved.frame, fits.getdata(frame))
    assert saved.header["CAMERA"] == "TAU2"
    cards = saved.mask_header
    assert (cards["EXTNAME"], cards["IMGTYPE"], cards["METHOD"]) == (
        "MASK",
        "GROUND-TRUTH",
        "HUMAN",
    )
    assert cards["LABELER"] == getpass.getuser()
    assert before <= datetime.fromisoformat(cards["LABELDAT"]) <= datetime.now(UTC)
    assert cards["CLDFRAC"] == pytest.approx(32 / 127, abs=1e-6)
    assert is_drawn_by_person(path)
    assert layer in model.layers


def test_the_header_has_the_world_coordinates_of_the_masks_pixels(
    tmp_path: Path, write_frame: Callable[..., Path], model: Any, mask: np.ndarray
) -> None:
    world = {"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRPIX1": 320.5, "CDELT1": -0.01}
    frame = write_frame("sky.fits", np.zeros((512, 640), np.int16), **world)
    model.add_labels(mask, metadata={"iris_frame": str(frame)})
    model.layers.save(str(tmp_path / "sky_mask.fits"), plugin="napari-iris")
    header = read_mask(tmp_path / "sky_mask.fits").header
    assert (header["CRPIX1"], header["CDELT1"]) == (80.5, -0.04)


@pytest.mark.parametrize("error", [KeyError("getpwuid(): uid not found: 1234"), OSError()])
def test_a_user_without_a_login_name_can_save(
    tmp_path: Path, mask: np.ndarray, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """As in a container that runs under a number."""
    monkeypatch.setattr(getpass, "getuser", Mock(side_effect=error))
    path = tmp_path / "sky_mask.fits"
    write_labels(str(path), mask, {})
    assert read_mask(path).mask_header["LABELER"] == "unknown"
    assert is_drawn_by_person(path)


def test_the_frame_is_rebinned_to_the_mask(
    tmp_path: Path, make_night: Callable[..., Path], mask: np.ndarray
) -> None:
    frame = make_night(2) / "sky_2.fits"
    attributes = {"metadata": {"iris_frame": str(frame)}}
    (path,) = write_labels(str(tmp_path / "small.fits"), mask[::2, ::2], attributes)
    blocks = fits.getdata(frame).reshape(64, 2, 80, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(fits.getdata(path, 0), blocks, rtol=1e-6)


def test_labels_of_no_known_frame_are_saved_beside_a_blank_one(
    tmp_path: Path, mask: np.ndarray
) -> None:
    (path,) = write_labels(str(tmp_path / "loose.fits"), mask, {})
    assert np.isnan(fits.getdata(path, 0)).all()
    np.testing.assert_array_equal(fits.getdata(path, 1), mask)


def test_a_corrected_mask_file_keeps_its_frame(tmp_path: Path, mask: np.ndarray) -> None:
    old, header = tmp_path / "sky_mask.fits", fits.Header({"CAMERA": "TAU2"})
    frame = np.random.default_rng(0).random(mask.shape).astype(np.float32)
    write_mask(old, frame, np.zeros(mask.shape, np.uint8), header, {"METHOD": ("recipe", "")})
    write_labels(str(old), mask, {"metadata": {"iris_frame": str(old)}})
    saved = read_mask(old)
    np.testing.assert_array_equal(saved.frame, frame)
    np.testing.assert_array_equal(saved.mask, mask)
    assert saved.header["CAMERA"] == "TAU2"
    assert saved.mask_header["METHOD"] == "HUMAN"


def test_a_missing_ending_is_added(tmp_path: Path, mask: np.ndarray) -> None:
    assert write_labels(str(tmp_path / "mask"), mask, {}) == [str(tmp_path / "mask.fits")]


def test_an_axis_of_length_one_is_dropped(tmp_path: Path, mask: np.ndarray) -> None:
    (path,) = write_labels(str(tmp_path / "mask.fits"), mask[np.newaxis], {})
    assert fits.getdata(path, 1).shape == mask.shape


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        (np.full((8, 8), 3), r"labels hold 3; use 0 sky, 1 cloud, 2 ignore"),
        (np.eye(8, dtype=int) * -1, r"labels hold -1, 0; use 0 sky"),
        (np.zeros((2, 8, 8), int), r"labels have shape \(2, 8, 8\), not \(rows, columns\)"),
    ],
    ids=["too large", "negative", "a stack"],
)
def test_labels_that_are_no_mask_are_refused(
    tmp_path: Path, model: Any, labels: np.ndarray, reason: str
) -> None:
    model.add_labels(labels)
    path = tmp_path / "mask.fits"
    with pytest.raises(MaskError, match=reason) as caught:
        model.layers.save(str(path), plugin="napari-iris")
    assert str(caught.value).startswith(f"{path}: ")
    assert not path.exists()


def test_a_frame_is_never_replaced_by_a_mask(
    make_night: Callable[..., Path], mask: np.ndarray
) -> None:
    frame = make_night(1) / "sky_1.fits"
    before = frame.read_bytes()
    with pytest.raises(MaskError, match="exists and is not a mask file"):
        write_labels(str(frame), mask, {"metadata": {"iris_frame": str(frame)}})
    assert frame.read_bytes() == before


def test_a_mask_of_a_frame_that_is_gone_says_so(tmp_path: Path, mask: np.ndarray) -> None:
    gone = tmp_path / "gone.fits"
    with pytest.raises(Exception, match="does not exist"):
        write_labels(str(tmp_path / "m.fits"), mask, {"metadata": {"iris_frame": str(gone)}})
