"""The quick reader and the quick cards: what astropy gives, or nothing."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st

from napari_iris.frames.read import full_header, open_image
from napari_iris.io.fits_files import CARD, card, fits_blocks
from napari_iris.io.fits_reader import MAX_CARDS
from napari_iris.io.plain_fits import read_plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PIXELS = np.arange(-40, 44, dtype=np.int16).reshape(12, 7)
CARDS = {"GAIN": "high", "TS": 1.5, "DATE-OBS": "2024-01-15T18:00:00.000000", "COUNT": -3}

KEYWORDS = st.text("ABZ019_-", min_size=1, max_size=8)
VALUES = (
    st.booleans()
    | st.integers(-(10**22), 10**22)
    | st.floats()
    | st.text("a'/: &\t\xe9", max_size=75)
    | st.text("ab: 1.", max_size=20)
)
COMMENTS = st.text("a[]/' \xe9", max_size=50)


def content(image: np.ndarray = PIXELS, **cards: object) -> bytes:
    return b"".join(fits_blocks([(image, fits.Header(cards or CARDS))]))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("plain") / "a.fits"


@pytest.mark.parametrize("dtype", ["u1", "i2", "i4", "f4", "f8"])
@pytest.mark.parametrize("shape", [(12, 7), (12, 7, 1), (3, 4, 7)])
def test_a_plain_image_is_what_astropy_reads(
    path: Path, dtype: str, shape: tuple[int, ...]
) -> None:
    fits.writeto(path, PIXELS.astype(dtype).reshape(shape), fits.Header(CARDS), overwrite=True)
    plain = read_plain(path)
    assert plain is not None
    with open_image(path, None) as (units, number):
        np.testing.assert_array_equal(plain.data, units[number].data, strict=True)
        header = full_header(units, number)
        assert plain.header().tostring() == header.tostring()
        assert plain.cards == "".join(map(str, header.cards))


def swapped(old: str, new: str) -> bytes:
    """File with the beginning of a card in place of another one's."""
    whole, size = content(), max(len(old), len(new))
    assert whole.count(old.encode()) == 1
    return whole.replace(old.encode().ljust(size), new.encode("latin-1").ljust(size))


UNUSUAL = {
    "scaled": lambda: swapped("COUNT   =", "BSCALE  ="),
    "offset": lambda: swapped("COUNT   =", "BZERO   ="),
    "blank": lambda: swapped("COUNT   =", "BLANK   ="),
    "colour": lambda: content(COLORSPC="RGB"),
    "cut": lambda: content()[:-1],
    "cut in the header": lambda: content()[:1000],
    "no end": lambda: swapped("END     ", "FIN     "),
    "not simple": lambda: swapped(
        "SIMPLE  =                    T", "SIMPLE  =                    F"
    ),
    "packed": lambda: b"\x1f\x8b" + content(),
    "empty": lambda: b"",
    "no pixels": lambda: swapped(
        "NAXIS1  =                    7", "NAXIS1  =                    0"
    ),
    "one axis": lambda: swapped("NAXIS   =                    2", "NAXIS   =                    1"),
    "order": lambda: swapped("NAXIS   =                    2", "NAXES   =                    2"),
    "not ASCII": lambda: swapped("high", "h\xe9gh"),
    "a null": lambda: swapped("high", "h\x00gh"),
    "lower case": lambda: swapped("GAIN", "gain"),
    "unclosed": lambda: swapped("'high    '", "'high     "),
    "long": lambda: content(NOTE="a long story " * 12),
    "hierarchy": lambda: content(**{"HIERARCH ESO TEL ALT": 45.5}),
    "many cards": lambda: content(**{f"C{number}": 1 for number in range(MAX_CARDS)}),
}


@pytest.mark.parametrize("kind", UNUSUAL)
def test_anything_unusual_is_left_to_astropy(path: Path, kind: str) -> None:
    path.write_bytes(content())
    assert read_plain(path) is not None
    path.write_bytes(UNUSUAL[kind]())
    assert read_plain(path) is None


def test_so_is_what_is_no_file(tmp_path: Path) -> None:
    assert read_plain(tmp_path) is None
    assert read_plain(tmp_path / "missing.fits") is None


@given(keyword=KEYWORDS, text=st.text("'ABTFE:/ +-.019", max_size=70))
def test_astropy_changes_no_card_that_is_read(path: Path, keyword: str, text: str) -> None:
    """Nor does it warn, refuse, or read another value after a copy."""
    image = f"{keyword:8}= {text}".ljust(CARD).encode()
    path.write_bytes(content().replace(str(fits.Card("GAIN", "high")).encode(), image))
    plain = read_plain(path)
    if plain is None:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        header = plain.header()
        for one in header.cards:
            one.verify("exception")
        assert "".join(map(str, header.cards)) == plain.cards
        fits.HDUList([fits.PrimaryHDU(np.zeros(1), header)]).writeto(io.BytesIO())


@given(keyword=KEYWORDS, value=VALUES, comment=COMMENTS)
def test_a_card_is_formatted_as_by_astropy(keyword: str, value: object, comment: str) -> None:
    def outcomes() -> Iterator[str]:
        for make in (card, lambda *parts: str(fits.Card(*parts))):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    yield make(keyword, value, comment)
                except ValueError as error:
                    yield f"refused: {error}"

    ours, theirs = outcomes()
    assert ours == theirs


def test_cards_are_written_as_their_header_would_be() -> None:
    header = fits.Header(CARDS)
    text = "".join(map(str, fits.PrimaryHDU(PIXELS, header).header.cards))
    assert b"".join(fits_blocks([(PIXELS, text)])) == content()
