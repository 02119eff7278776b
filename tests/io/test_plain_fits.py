"""The quick reader and the quick cards: what astropy gives, or nothing."""

from __future__ import annotations

import copy
import io
import pickle
import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st

from napari_iris.frames.read import full_header, open_image
from napari_iris.io.blocks import CARD
from napari_iris.io.fits_files import card, fits_blocks
from napari_iris.io.fits_reader import MAX_CARDS
from napari_iris.io.plain_fits import read_plain, read_plain_images
from napari_iris.io.stored_header import StoredHeader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
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

IMAGES = [
    (PIXELS, fits.Header(CARDS)),
    ((PIXELS > 0).astype(np.uint8), fits.Header({"EXTNAME": "MASK", "FRAME": "a/b/" * 40})),
    (PIXELS.astype(np.float32), fits.Header({"EXTNAME": "SPREAD"})),
]


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
        assert plain.header.stored_cards == "".join(map(str, header.cards))
        assert plain.header.tostring() == header.tostring()


@given(text=st.text("ab &,/=.-()1", min_size=69, max_size=300), comment=st.sampled_from(["", "c"]))
def test_a_text_of_several_cards_is_read_as_by_astropy(path: Path, text: str, comment: str) -> None:
    header = fits.Header([("BEFORE", 1), ("NOTE", text, comment), ("AFTER", 2)])
    path.write_bytes(b"".join(fits_blocks([(PIXELS, header)])))
    with open_image(path, None) as (units, number):
        theirs = full_header(units, number)
    plain = read_plain(path)
    assert plain is not None
    ours = plain.header
    assert (ours["NOTE"], ours["AFTER"]) == (theirs["NOTE"], theirs["AFTER"])
    assert len(ours) == len(theirs)
    assert ours.stored_cards
    assert list(ours.items()) == list(theirs.items())


def test_all_images_are_those_that_astropy_reads(path: Path) -> None:
    path.write_bytes(b"".join(fits_blocks(IMAGES)))
    found = read_plain_images(path)
    assert found is not None
    with fits.open(path) as units:
        assert len(units) == len(found) == len(IMAGES)
        for unit, image in zip(units, found, strict=True):
            np.testing.assert_array_equal(image.data, unit.data, strict=True)
            for keyword in unit.header:
                assert (keyword, image.header[keyword]) == (keyword, unit.header[keyword])
            assert image.header.stored_cards == "".join(map(str, unit.header.cards))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"XTENSION= 'IMAGE   '", b"XTENSION= 'BINTABLE'"),
        (b"PCOUNT  =                    0", b"PCOUNT  =                    8"),
        (b"GCOUNT  =                    1", b"GCOUNT  =                    2"),
        (b"EXTNAME = 'MASK", b"extname = 'MASK"),
        (b"NAXIS1  =                    7", b"NAXIS1  =                  900"),
    ],
)
def test_a_file_with_one_unusual_hdu_is_left_to_astropy(path: Path, old: bytes, new: bytes) -> None:
    primary, *extensions = fits_blocks(IMAGES)
    rest = b"".join(extensions)
    path.write_bytes(primary + rest)
    assert read_plain_images(path) is not None
    assert old in rest
    path.write_bytes(primary + rest.replace(old, new))
    assert read_plain_images(path) is None


@pytest.mark.parametrize("change", [lambda whole: whole[:-1], lambda whole: whole + bytes(2880)])
def test_so_is_one_of_another_length(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(b"".join(fits_blocks(IMAGES))))
    assert read_plain_images(path) is None


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
    "continued after no mark": lambda: content(NOTE="a long story " * 12).replace(b"&'", b" '"),
    "continues nothing": lambda: swapped("COUNT   =", "CONTINUE "),
    "continued by a number": lambda: content(NOTE="a long story " * 12).replace(
        b"CONTINUE  'long", b"CONTINUE  7'ong"
    ),
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
    """Nor does it warn, refuse, or find another value."""
    image = f"{keyword:8}= {text}".ljust(CARD).encode()
    path.write_bytes(content().replace(str(fits.Card("GAIN", "high")).encode(), image))
    plain = read_plain(path)
    if plain is None:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        header = fits.Header.fromstring(plain.header.stored_cards)
        for one in header.cards:
            one.verify("exception")
        assert "".join(map(str, header.cards)) == plain.header.stored_cards
        assert repr(plain.header.get(keyword)) == repr(header[keyword])
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


COMMENTED = fits.Header([*CARDS.items(), ("COMMENT", "one"), ("COMMENT", "two"), ("GAIN", "low")])

LOOKS: dict[str, Callable[[fits.Header], object]] = {
    "get": lambda header: header.get("TS"),
    "text": lambda header: header["GAIN"],
    "first of two": lambda header: header["GAIN"] + header.get("GAIN"),
    "default": lambda header: header.get("NONE", 7),
    "none": lambda header: header.get("NONE"),
    "lower case": lambda header: header.get("gain") + header["gain"],
    "in": lambda header: ("TS" in header, "ts" in header, "NONE" in header, 3 in header),
    "comments": lambda header: list(header["COMMENT"]),
    "has comments": lambda header: ("COMMENT" in header, "HISTORY" in header),
    "place": lambda header: header[3],
    "size": lambda header: (len(header), bool(header)),
    "keywords": list,
    "cards": lambda header: [tuple(card) for card in header.cards],
    "equal": lambda header: header == header.copy(),
    "comment": lambda header: header.comments["TS"],
    "copy": lambda header: header.copy().tostring(),
    "deep copy": lambda header: copy.deepcopy(header).tostring(),
    "pickle": lambda header: pickle.loads(pickle.dumps(header)).tostring(),
}

CHANGES: dict[str, Callable[[fits.Header], object]] = {
    "set": lambda header: header.__setitem__("TS", 2.5),
    "new": lambda header: header.append(("NEW", 1)),
    "update": lambda header: header.update({"TS": 9, "NEW": "a"}),
    "delete": lambda header: header.__delitem__("GAIN"),
    "remove": lambda header: header.remove("TS"),
    "card": lambda header: setattr(header.cards["TS"], "value", 3.5),
    "comment": lambda header: header.comments.__setitem__("TS", "seconds"),
    "clear": lambda header: header.clear(),
    "extend": lambda header: header.extend([("NEW", 1), ("TS", 4)], update=True),
    "rename": lambda header: header.rename_keyword("TS", "TIME"),
    "history": lambda header: header.add_history("changed"),
    "nothing": lambda header: None,
}


@pytest.fixture
def both(path: Path) -> tuple[fits.Header, fits.Header]:
    """The header as it is stored, and as astropy has it."""
    path.write_bytes(b"".join(fits_blocks([(PIXELS, COMMENTED)])))
    plain = read_plain(path)
    assert plain is not None
    return plain.header, fits.Header.fromstring(plain.header.stored_cards)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("change", CHANGES)
def test_a_stored_header_is_one_of_astropy(
    both: tuple[fits.Header, fits.Header], look: str, change: str
) -> None:
    ours, theirs = both
    for header in both:
        LOOKS[look](header)  # before the change, too
        CHANGES[change](header)

    def outcome(header: fits.Header) -> object:
        try:
            return LOOKS[look](header)
        except (KeyError, IndexError, TypeError) as error:
            return type(error)

    assert outcome(ours) == outcome(theirs)
    written = [b"".join(fits_blocks([(PIXELS, header)])) for header in both]
    assert written[0] == written[1]


def test_a_look_up_parses_no_card(both: tuple[fits.Header, fits.Header]) -> None:
    header, _ = both
    assert (header["GAIN"], header.get("COUNT"), "NONE" in header) == ("high", -3, False)
    assert header.stored_cards
    header["GAIN"] = "low"
    assert not header.stored_cards
    with pytest.raises(AttributeError):
        header.nothing  # noqa: B018 (the look-up is the test)


def test_a_text_of_several_cards_stays_together(path: Path) -> None:
    path.write_bytes(content(BLANK="a/b/" * 40, NOTE="c/d/" * 40, AFTER=2))
    with open_image(path, None) as (units, number):
        header = full_header(units, number)
    stored = StoredHeader.of("".join(map(str, header.cards)), {})
    first, second = (b"".join(fits_blocks([(PIXELS, one)])) for one in (stored, header))
    assert first == second
    assert b"a/b/" not in first


def test_cards_are_written_as_their_header_would_be() -> None:
    header = fits.Header(CARDS)
    text = "".join(map(str, fits.PrimaryHDU(PIXELS, header).header.cards))
    assert b"".join(fits_blocks([(PIXELS, text)])) == content()
