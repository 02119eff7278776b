"""Mask files: what goes in comes out, whoever made them; the damaged are refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_iris.errors import FileError, MaskError
from napari_iris.frames.read import read_frame
from napari_iris.masks import mask_file as room
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import make_mask
from napari_iris.masks.mask_file import (
    author_cards,
    cloud_fraction,
    is_drawn_by_person,
    is_mask_file,
    mask_path,
    read_mask,
    write_mask,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROWS, COLUMNS = 12, 16
FRAME = np.linspace(600, 700, ROWS * COLUMNS, dtype=np.float32).reshape(ROWS, COLUMNS)
MASK = (np.arange(ROWS * COLUMNS) % 3).astype(np.uint8).reshape(ROWS, COLUMNS)
CARDS = {
    "METHOD": ("HUMAN", "how the mask was made"),
    "AUTHOR": ("A. Person", "who drew it"),
    "THRESH": (652.25, "[ADU]"),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A mask that a person drew."""
    path = tmp_path / "sky_mask.fits"
    header = fits.Header({"DATE-OBS": "2024-01-15T18:00:00", "GAIN": "high", "BZERO": 32768})
    write_mask(path, FRAME, MASK, header, CARDS)
    return path


@given(
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=12).flatmap(
        lambda shape: st.tuples(
            hnp.arrays(np.float32, shape, elements=st.floats(width=32)),
            hnp.arrays(np.uint8, shape, elements=st.integers(0, 2)),
        )
    )
)
@settings(max_examples=30)
def test_frame_and_mask_come_back_to_the_bit(
    tmp_path_factory: pytest.TempPathFactory, arrays: tuple[np.ndarray, np.ndarray]
) -> None:
    path = tmp_path_factory.mktemp("masks") / "a_mask.fits"
    frame, mask = arrays
    write_mask(path, frame, mask, fits.Header(), {})
    found = read_mask(path)
    np.testing.assert_array_equal(found.mask, mask, strict=True)
    np.testing.assert_array_equal(found.frame.astype(np.float32), frame)


def test_the_frames_header_and_the_masks_cards_are_kept(path: Path) -> None:
    with fits.open(path) as units:
        units.verify("exception")
        assert [unit.name for unit in units] == ["PRIMARY", "MASK"]
        assert units["MASK"].header["BITPIX"] == 8
        assert units[0].header["BITPIX"] == -32
    found = read_mask(path)
    assert found.header["DATE-OBS"] == "2024-01-15T18:00:00"
    assert found.header["GAIN"] == "high"
    assert "BZERO" not in found.header, "the frame is no longer unsigned integers"
    assert found.mask_header["IMGTYPE"] == "GROUND-TRUTH"
    for keyword, (value, comment) in CARDS.items():
        assert found.mask_header[keyword] == value
        assert found.mask_header.comments[keyword] == comment


def test_cards_tell_how_a_mask_was_made(tmp_path: Path) -> None:
    y, x = np.mgrid[:64, :80]
    cloud = (y - 30) ** 2 + (x - 30) ** 2 < 200
    frame = 600 + x + 300.0 * cloud + np.random.default_rng(0).normal(0, 1, x.shape)
    config = MaskConfig(shape=(64, 80), a_log=500, contrast=0.5)
    for gate in (True, False):
        made = make_mask(frame, config.model_copy(update={"gate": gate}))
        write_mask(tmp_path / "a.fits", made.frame, made.mask, fits.Header(), made.cards())
        cards = read_mask(tmp_path / "a.fits").mask_header
        assert cards["METHOD"] == made.method.upper()
        assert (cards["ALOG"], cards["CONTRAST"], cards["GATE"]) == (500, 0.5, gate)
        assert cards["THRESH"] == pytest.approx(made.threshold)
        assert cards["CLDFRAC"] == pytest.approx(np.mean(made.mask == 1), abs=1e-6)
        assert ("SKY" in cards, "TRUST" in cards, "CUT" in cards) == (gate, gate, gate)
    assert made.gate is None


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (np.full((ROWS, COLUMNS), 3), "mask holds the value 3; use 0 sky, 1 cloud, 2 ignore"),
        (np.full((ROWS, COLUMNS), 255), "mask holds the value 255"),
        (MASK.T, r"frame \(12, 16\) and mask \(16, 12\) differ in shape; rebin the frame"),
    ],
)
def test_what_is_no_mask_is_not_written(path: Path, mask: np.ndarray, message: str) -> None:
    before = path.read_bytes()
    with pytest.raises(MaskError, match=message):
        write_mask(path, FRAME, mask.astype(np.uint8), fits.Header(), {})
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"cannot be written .No such file"):
        write_mask(tmp_path / "gone" / "a_mask.fits", FRAME, MASK, fits.Header(), {})


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda whole: b"",
    "no FITS": lambda whole: b"mask" * 2000,
    "the frame alone": lambda whole: whole[: 2 * 2880],
    "cut in the mask's header": lambda whole: whole[: 2 * 2880 + 500],
    "cut in the mask": lambda whole: whole[: 3 * 2880 + 100],
    "values above 2": lambda whole: whole[: 3 * 2880] + b"\xff" + whole[3 * 2880 + 1 :],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_refused_in_one_line(path: Path, damage: str) -> None:
    whole = path.read_bytes()
    assert len(whole) == 4 * 2880
    path.write_bytes(DAMAGES[damage](whole))
    with pytest.raises(MaskError) as raised:
        read_mask(path)
    assert str(raised.value).startswith(f"{path}: ")
    assert str(raised.value).isprintable(), "one line"


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir()])
def test_no_file_is_no_mask(tmp_path: Path, make: Callable[[Path], object]) -> None:
    path = tmp_path / "a_mask.fits"
    make(path)
    with pytest.raises(MaskError, match="holds no mask"):
        read_mask(path)
    assert not is_mask_file(path)


@pytest.mark.parametrize(
    ("dtype", "given_values", "read_values"),
    [
        ("f4", [0, 1, -0.37, 1.39, 0.49, 0.51], [0, 1, 0, 1, 0, 1]),
        ("i2", [0, 1, 2], [0, 1, 2]),
        ("f8", [0.0, 1.0], [0, 1]),
        ("i2", [0, 255], None),
        ("i2", [-1, 0], None),
        ("i2", [0, 256], None),
    ],
)
def test_foreign_masks_read_as_ours_or_not_at_all(
    tmp_path: Path, dtype: str, given_values: list[float], read_values: list[int] | None
) -> None:
    path = tmp_path / "a.fits"
    mask = np.resize(np.array(given_values, dtype), (4, 6))
    units = [fits.PrimaryHDU(np.ones((4, 6), "f4")), fits.ImageHDU(mask)]
    fits.HDUList(units).writeto(path)
    if read_values is None:
        with pytest.raises(MaskError, match=r"values from .* use 0 sky, 1 cloud, 2 ignore"):
            read_mask(path)
    else:
        found = read_mask(path).mask
        np.testing.assert_array_equal(found, np.resize(read_values, (4, 6)))
        assert found.dtype == np.uint8


def test_a_published_file_of_three_units_reads(shared_data: Path) -> None:
    path = shared_data / "lwir" / "frames" / "DS12_Train_0070.fits"
    found = read_mask(path)
    with fits.open(path) as units:
        assert len(units) == 3
        np.testing.assert_array_equal(found.mask, units[1].data.squeeze() > 0.5)
    np.testing.assert_array_equal(found.frame, read_frame(path).data)
    assert found.mask.shape == (128, 160)
    assert 0 < cloud_fraction(found.mask) <= 1
    assert not is_drawn_by_person(path)


def test_a_mask_named_as_such_is_found_in_any_unit(tmp_path: Path) -> None:
    path = tmp_path / "a.fits"
    units = [fits.PrimaryHDU(FRAME), fits.ImageHDU(FRAME), fits.ImageHDU(MASK, name="MASK")]
    fits.HDUList(units).writeto(path)
    np.testing.assert_array_equal(read_mask(path).mask, MASK)


@pytest.mark.parametrize(
    ("unit", "is_mask"),
    [
        (fits.ImageHDU(MASK, name="MASK"), True),
        (fits.ImageHDU(MASK, fits.Header({"IMGTYPE": "GROUND-TRUTH"})), True),
        (fits.ImageHDU(FRAME, name="PROB"), False),
        (fits.ImageHDU(FRAME), False),
        (None, False),
    ],
)
def test_a_mask_file_is_known_by_its_second_unit(
    tmp_path: Path, unit: fits.ImageHDU | None, *, is_mask: bool
) -> None:
    path = tmp_path / "a.fits"
    fits.HDUList([fits.PrimaryHDU(FRAME), *([unit] if unit else [])]).writeto(path)
    assert is_mask_file(path) == is_mask


def test_cards_that_are_not_fits_say_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.fits"
    cards = fits.Header({"IMGTYPE": "GROUND-TRUTH", "CLASS": "cloudy"})
    fits.HDUList([fits.PrimaryHDU(FRAME), fits.ImageHDU(MASK, cards)]).writeto(path)
    content = path.read_bytes()
    for value in cards.values():
        content = content.replace(f"'{value}".encode(), f" {value[:-1]}?".encode())
    path.write_bytes(content)
    assert not is_mask_file(path)
    found = read_mask(path)
    np.testing.assert_array_equal(found.mask, MASK)
    assert dict(found.mask_header)["CLASS"] != "cloudy"


@pytest.mark.parametrize(("method", "drawn"), [("HUMAN", True), ("RECIPE", False), (None, False)])
def test_a_human_mask_is_known_by_its_method(
    path: Path, method: str | None, *, drawn: bool
) -> None:
    cards = {"METHOD": (method, "")} if method else {}
    write_mask(path, FRAME, MASK, fits.Header({"METHOD2": "HUMAN"}), cards)
    assert is_drawn_by_person(path) == drawn


def test_no_mask_is_no_human_mask(tmp_path: Path) -> None:
    assert not is_drawn_by_person(tmp_path / "gone_mask.fits")
    (tmp_path / "text_mask.fits").write_text("HUMAN")
    assert not is_drawn_by_person(tmp_path / "text_mask.fits")


@pytest.mark.parametrize(
    ("mask", "fraction"),
    [
        ([[0, 0]], 0),
        ([[1, 1]], 1),
        ([[0, 1]], 0.5),
        ([[0, 1, 2, 2]], 0.5),
        ([[2, 2]], float("nan")),
        (MASK, 0.5),
    ],
)
def test_the_cloud_fraction_is_of_the_seen_sky(mask: object, fraction: float) -> None:
    np.testing.assert_equal(cloud_fraction(np.array(mask, np.uint8)), fraction)


@pytest.mark.parametrize(
    ("frame", "name"),
    [("night/sky_1.fits", "sky_1_mask.fits"), ("sky.2.FITS.gz", "sky.2_mask.fits")],
)
def test_a_masks_name_is_its_frames(tmp_path: Path, frame: str, name: str) -> None:
    assert mask_path(tmp_path / frame, tmp_path / "out") == tmp_path / "out" / name


def test_a_human_mask_can_be_forced_to_the_disk(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    write_fits = room.write_fits

    def write(path: Path, images: object, *, durable: bool, mark: object) -> None:
        asked.append(durable)
        write_fits(path, images, durable=durable, mark=mark)

    monkeypatch.setattr(room, "write_fits", write)
    for durable in (False, True):
        write_mask(path, FRAME, MASK, fits.Header(), CARDS, durable=durable)
    assert asked == [False, True]


UNITS = {
    "no frame": lambda: [fits.PrimaryHDU(), fits.ImageHDU(MASK, name="MASK")],
    "no mask": lambda: [fits.PrimaryHDU(FRAME), fits.ImageHDU(name="MASK")],
}


@pytest.mark.parametrize("missing", UNITS)
def test_an_empty_hdu_is_named(tmp_path: Path, missing: str) -> None:
    path = tmp_path / "sky_mask.fits"
    fits.HDUList(UNITS[missing]()).writeto(path)
    number = 0 if missing == "no frame" else 1
    with pytest.raises(MaskError, match=f"has {missing}: HDU {number} is empty; make it again"):
        read_mask(path)


@pytest.mark.parametrize(
    ("name", "card"), [("ada", "ada"), ("Zoë", "Zo?"), ("a" * 99, "a" * 40), ("", "")]
)
def test_the_author_is_named_in_a_mask(tmp_path: Path, name: str, card: str) -> None:
    path = tmp_path / "sky_mask.fits"
    when = datetime(2024, 1, 15, 18, 0, 0, 7, tzinfo=UTC)
    write_mask(path, FRAME, MASK, fits.Header(), author_cards(name, when))
    header = read_mask(path).mask_header
    assert (header["METHOD"], header["LABELER"]) == ("HUMAN", card)
    assert header["LABELDAT"] == "2024-01-15T18:00:00+00:00"
    assert is_drawn_by_person(path)


def test_a_frame_without_a_mask_is_named_with_the_reason(tmp_path: Path) -> None:
    fits.writeto(tmp_path / "frame.fits", np.zeros((16, 20), np.float32))
    with pytest.raises(MaskError, match=r"frame\.fits: holds no mask \(there is no HDU 1\); "):
        read_mask(tmp_path / "frame.fits")
