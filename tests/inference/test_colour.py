"""Models of colour: they see the colours of a file, and everything else its grey frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.errors import FrameError, IrisError
from napari_iris.frames.read import read_frame
from napari_iris.frames.rebin import rebin, rebin_colour
from napari_iris.matching.pixels import frame_id

from .conftest import SHAPE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_iris.inference.predictor import Predictor


@pytest.fixture
def picture(write_frame: Callable[..., Path]) -> Path:
    """Write a picture that is blue on the right, and there alone."""
    planes = np.random.default_rng(0).uniform(0.1, 0.2, (3, 32, 40)).astype(np.float32)
    planes[2, :, 20:] += 0.7
    return write_frame("picture.fits", planes, COLORSPC="RGB")


@pytest.mark.parametrize("classifier", [False, True])
def test_a_model_of_colour_sees_the_colours_of_a_file(
    bright: Callable[..., Predictor], picture: Path, classifier: bool
) -> None:
    predictor = bright(planes=3, classifier=classifier)
    one = predictor.load(picture)
    colour = np.moveaxis(fits.getdata(picture), 0, -1)
    assert one.unet is not None
    np.testing.assert_allclose(one.unet, rebin_colour(colour, SHAPE), rtol=1e-5)
    grey = read_frame(picture).data
    np.testing.assert_array_equal(one.frame, rebin(grey, SHAPE))
    assert one.id == frame_id(grey)


def test_a_model_of_colour_refuses_what_is_grey(
    bright: Callable[..., Predictor], cloudy_frame: Callable[..., Path], picture: Path
) -> None:
    predictor = bright(planes=3)
    with pytest.raises(FrameError, match="is not a colour image"):
        predictor.load(cloudy_frame("grey.fits"))
    with pytest.raises(IrisError, match="is for colour images"):
        predictor.prepare(read_frame(picture).data, fits.Header())


def test_a_model_of_one_plane_sees_a_picture_as_grey(
    bright: Callable[..., Predictor], picture: Path
) -> None:
    one = bright().load(picture)
    assert one.unet is not None
    assert one.unet.shape == (*SHAPE, 1)
