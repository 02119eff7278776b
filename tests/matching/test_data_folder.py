"""What a folder of labelled frames is, and which of its masks belongs to a frame."""

from __future__ import annotations

from pathlib import Path

import pytest

from napari_iris.matching.data_folder import (
    data_kind,
    folder_of_truth,
    mask_names,
    mask_of_frame,
)


def write(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir() if name.endswith("/") else path.touch()
    return folder


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (("iris.db", "frames/a.fits", "truth/a_mask.fits"), "project"),
        (("frames/a.fits", "truth/a_mask.fits"), "simulation"),
        (("frames/a.fits",), "masks"),
        (("truth/a_mask.fits",), "masks"),
        (("iris.db/",), "masks"),
        (("a_mask.fits",), "masks"),
    ],
)
def test_a_folder_is_classified_by_what_lies_in_it(
    tmp_path: Path, names: tuple[str, ...], kind: str
) -> None:
    assert data_kind(write(tmp_path, *names)) == kind


def test_a_file_or_nothing_is_no_folder_of_data(tmp_path: Path) -> None:
    assert data_kind(write(tmp_path, "a.fits") / "a.fits") is None
    assert data_kind(tmp_path / "gone") is None


@pytest.mark.parametrize(
    ("names", "masks"),
    [
        (
            ("a_mask.fits", "b_mask.fit.gz", "c.fits", "d_pred.fits"),
            {"a_mask.fits", "b_mask.fit.gz"},
        ),
        (("c.fits", "d_pred.fits", "e.txt", ".f_mask.fits"), {"c.fits"}),
        (("d_pred.fits",), set()),
        (("truth/a_mask.fits",), set()),
    ],
)
def test_mask_files_are_those_named_so_else_all_fits_files(
    tmp_path: Path, names: tuple[str, ...], masks: set[str]
) -> None:
    assert set(mask_names(write(tmp_path, *names))) == masks


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("sky_1_mask.fits", "sky_1.fits"), "sky_1_mask.fits"),
        (("sky_1.fits",), "sky_1.fits"),
        (("truth/sky_1_mask.fits", "sky_1_mask.fits"), "truth/sky_1_mask.fits"),
        (("truth/", "sky_1_mask.fits"), None),
        (("sky_10_mask.fits",), None),
    ],
)
def test_the_mask_of_a_frame(tmp_path: Path, names: tuple[str, ...], found: str | None) -> None:
    folder = write(tmp_path, *names)
    assert mask_of_frame(Path("night/sky_1.fits"), folder) == (found and folder / found)


def test_a_simulated_frame_knows_the_folder_of_its_truth(tmp_path: Path) -> None:
    write(tmp_path, "frames/a.fits", "other/a.fits")
    assert folder_of_truth(tmp_path / "frames/a.fits") is None
    write(tmp_path, "truth/")
    assert folder_of_truth(tmp_path / "frames/a.fits") == tmp_path
    assert folder_of_truth(tmp_path / "other/a.fits") is None
