"""Whatever is taken as a frame gives the same mask; what is not one is refused in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy import units
from astropy.io import fits
from astropy.nddata import CCDData, NDData

import napari_iris as iris
from napari_iris.labels import IGNORE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SKY = iris.simulate(1, sky="cloudy", seed=3)[0]
HIDDEN = np.arange(640) < np.full((512, 1), 80)
"""The left eighth of the frame, as behind a building."""

WORLD = {
    "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRPIX1": 320.5, "CRPIX2": 256.5,
    "CDELT1": -0.01, "CDELT2": 0.01,
}  # fmt: skip

FRAMES: dict[str, Callable[[Path], Any]] = {
    "path": lambda path: path,
    "text": str,
    "array": lambda _: SKY.data,
    "float64": lambda _: SKY.data.astype(np.float64),
    "big-endian": lambda _: SKY.data.astype(">i2"),
    "thin axes": lambda _: SKY.data[:, :, None],
    "Frame": iris.read_frame,
    "SimulatedFrame": lambda _: SKY,
    "NDData": lambda _: NDData(SKY.data),
    "CCDData": lambda _: CCDData(SKY.data, unit="adu", meta=SKY.header),
    "CCDData in kadu": lambda _: CCDData(SKY.data / 1000, unit="kadu"),
    "Quantity": lambda _: SKY.data * units.ct,
    "mask without masked": lambda _: np.ma.MaskedArray(SKY.data),
}
MASKED: dict[str, Callable[[], Any]] = {
    "masked array": lambda: np.ma.MaskedArray(SKY.data, mask=HIDDEN),
    "NDData": lambda: NDData(SKY.data, mask=HIDDEN),
    "CCDData": lambda: CCDData(SKY.data, unit="adu", mask=HIDDEN),
    "NaN": lambda: np.where(HIDDEN, np.nan, SKY.data),
    "Frame": lambda: iris.read_frame(np.ma.MaskedArray(SKY.data, mask=HIDDEN)),
}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("night") / "sky.fits"
    fits.writeto(file, SKY.data, SKY.header)
    return file


@pytest.fixture(scope="module")
def expected() -> iris.CloudMask:
    return iris.mask(SKY)


@pytest.mark.parametrize("name", FRAMES)
def test_any_frame_gives_the_same_mask(name: str, path: Path, expected: iris.CloudMask) -> None:
    made = iris.mask(FRAMES[name](path))
    assert np.mean(made.mask != expected.mask) < (1e-3 if "kadu" in name else 1e-9)
    assert made.sky == expected.sky


@pytest.mark.parametrize("name", MASKED)
def test_masked_pixels_are_ignored(name: str) -> None:
    made = iris.mask(MASKED[name]())
    assert (made.mask[:, :20] == IGNORE).all()
    assert not (made.mask[:, 20:] == IGNORE).any()
    np.testing.assert_array_equal(made.mask, iris.mask(MASKED["NaN"]()).mask)
    np.testing.assert_array_equal(made.to_ccddata().mask, made.mask == IGNORE)


def test_header_and_world_coordinates_go_through() -> None:
    ccd = CCDData(SKY.data, unit="adu", meta={**WORLD, "CAMERA": "TAU2"})
    made = iris.mask(iris.read_frame(ccd).to_ccddata()).to_ccddata()
    assert made.header["CAMERA"] == "TAU2"
    assert made.wcs.wcs.crpix.tolist() == [80.5, 64.5]


@pytest.mark.parametrize("unit", ["Jy", "K", "electron", "deg_C", "W m-2"])
@pytest.mark.parametrize("kind", ["CCDData", "Quantity", "BUNIT"])
def test_units_that_are_no_counts_are_refused(unit: str, kind: str) -> None:
    frame = {
        "CCDData": lambda: CCDData(SKY.data, unit=unit),
        "Quantity": lambda: units.Quantity(SKY.data, unit),
        "BUNIT": lambda: iris.Frame(np.float32(SKY.data), fits.Header({"BUNIT": unit})),
    }[kind]()
    with pytest.raises(iris.IrisError, match=r"^unit .*: expected counts \(.*plain array$"):
        iris.mask(frame)
    assert iris.read_frame(frame).to_ccddata().unit == units.Unit(unit), "it can be looked at"


@pytest.mark.parametrize(
    ("source", "error", "text"),
    [
        (np.zeros((3, 12, 16)), iris.IrisError, r"has shape \(3, 12, 16\); give one frame"),
        (np.zeros(12), iris.IrisError, r"has shape \(12,\)"),
        (np.zeros((0, 4)), iris.IrisError, r"has shape \(0, 4\)"),
        (np.zeros((12, 16), complex), iris.IrisError, "holds complex128 values"),
        (np.full((12, 16), "a"), iris.IrisError, "holds <U1 values"),
        (7, TypeError, "expected a file, an array, .* received <class 'int'>"),
        ("nowhere.fits", iris.IrisError, "nowhere.fits: does not exist"),
    ],
)
def test_what_is_not_a_frame_is_refused(source: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text) as raised:
        iris.mask(source)
    assert "\n" not in str(raised.value)


def test_a_plane_is_of_a_file(path: Path) -> None:
    with pytest.raises(TypeError, match="hdu and plane choose an image of a file"):
        iris.read_frame(SKY.data, plane=0)
    with pytest.raises(iris.IrisError, match="has no plane 3"):
        iris.read_frame(path, plane=3)


@pytest.mark.parametrize("kind", [list, tuple, iter])
def test_several_frames_give_a_list(kind: Callable[..., Any], path: Path) -> None:
    frames = kind([path, SKY.data, SKY])
    made = iris.mask(frames)
    assert isinstance(made, list)
    assert [one.sky for one in made] == ["cloudy"] * 3


def test_lazy_frames_give_lazy_results() -> None:
    made = iris.mask(iris.simulate(10**6, sky="clear"))
    assert len(made) == 10**6
    assert repr(made) == "Results(1000000, computed when indexed)"
    assert made[-1].sky == "clear"
    assert [one.sky for one in made[3:5]] == ["clear", "clear"]
    assert next(iter(made)).mask.shape == (128, 160)
    with pytest.raises(IndexError):
        made[10**6]
