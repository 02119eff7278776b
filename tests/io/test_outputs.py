"""A command replaces only what it made itself, for the same input; a frame never."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.errors import FileError
from napari_iris.io.fits_files import write_fits
from napari_iris.io.outputs import Mark, check_output

if TYPE_CHECKING:
    from collections.abc import Callable

PIXELS = np.arange(20 * 30, dtype=np.float32).reshape(20, 30)
MARK = Mark("rebin", "/night/sky_1.fits", "2024-01-15T18:00:00")
LONG = Mark("rebin", f"/{'deep folder/' * 40}caf\udce9.fits")


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Path]:
    """Write a file with a mark, and any other cards."""

    def write(mark: Mark | None, **cards: str) -> Path:
        path = tmp_path / "sky_1.fits"
        write_fits(path, [(PIXELS, fits.Header(cards))], mark=mark)
        return path

    return write


def refused(path: Path, mark: Mark, **options: object) -> str:
    with pytest.raises(FileError) as caught:
        check_output(path, mark, **options)
    assert caught.value.path == path
    return f"{caught.value.reason}; {caught.value.fix}"


@pytest.mark.parametrize("mark", [MARK, LONG])
def test_a_file_of_the_same_command_and_input_is_replaced(
    made: Callable[..., Path], mark: Mark
) -> None:
    check_output(made(mark), mark)


def test_nothing_is_in_the_way_of_a_new_file(tmp_path: Path) -> None:
    check_output(tmp_path / "new.fits", MARK)


def test_the_mark_of_the_input_is_not_that_of_the_product(made: Callable[..., Path]) -> None:
    first = fits.getheader(made(Mark("mask", LONG.source)))
    write_fits(made(MARK), [(PIXELS, first)], mark=MARK)
    check_output(made(MARK), MARK)
    assert [*fits.getheader(made(MARK))].count("IRISCMD") == 1


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (Mark("rebin", "/other/sky_1.fits", MARK.time), "was made from other input"),
        (Mark("rebin", MARK.source, "2024-01-16T18:00:00"), "was made from other input"),
        (Mark("predict", MARK.source, MARK.time), "was not made by napari-iris rebin"),
    ],
)
def test_other_products_are_replaced_only_on_request(
    made: Callable[..., Path], other: Mark, reason: str
) -> None:
    path = made(other)
    assert refused(path, MARK) == f"{reason}; choose another --out, or give --overwrite"
    check_output(path, MARK, overwrite=True)


def test_a_frame_that_was_moved_is_known_by_its_pixels(made: Callable[..., Path]) -> None:
    path = made(Mark("rebin", "/moved/sky_1.fits", MARK.time))
    check_output(path, MARK, pixels=PIXELS)
    assert "other input" in refused(path, MARK, pixels=PIXELS + 1)


def test_a_file_that_was_edited_is_not_the_commands_any_more(made: Callable[..., Path]) -> None:
    path = made(MARK)
    with fits.open(path, mode="update") as units:
        units[0].data[3, 4] = 7
    assert "has been changed since it was made" in refused(path, MARK)
    check_output(path, MARK, overwrite=True)


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("content", ["frame", "simulated", "text", "cut short"])
def test_a_frame_is_never_replaced(
    made: Callable[..., Path], content: str, *, overwrite: bool
) -> None:
    path = made(Mark("simulate", "seed 1") if content == "simulated" else None, CAMERA="TAU2")
    if content == "text":
        path.write_text("no FITS, but perhaps all that is left of one")
    if content == "cut short":
        path.write_bytes(path.read_bytes()[:1000])
    message = refused(path, MARK, overwrite=overwrite)
    assert message == "may be a frame, which is never replaced; choose another --out"


def test_a_simulated_frame_is_replaced_by_its_own_command(made: Callable[..., Path]) -> None:
    mark = Mark("simulate", "seed 1")
    check_output(made(mark), mark)
    assert "other input" in refused(made(mark), Mark("simulate", "seed 2"))


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_and_a_device_are_refused(tmp_path: Path, *, overwrite: bool) -> None:
    (tmp_path / "a.fits").mkdir()
    assert "is a folder" in refused(tmp_path / "a.fits", MARK, overwrite=overwrite)
    assert "is a device or pipe" in refused(Path("/dev/null"), MARK, overwrite=overwrite)
    name = tmp_path / f"{'n' * 300}.fits"
    assert "File name too long" in refused(name, MARK, overwrite=overwrite)
