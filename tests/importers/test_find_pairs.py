"""Pairs of the published sets: every image has its own truth, and mismatches are reported."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, get_args

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from napari_iris.errors import FileError, IrisError
from napari_iris.importers.find_pairs import find_pairs
from napari_iris.importers.folders import SetError
from napari_iris.importers.image_pair import ImagePair, Layout
from napari_iris.importers.pictures import read_picture
from napari_iris.importers.read_pair import read_pair
from napari_iris.masks.mask_file import write_mask

if TYPE_CHECKING:
    from pathlib import Path

ROWS, COLUMNS = 12, 16
GRADIENT = np.linspace(0, 255, ROWS * COLUMNS).astype(np.uint8).reshape(ROWS, COLUMNS)
PHOTO = np.stack([GRADIENT, GRADIENT[::-1], GRADIENT[:, ::-1]], axis=-1)
HALF = np.where(np.arange(COLUMNS) < 6, 0, 255).astype(np.uint8) + np.zeros((ROWS, 1), np.uint8)
HALF_MASK = (HALF // 255).astype(np.uint8)

SAMPLES: dict[Layout, tuple[str, str]] = {
    "swimseg": ("images/{}.png", "GTmaps/{}_GT.png"),
    "swinseg": ("images/{}.jpg", "GTmaps/{}_GT.jpg"),
    "hyta": ("images/{}.jpg", "2GT/{}_GT.jpg"),
    "wsiseg": ("images/{}", "annotation/{}"),
}
REAL: dict[str, tuple[Layout, int]] = {
    "swimseg": ("swimseg", 60),
    "swimseg_300": ("swimseg", 200),
    "swinseg": ("swinseg", 60),
    "hyta": ("hyta", 32),
    "wsiseg": ("wsiseg", 40),
}


def draw(path: Path, pixels: np.ndarray) -> Path:
    """Write a picture; without an ending it is PNG, as JPG it is lossy."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = "JPEG" if path.suffix.lower() in (".jpg", ".jpeg") else "PNG"
    Image.fromarray(pixels).save(path, kind)
    return path


def make_set(root: Path, layout: Layout, *names: str) -> Path:
    """Write a set of one photograph and its mask a name."""
    image, truth = SAMPLES[layout]
    levels = {"wsiseg": np.where(HALF == 255, 255, 100).astype(np.uint8)}
    for name in names:
        draw(root / image.format(name), PHOTO)
        draw(root / truth.format(name), levels.get(layout, HALF))
    return root


def names(pairs: list[ImagePair]) -> list[str]:
    return [pair.name for pair in pairs]


def test_a_layout_is_one_of_six() -> None:
    assert set(get_args(Layout)) == {*SAMPLES, "swimcat", "iris"}
    assert issubclass(SetError, FileError)
    assert issubclass(FileError, IrisError)


@pytest.mark.parametrize("layout", SAMPLES)
def test_pairs_are_in_natural_order(tmp_path: Path, layout: Layout) -> None:
    make_set(tmp_path, layout, "B10", "B2", "B1")
    pairs, problems = find_pairs(tmp_path, layout)
    assert names(pairs) == ["B1", "B2", "B10"]
    assert problems == []
    image, truth = SAMPLES[layout]
    assert pairs[1] == ImagePair(
        "B2", tmp_path / image.format("B2"), tmp_path / truth.format("B2"), None
    )
    for pair in pairs:
        picture, mask = read_pair(pair, layout, "rgb")
        assert (picture.shape, picture.dtype) == ((3, ROWS, COLUMNS), np.float32)
        np.testing.assert_array_equal(mask, HALF_MASK, strict=True)


def test_pairs_are_made_by_name_and_not_by_position(tmp_path: Path) -> None:
    """One truth is missing and one too many: sorted lists of equal length would pair wrongly."""
    make_set(tmp_path, "swimseg", "1", "2", "3", "4")
    (tmp_path / "GTmaps" / "2_GT.png").unlink()
    (tmp_path / "images" / "4.png").unlink()
    pairs, problems = find_pairs(tmp_path, "swimseg")
    assert [(pair.image.name, pair.truth and pair.truth.name) for pair in pairs] == [
        ("1.png", "1_GT.png"),
        ("3.png", "3_GT.png"),
    ]
    assert {problem.path.name: problem.reason for problem in problems} == {
        "2.png": "has no truth of the same name",
        "4_GT.png": "has no image of the same name",
    }
    assert [problem.fix for problem in problems] == [
        "add its image, or remove it",
        "add its truth, or remove it",
    ]


@pytest.mark.parametrize(
    ("layout", "moves"),
    [
        ("swimseg", {"images": "Images", "GTmaps": "gtmaps"}),
        ("swimseg", {"images": "IMAGES", "GTmaps": "GT_Maps"}),
        ("swimseg", {"images": "SWIMSEG/images", "GTmaps": "SWIMSEG/GTmaps"}),
        ("swinseg", {"images": "data/swinseg/images", "GTmaps": "data/swinseg/GTmaps"}),
        ("hyta", {"images": "HYTA-master/images", "2GT": "HYTA-master/2gt"}),
        ("hyta", {"2GT": "3GT"}),
        ("wsiseg", {"images": "whole sky images"}),
        ("wsiseg", {"images": "Whole-Sky-Images", "annotation": "Annotations"}),
    ],
)
def test_a_set_is_found_in_an_unpacked_archive(
    tmp_path: Path, layout: Layout, moves: dict[str, str]
) -> None:
    make_set(tmp_path, layout, "B1", "B2")
    for old, new in moves.items():
        (tmp_path / new).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / old).rename(tmp_path / new)
    for sample in SAMPLES[layout]:
        draw(tmp_path / "__MACOSX" / sample.format("B3"), PHOTO)
    pairs, problems = find_pairs(tmp_path, layout)
    assert (names(pairs), problems) == (["B1", "B2"], [])


def test_other_files_are_ignored(tmp_path: Path) -> None:
    make_set(tmp_path, "swimseg", "1")
    for name in ("metadata.csv", "images/Thumbs.db", "images/.DS_Store", "GTmaps/._1_GT.png"):
        (tmp_path / name).write_bytes(b"not a picture")
    assert [*map(len, find_pairs(tmp_path, "swimseg"))] == [1, 0]


def test_endings_and_case_of_names_are_ignored(tmp_path: Path) -> None:
    draw(tmp_path / "images" / "d0001.JPG", PHOTO)
    draw(tmp_path / "GTmaps" / "D0001.png", HALF)
    draw(tmp_path / "images" / "b7.PNG", PHOTO)
    draw(tmp_path / "GTmaps" / "B7_gt.png", HALF)
    pairs, problems = find_pairs(tmp_path, "swimseg")
    assert (names(pairs), problems) == (["b7", "d0001"], [])


@pytest.mark.parametrize("second", ["images/1.jpg", "GTmaps/1.png"])
def test_two_files_of_one_name_are_reported(tmp_path: Path, second: str) -> None:
    make_set(tmp_path, "swimseg", "1")
    draw(tmp_path / second, PHOTO)
    pairs, [problem] = find_pairs(tmp_path, "swimseg")
    assert names(pairs) == ["1"]
    assert problem.path.parent.name == second.partition("/")[0]
    assert re.fullmatch(
        r"has the same name as 1(_GT)?\.\w+, except for case or ending", problem.reason
    )


def test_two_levels_are_preferred_to_three(tmp_path: Path) -> None:
    make_set(tmp_path, "hyta", "B1", "B2")
    for name in ("B1", "B2", "B3"):
        draw(tmp_path / "3GT" / f"{name}_3GT.png", np.roll(HALF, 2, axis=1))
    (tmp_path / "2GT" / "B2_GT.jpg").unlink()
    pairs, problems = find_pairs(tmp_path, "hyta")
    assert [pair.truth and pair.truth.name for pair in pairs] == ["B1_GT.jpg", "B2_3GT.png"]
    assert [problem.path.name for problem in problems] == ["B3_3GT.png"]


def wrong_folders(root: Path) -> dict[str, tuple[Path, Layout, str]]:
    """Folders that are not a set, or another: the folder, the layout, and part of the message."""
    make_set(root / "many" / "one", "swimseg", "1")
    make_set(root / "many" / "two", "swimseg", "1")
    make_set(root / "night", "swinseg", "1")
    make_set(root / "renamed", "swimseg", "1").joinpath("images/1.png").rename(
        root / "renamed/images/9.png"
    )
    draw(root / "picture.png", PHOTO)
    draw(root / "A-sky" / "A_1img.png", PHOTO)
    fits.PrimaryHDU(HALF).writeto(root / "frame.fits")
    return {
        "not there": (root / "gone", "hyta", "gone: does not exist; check the name"),
        "a file": (root / "picture.png", "hyta", "picture.png: is not a folder; unpack the set"),
        "another set": (root / "night", "hyta", "holds no folders images/ and 2GT/, the hyta"),
        "another's folders": (root / "night", "wsiseg", "no folders images/ and annotation/"),
        "the night set": (root / "night", "swimseg", "whose masks are PNG; is it swinseg?"),
        "the day set": (root / "many/one", "swinseg", "whose masks are JPG; is it swimseg?"),
        "several sets": (root / "many", "swimseg", "several such sets: one, two; give one of them"),
        "no pairs": (root / "renamed", "swimseg", "1 images and 1 truths without a common name"),
        "no classes": (root / "night", "swimcat", "holds no folders A-sky to E-veil with pictures"),
        "one class": (root / "A-sky", "swimcat", "holds no folders A-sky to E-veil"),
        "frames alone": (root, "iris", "holds no FITS file with a mask in HDU 1"),
    }


@pytest.mark.parametrize(
    "case",
    [
        "not there", "a file", "another set", "another's folders", "the night set", "the day set",
        "several sets", "no pairs", "no classes", "one class", "frames alone",
    ],
)  # fmt: skip
def test_a_folder_that_is_not_that_set_is_one_error(tmp_path: Path, case: str) -> None:
    source, layout, message = wrong_folders(tmp_path)[case]
    with pytest.raises(SetError) as raised:
        find_pairs(source, layout)
    assert message in str(raised.value)
    assert str(raised.value).startswith(f"{source}: ")
    assert str(raised.value).isprintable(), "one line"


def test_patches_have_the_class_of_their_folder(tmp_path: Path) -> None:
    for file in (
        "A-sky/images/A_10img.png", "A-sky/images/A_2img.png", "B-pattern/images/B_1img.png",
        "C-thick-dark/C_1img.png", "d thick white/1img.png", "E/images/e_1img.png",
        "F-fog/images/F_1img.png", "A-sky/A_info.csv",
    ):  # fmt: skip
        draw(tmp_path / "swimcat" / file, PHOTO)
    pairs, problems = find_pairs(tmp_path, "swimcat")
    assert {pair.name: pair.frame_class for pair in pairs} == {
        "A_2img": "clear",
        "A_10img": "clear",
        "B_1img": "cloudy",
        "C_1img": "cloudy",
        "D_1img": "cloudy",
        "e_1img": "cloudy",
    }
    assert names(pairs)[:2] == ["A_2img", "A_10img"]
    assert problems == []
    image, mask = read_pair(pairs[0], "swimcat", "grey")
    assert image.shape == (ROWS, COLUMNS)
    assert mask is None


@pytest.mark.parametrize("layout", SAMPLES)
@pytest.mark.parametrize("whole", [True, False])
def test_swapped_folders_are_an_error(tmp_path: Path, layout: Layout, whole: bool) -> None:
    """Files moved from folder to folder, or their names exchanged as well."""
    make_set(tmp_path, layout, "1", "2")
    image, truth = SAMPLES[layout]
    one, two = tmp_path / image.split("/")[0], tmp_path / truth.split("/")[0]
    one.rename(tmp_path / "aside")
    two.rename(one)
    (tmp_path / "aside").rename(two)
    if whole:
        for path in one.iterdir():
            path.rename(tmp_path / image.format(path.name[0]))
        for path in two.iterdir():
            path.rename(tmp_path / truth.format(path.name[0]))
    pairs, problems = find_pairs(tmp_path, layout)
    assert (names(pairs), problems) == (["1", "2"], [])
    with pytest.raises(FileError, match="looks like a mask, and its truth .* a photograph") as no:
        read_pair(pairs[0], layout, "grey")
    assert str(pairs[0].image) in str(no.value)
    assert str(pairs[0].truth) in str(no.value)


def write_units(path: Path, *arrays: np.ndarray, name: str = "") -> None:
    """Write a FITS file of one unit an array; the units after the first are called `name`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    units = [fits.ImageHDU(array, name=name) for array in arrays[1:]]
    fits.HDUList([fits.PrimaryHDU(arrays[0]), *units]).writeto(path)


FRAME = GRADIENT.astype(np.float32) + 600
MASK = HALF_MASK.astype(np.float32)


def test_masked_frames_are_their_own_truth(tmp_path: Path) -> None:
    night = tmp_path / "night"
    write_units(night / "sky_10.fits", FRAME[..., None], MASK[..., None], MASK[..., None])
    write_units(night / "sky_3_pred.fits", FRAME, MASK, name="PROB")
    write_units(night / "sky_2.fits", FRAME)  # its mask lies beside it
    write_mask(night / "sky_2_mask.fits", FRAME, HALF_MASK, fits.Header(), {})
    write_units(night / "sky_4.fits", FRAME)
    (night / "sky_5.fits").write_bytes(b"SIMPLE  =")
    pairs, problems = find_pairs(tmp_path, "iris")
    assert names(pairs) == ["sky_2", "sky_10"]
    assert all(pair.image == pair.truth for pair in pairs)
    assert [problem.path.name for problem in problems] == [
        "sky_3_pred.fits",
        "sky_4.fits",
        "sky_5.fits",
    ]
    assert {problem.reason for problem in problems} == {"holds no mask in HDU 1"}
    for pair in pairs:
        for colour in ("grey", "rgb"):
            frame, mask = read_pair(pair, "iris", colour)
            np.testing.assert_array_equal(frame, FRAME, strict=True)
            np.testing.assert_array_equal(mask, HALF_MASK, strict=True)


@pytest.mark.parametrize("folder", REAL)
def test_the_real_sets_are_complete(shared_data: Path, folder: str) -> None:
    layout, count = REAL[folder]
    pairs, problems = find_pairs(shared_data / folder, layout)
    assert (len(pairs), problems) == (count, [])
    assert len(set(names(pairs))) == count
    for pair in pairs:
        assert pair.truth is not None
        assert pair.image.name.split(".")[0] == pair.truth.name.split(".")[0].removesuffix("_GT")
    numbers = [[int(digits) for digits in re.findall(r"\d+", pair.name)] for pair in pairs]
    assert [pair.name[0] for pair in pairs] == sorted(pair.name[0] for pair in pairs)
    if folder != "hyta":
        assert numbers == sorted(numbers)


def test_three_real_levels_are_a_set_of_their_own(shared_data: Path, tmp_path: Path) -> None:
    for name in ("images", "3GT"):
        (tmp_path / name).symlink_to(shared_data / "hyta" / name)
    pairs, problems = find_pairs(tmp_path, "hyta")
    assert (len(pairs), problems) == (32, [])
    assert [names(pairs)[place] for place in (0, 1, 9, 14)] == ["B1", "B2", "B10", "C1"]


def test_real_patches_have_their_class(shared_data: Path) -> None:
    pairs, problems = find_pairs(shared_data / "swimcat", "swimcat")
    assert problems == []
    assert Counter(pair.name[0] for pair in pairs) == {"A": 60, "B": 60, "C": 59, "D": 60, "E": 59}
    assert len({pair.name for pair in pairs}) == 298
    assert {(pair.image.parts[-3][0], pair.frame_class) for pair in pairs} == {
        ("A", "clear"),
        *((letter, "cloudy") for letter in "BCDE"),
    }
    assert read_picture(pairs[0].image).shape == (125, 125, 3)
