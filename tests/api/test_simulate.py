"""Simulated frames in memory: those of the command line, lazy, with their truth as a mask file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from astropy import units
from astropy.io import fits

import napari_iris as iris
from napari_iris.cli.main import main
from napari_iris.masks.mask_file import read_mask

if TYPE_CHECKING:
    from pathlib import Path


def test_they_are_those_of_the_command_line(tmp_path: Path) -> None:
    assert main(["simulate", str(tmp_path), "--count", "2", "--sky", "cloudy", "--seed", "7"]) == 0
    for number, frame in enumerate(iris.simulate(2, sky="cloudy", seed=7)):
        path = tmp_path / "frames" / f"sim_{number:06}.fits"
        np.testing.assert_array_equal(frame.data, fits.getdata(path))
        assert frame.header["CLDFRAC"] == fits.getheader(path)["CLDFRAC"]


def test_frames_do_not_depend_on_their_number() -> None:
    few, many = iris.simulate(3, seed=2), iris.simulate(10**6, seed=2)
    np.testing.assert_array_equal(few[2].data, many[2].data)
    assert len(many[5:10]) == 5
    assert iris.simulate(1, shape=(64, 80), truth_shape=(32, 40))[0].data.shape == (64, 80)


def test_a_frame_and_its_truth_are_a_mask_file(tmp_path: Path) -> None:
    frame = iris.simulate(1, sky="cloudy", seed=3)[0]
    frame.to_fits(tmp_path / "sky.fits")
    found = read_mask(tmp_path / "sky.fits")
    np.testing.assert_array_equal(found.frame, frame.data)
    np.testing.assert_array_equal(found.mask, frame.truth)
    fraction = f"cloud fraction {frame.truth.mean():.3f}"
    assert repr(frame) == f"SimulatedFrame(512x640, cloudy, {fraction})"


def test_its_ccddata_is_the_frame() -> None:
    frame = iris.simulate(1, sky="clear")[0]
    ccd = frame.to_ccddata()
    np.testing.assert_array_equal(ccd.data, frame.data)
    assert ccd.unit == units.adu
    assert not ccd.mask.any()
    assert ccd.header["DATE-OBS"] == frame.header["DATE-OBS"]
