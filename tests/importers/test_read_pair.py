"""Images and truths of the published sets: correct values, or an error that names the file."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from napari_iris.errors import FileError, MaskError
from napari_iris.importers.find_pairs import find_pairs
from napari_iris.importers.fits_pairs import published_probability
from napari_iris.importers.image_pair import ImagePair, Layout
from napari_iris.importers.pictures import read_picture, to_grey, to_planes, to_ratio
from napari_iris.importers.read_pair import read_pair
from napari_iris.importers.truth_masks import truth_mask

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROWS, COLUMNS = 12, 16
GRADIENT = np.linspace(0, 255, ROWS * COLUMNS).astype(np.uint8).reshape(ROWS, COLUMNS)
PHOTO = np.stack([GRADIENT, GRADIENT[::-1], GRADIENT[:, ::-1]], axis=-1)
HALF = np.where(np.arange(COLUMNS) < 6, 0, 255).astype(np.uint8) + np.zeros((ROWS, 1), np.uint8)
HALF_MASK = (HALF // 255).astype(np.uint8)
FRAME = GRADIENT.astype(np.float32) + 600
MASK = HALF_MASK.astype(np.float32)

REAL: dict[str, tuple[Layout, int]] = {
    "swimseg": ("swimseg", 60),
    "swimseg_300": ("swimseg", 200),
    "swinseg": ("swinseg", 60),
    "hyta": ("hyta", 32),
    "wsiseg": ("wsiseg", 40),
}


def draw(path: Path, pixels: np.ndarray) -> Path:
    """Write a picture, JPG or PNG by the ending of its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, "JPEG" if path.suffix == ".jpg" else "PNG")
    return path


def read_truth(path: Path, layout: Layout) -> np.ndarray:
    return truth_mask(path, read_picture(path), layout)


@pytest.fixture
def pair(tmp_path: Path) -> ImagePair:
    """A photograph and its mask."""
    return ImagePair("1", draw(tmp_path / "1.png", PHOTO), draw(tmp_path / "1_GT.png", HALF), None)


def save_palette(path: Path) -> np.ndarray:
    """Write a palette picture of which much shines through; give its colours."""
    colours = np.array([[10, 20, 30], [200, 100, 50]], np.uint8)
    picture = Image.fromarray((HALF // 255).astype(np.uint8), "P")
    picture.putpalette(colours.ravel().tolist())
    picture.save(path, transparency=bytes([100, 200]))
    return colours[HALF // 255]


def save_alpha(path: Path) -> np.ndarray:
    draw(path, np.dstack([PHOTO, np.full_like(GRADIENT, 7)]))
    return PHOTO


def save_grey(path: Path) -> np.ndarray:
    draw(path, GRADIENT)
    return np.dstack([GRADIENT] * 3)


def save_grey_alpha(path: Path) -> np.ndarray:
    draw(path, np.dstack([GRADIENT, HALF]))
    return np.dstack([GRADIENT] * 3)


def save_16_bit(path: Path) -> np.ndarray:
    draw(path, GRADIENT.astype(np.uint16) * 256)
    return np.dstack([GRADIENT * (256 / 257)] * 3)


def save_1_bit(path: Path) -> np.ndarray:
    draw(path, HALF > 0)
    return np.dstack([HALF] * 3)


def save_colours(path: Path) -> np.ndarray:
    draw(path, PHOTO)
    return PHOTO


@pytest.mark.parametrize(
    "save",
    [save_palette, save_alpha, save_grey, save_grey_alpha, save_16_bit, save_1_bit, save_colours],
)
def test_pictures_of_every_kind_come_out_alike(
    tmp_path: Path, save: Callable[[Path], np.ndarray]
) -> None:
    path = tmp_path / "picture.png"
    expected = np.asarray(save(path), np.float64)
    colours = to_planes(read_picture(path))
    assert (colours.dtype, colours.flags.c_contiguous) == (np.float32, True)
    np.testing.assert_allclose(colours, np.moveaxis(expected, -1, 0), atol=1e-4)
    grey = to_grey(read_picture(path))
    red, green, blue = np.moveaxis(expected, -1, 0)
    assert grey.dtype == np.float32
    np.testing.assert_allclose(grey, 0.299 * red + 0.587 * green + 0.114 * blue, atol=1e-4)
    assert 0 <= grey.min() <= grey.max() <= 255


@pytest.mark.parametrize("brightness", [0.1, 1.0])
def test_cloud_is_brighter_than_blue_sky_in_the_ratio_however_bright(brightness: float) -> None:
    cloud, sky, black = (200, 200, 200), (60, 100, 180), (0, 0, 0)
    ratio = to_ratio(np.array([[cloud, sky, black]], np.float32) * np.float32(brightness))
    assert ratio.dtype == np.float32
    np.testing.assert_allclose(ratio, [[127.5, 255 * 60 / 240, 127.5]], rtol=1e-6)


def test_a_grey_picture_has_no_ratio(pair: ImagePair) -> None:
    draw(pair.image, GRADIENT)
    with pytest.raises(FileError, match="is grey, so it has no ratio .* --grey"):
        read_pair(pair, "swimseg", "ratio")


@pytest.mark.parametrize("ending", [".jpg", ".png"])
def test_an_exif_orientation_is_ignored(tmp_path: Path, ending: str) -> None:
    noted = Image.Exif()
    noted[274] = 6  # turn by 90 degrees to show
    pair = ImagePair("1", tmp_path / f"1{ending}", draw(tmp_path / "1_GT.png", HALF), None)
    Image.fromarray(PHOTO).save(pair.image, exif=noted)
    with Image.open(pair.image) as stored:
        assert stored.getexif()[274] == 6
    image, mask = read_pair(pair, "swimseg", "grey")
    assert image.shape == (ROWS, COLUMNS)
    np.testing.assert_array_equal(mask, HALF_MASK)


LEVELS: list[tuple[Layout, str, list[int], list[int] | None]] = [
    ("swimseg", "GTmaps/1_GT.png", [0, 255], [0, 1]),
    ("swimseg", "GTmaps/1_GT.png", [255, 255], [1, 1]),
    ("swimseg", "GTmaps/1_GT.png", [0, 1], None),
    ("swimseg", "GTmaps/1_GT.png", [0, 254, 255], None),
    ("wsiseg", "annotation/1", [0, 100, 255], [2, 0, 1]),
    ("wsiseg", "annotation/1", [0, 126, 255], None),
    ("hyta", "3GT/1_3GT.png", [0, 126, 255], [0, 1, 1]),
    ("hyta", "3GT/1.png", [0, 126], [0, 1]),
    ("hyta", "3GT/1_3GT.png", [0, 100, 255], None),
    ("hyta", "2GT/1_GT.png", [0, 12, 239, 255], [0, 0, 1, 1]),
    ("swinseg", "GTmaps/1_GT.png", [3, 127, 128] + 30 * [0, 255], [0, 0, 1] + 30 * [0, 1]),
    ("swinseg", "GTmaps/1_GT.png", [0, 90, 160, 255, 100, 130], None),
]


@pytest.mark.parametrize(("layout", "file", "levels", "values"), LEVELS)
def test_levels_are_sky_cloud_or_an_error(
    tmp_path: Path, layout: Layout, file: str, levels: list[int], values: list[int] | None
) -> None:
    shape = (6, len(levels))
    truth = draw(tmp_path / file, np.broadcast_to(np.array(levels, np.uint8), shape))
    if values is None:
        with pytest.raises(FileError, match=r"holds the value \d+|is not a two-level mask") as no:
            read_truth(truth, layout)
        assert no.value.path == truth
    else:
        mask = read_truth(truth, layout)
        np.testing.assert_array_equal(mask, np.broadcast_to(values, shape))
        assert mask.dtype == np.uint8


@pytest.mark.parametrize("colours", [[[0, 0, 0], [255, 255, 255]], [[0, 0, 0], [255, 0, 0]]])
def test_a_palette_mask_is_read_by_its_colours(tmp_path: Path, colours: list[list[int]]) -> None:
    picture = Image.fromarray(HALF_MASK, "P")
    picture.putpalette(np.ravel(colours).tolist())
    picture.save(tmp_path / "1_GT.png")
    if colours[1] == [255, 255, 255]:
        np.testing.assert_array_equal(read_truth(tmp_path / "1_GT.png", "swimseg"), HALF_MASK)
    else:
        with pytest.raises(FileError, match=r"1_GT.png: holds the value \[255.0, 0.0, 0.0\]"):
            read_truth(tmp_path / "1_GT.png", "swimseg")


def test_a_16_bit_mask_must_have_whole_levels(tmp_path: Path) -> None:
    truth = draw(tmp_path / "1", HALF.astype(np.uint16) * 257)
    np.testing.assert_array_equal(read_truth(truth, "swimseg"), HALF_MASK)
    draw(tmp_path / "1", np.full((ROWS, COLUMNS), 100 * 257 + 50, np.uint16))
    with pytest.raises(FileError, match=r"holds the value 100.2 \(192 pixels are wrong\)"):
        read_truth(truth, "wsiseg")


def test_a_dark_photograph_is_not_taken_for_a_mask(pair: ImagePair) -> None:
    draw(pair.image, PHOTO // 16)
    image, mask = read_pair(pair, "swimseg", "grey")
    assert image.max() < 16
    np.testing.assert_array_equal(mask, HALF_MASK)


def test_a_mask_of_another_shape_is_refused(pair: ImagePair, tmp_path: Path) -> None:
    draw(tmp_path / "1_GT.png", np.ascontiguousarray(HALF.T))
    with pytest.raises(FileError, match=r"has shape \(12, 16\), and its truth") as no:
        read_pair(pair, "swimseg", "rgb")
    assert str(no.value).startswith(f"{pair.image}: ")
    assert f"{pair.truth} has (16, 12)" in str(no.value)


@pytest.mark.parametrize("kept", [0, 8, 60, 200])
@pytest.mark.parametrize("broken", ["1.png", "1_GT.png"])
def test_a_damaged_picture_is_an_error(
    tmp_path: Path, pair: ImagePair, kept: int, broken: str
) -> None:
    path = draw(tmp_path / broken, np.random.default_rng(0).integers(0, 255, PHOTO.shape, "u1"))
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(FileError, match=r"is damaged or not a picture .*; copy it again") as no:
        read_pair(pair, "swimseg", "grey")
    assert no.value.path == path
    assert str(no.value).isprintable(), "one line"
    path.unlink()
    with pytest.raises(FileError, match="does not exist; check the name"):
        read_pair(pair, "swimseg", "grey")


def write_units(path: Path, *arrays: np.ndarray, names: tuple[str, ...] = ()) -> Path:
    """Write a FITS file of one unit an array; the units after the first may have names."""
    named = (*names, *(len(arrays) - 1 - len(names)) * [""])
    units = [fits.ImageHDU(array, name=name) for array, name in zip(arrays[1:], named, strict=True)]
    fits.HDUList([fits.PrimaryHDU(arrays[0]), *units]).writeto(path)
    return path


def test_a_frame_and_mask_of_different_shapes_are_an_error(tmp_path: Path) -> None:
    path = write_units(tmp_path / "a.fits", FRAME, MASK.T, names=("MASK",))
    [pair], _ = find_pairs(tmp_path, "iris")
    with pytest.raises(FileError, match=rf"{path}: has shape \(12, 16\), and its truth {path}"):
        read_pair(pair, "iris", "grey")
    path.write_bytes(path.read_bytes()[:2880])
    with pytest.raises(MaskError, match="holds no mask"):
        read_pair(pair, "iris", "grey")


@pytest.mark.parametrize(
    ("units", "unit_names", "expected"),
    [
        ((FRAME, MASK, MASK / 2), (), "values"),
        ((FRAME[..., None], MASK[..., None], MASK[..., None] / 2), (), "values"),
        ((FRAME, MASK, (MASK / 2).astype(">f8")), ("MASK", "PROB"), "values"),
        ((FRAME, MASK), (), "none"),
        ((FRAME, MASK, MASK), ("MASK", "DARK"), "none"),
        ((FRAME, MASK, MASK * 1.1), (), "error"),
        ((FRAME, MASK, MASK - 0.1), (), "error"),
        ((FRAME, MASK, MASK * np.nan), (), "error"),
        ((FRAME, MASK, MASK.T), (), "error"),
    ],
)
def test_a_probability_has_one_value_per_pixel(
    tmp_path: Path,
    units: tuple[np.ndarray, ...],
    unit_names: tuple[str, ...],
    expected: Literal["values", "none", "error"],
) -> None:
    path = write_units(tmp_path / "a.fits", *units, names=unit_names)
    if expected == "error":
        with pytest.raises(FileError, match="is not a probability for each pixel") as no:
            published_probability(path)
        assert no.value.path == path
    elif expected == "none":
        assert published_probability(path) is None
    else:
        found = published_probability(path)
        assert found is not None
        np.testing.assert_array_equal(found, MASK / 2, strict=True)


def test_a_missing_file_has_no_probability(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"gone.fits: cannot be read .*; copy it again"):
        published_probability(tmp_path / "gone.fits")


def independent_mask(path: Path, layout: Layout) -> np.ndarray:
    """Read a truth with another library, by the sets' own descriptions."""
    from skimage.io import imread

    stored = imread(BytesIO(path.read_bytes()))
    if layout == "wsiseg":
        return np.select([stored == 255, stored == 100, stored == 0], [1, 0, 2], 9)
    return stored > 127


@pytest.mark.slow
@pytest.mark.parametrize("folder", REAL)
def test_real_masks_are_on_the_clouds_of_their_images(shared_data: Path, folder: str) -> None:
    """Clouds are redder than the sky beside them: so the pairs and the levels are right.

    Masks of other images of the same set do so in half to eight tenths of the cases.
    """
    layout, _ = REAL[folder]
    redder = []
    for pair in find_pairs(shared_data / folder, layout)[0]:
        image, mask = read_pair(pair, layout, "rgb")
        assert pair.truth is not None
        assert mask is not None
        np.testing.assert_array_equal(mask, independent_mask(pair.truth, layout))
        assert image.shape == (3, *mask.shape)
        assert 0 <= image.min() < image.max() <= 255
        ratio = image[0] / (image[2] + 1)
        if np.bincount(mask.ravel(), minlength=2)[:2].min() > 100:
            redder.append(np.median(ratio[mask == 1]) > np.median(ratio[mask == 0]))
    assert len(redder) >= 0.8 * REAL[folder][1]
    assert np.mean(redder) > 0.95


def test_three_real_levels_agree_with_two(shared_data: Path) -> None:
    agree = []
    for pair in find_pairs(shared_data / "hyta", "hyta")[0]:
        assert pair.truth is not None
        three = shared_data / "hyta" / "3GT" / f"{pair.name}_3GT.png"
        agree.append(read_truth(pair.truth, "hyta") == read_truth(three, "hyta"))
    assert np.concatenate([same.ravel() for same in agree]).mean() == pytest.approx(0.936, abs=5e-4)


@pytest.mark.slow
def test_real_masked_frames(shared_data: Path) -> None:
    pairs, problems = find_pairs(shared_data / "lwir", "iris")
    assert (len(pairs), problems) == (200, [])
    cut = 0
    for pair in pairs[60:80]:
        frame, mask = read_pair(pair, "iris", "grey")
        probability = published_probability(pair.image)
        with fits.open(pair.image) as units:
            stored = [np.asarray(unit.data)[..., 0] for unit in units]
        np.testing.assert_array_equal(frame, stored[0])
        np.testing.assert_array_equal(mask, stored[1] > 0.5)
        np.testing.assert_array_equal(probability, stored[2])
        cut += bool(stored[1].min() < -0.1)
    assert cut == 6, "masks with values that interpolation left"
