"""The frame that a prediction was made from: by its file, its pixels, or its name."""

from __future__ import annotations

import pytest

from napari_iris.matching.frame_index import FrameIndex

A, B, C, D = (bytes([number]) * 16 for number in range(4))
PATHS = ["/one/sky_1.fits", "/one/sky_2.fits", "/two/sky_1.fits", "/two/copy_of_sky_2.fits"]
HASHES = [A, B, C, B]


def find(path: str, name: str, pixels: bytes | None, *, originals: bool) -> list[int]:
    index = FrameIndex(PATHS, HASHES, originals=originals)
    return index.find(path, name, lambda: "" if pixels is None else pixels.hex())


@pytest.mark.parametrize(
    ("path", "name", "pixels", "rows"),
    [
        ("/one/sky_1.fits", "sky_1", A, [0]),
        ("/one/sky_1.fits", "sky_1", C, [2]),
        ("/one/sky_1.fits", "sky_1", D, []),
        ("/two/copy_of_sky_2.fits", "sky_2", B, [3]),
        ("/moved/sky_2.fits", "sky_2", B, [1]),
        ("/two/sky_1.fits", "sky_1", None, [2]),
        ("/moved/sky_2.fits", "sky_2", None, []),
        ("", "sky_2", None, [1]),
        ("", "sky_1", None, [0, 2]),
        ("", "sky_3", None, []),
    ],
    ids=[
        "path and pixels",
        "overwritten since: the pixels decide",
        "overwritten since, and gone",
        "of two copies, the one at the path",
        "moved: by its pixels",
        "an old prediction: by its path",
        "an old prediction of another frame",
        "an old table: by its name",
        "an old table, and namesakes",
        "an old table of another frame",
    ],
)
def test_among_the_files_that_were_predicted_pixels_and_path_are_conclusive(
    path: str, name: str, pixels: bytes | None, rows: list[int]
) -> None:
    assert find(path, name, pixels, originals=True) == rows


@pytest.mark.parametrize(
    ("path", "name", "pixels", "rows"),
    [
        ("/one/sky_1.fits", "sky_1", D, [0]),
        ("/raw/sky_2.fits", "sky_2", D, [1]),
        ("/raw/sky_2.fits", "sky_2", None, [1]),
        ("/raw/sky_1.fits", "sky_1", C, [2]),
        ("/raw/sky_1.fits", "sky_1", D, [0, 2]),
        ("/raw/sky_1.fits", "sky_1", None, [0, 2]),
        ("", "sky_3", A, []),
    ],
    ids=[
        "by its path, whatever the pixels: they may be binned",
        "by its name",
        "an old prediction: by its name",
        "of namesakes, the one with its pixels",
        "namesakes of other pixels",
        "namesakes of unknown pixels",
        "another name, whatever the pixels",
    ],
)
def test_among_copies_elsewhere_the_name_decides(
    path: str, name: str, pixels: bytes | None, rows: list[int]
) -> None:
    assert find(path, name, pixels, originals=False) == rows


def test_files_are_read_for_their_pixels_only_where_these_decide() -> None:
    index = FrameIndex(PATHS, HASHES)

    def read() -> str:
        pytest.fail("read")

    assert index.find("/one/sky_1.fits", "sky_1", read) == [0]
    assert index.find("/raw/sky_2.fits", "sky_2", read) == [1]


def test_masks_and_predictions_have_the_name_of_their_frame() -> None:
    index = FrameIndex(["/truth/sky_1_mask.fits", "/truth/sky_2_mask.fits.gz"])
    assert index.find("", "sky_2", str) == [1]
    assert index.named("sky_1_mask") == []


def test_listed_frames_are_found_by_their_paths_without_reading_any() -> None:
    index = FrameIndex(PATHS)
    found = index.places(["/two/sky_1.fits", "/gone/sky_2.fits"], lambda *_: pytest.fail("read"))
    assert found.tolist() == [2, -1]


def test_a_moved_folder_is_found_by_names_and_one_frame_of_each_folder() -> None:
    index = FrameIndex([f"/new/sky_{number}.fits" for number in range(4)])
    files = ["/a/sky_2.fits", "/b/sky_3.fits", "/a/other.fits", "/a/sky_1.fits", "/b/sky_0.fits"]
    asked = []

    def is_same(number: int, row: int) -> bool:
        asked.append((number, row))
        return files[number].startswith("/a")

    assert index.places(files, is_same).tolist() == [2, -1, -1, 1, -1]
    assert asked == [(0, 2), (1, 3)], "the first frame of each folder that has a namesake here"
