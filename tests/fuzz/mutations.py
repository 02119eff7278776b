"""Damage a valid file as a disk, a program or somebody with bad intent may."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

CARD = 80

KEYWORDS = [
    "SIMPLE",
    "XTENSION",
    "BITPIX",
    "NAXIS",
    "NAXIS1",
    "NAXIS2",
    "NAXIS3",
    "PCOUNT",
    "GCOUNT",
    "TFIELDS",
    "TFORM1",
    "TTYPE1",
    "EXTNAME",
    "BSCALE",
    "BZERO",
    "BLANK",
    "DATE-OBS",
    "TIME-OBS",
    "MJD-OBS",
    "COLORSPC",
    "CONTINUE",
    "HIERARCH",
    "COMMENT",
    "END",
    "IMGTYPE",
    "THRESH",
    "MODELID",
    "CLDFRAC",
    "FRAME",
    "FRAMEID",
    "RUNID",
    "IRISREF",
    "KIND",
    "CAMID",
    "LEVEL0",
    "LEVSIG",
    "PIXSIG",
    "NCLEAR",
    "FPA-TEMP",
    "SHU-TEMP",
    "TS",
    "ELEVAT",
    "AZIMUTH",
    "LENS",
    "GAIN",
    "ZIMAGE",
    "ZBITPIX",
    "ZCMPTYPE",
    "ZNAXIS1",
    "ZTILE1",
    "EXTEND",
]
VALUES = (
    *("T", "F", "0", "1", "-1", "2", "3", "8", "16", "-32", "-64", "64", "7", "1000", "999"),
    *(
        "100000",
        "2147483648",
        "1E99",
        "-1E999",
        "NAN",
        "INF",
        "1.5",
        "''",
        "'x'",
        "'MASK'",
        "'RGB'",
    ),
    *("'2024-01-15T21:00:00'", "'0001-01-01'", "'9999-12-31T23:59:59.9'", "'\x1b[2J'", "(1, 2)"),
    *("'PROB'", "'PATTERN1'", "'GROUND-TRUTH'", "'RICE_1'", "'1PB(9)'", "'A'", "", "'", "&'"),
)

cards = st.builds(
    lambda keyword, value: f"{keyword:<8}= {value}".ljust(CARD)[:CARD].encode("latin-1"),
    st.sampled_from(KEYWORDS),
    st.sampled_from(VALUES),
) | st.binary(min_size=CARD, max_size=CARD)

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["..", "/", "nan", "\x1b[2J", "9" * 400, "2024-13-45", "../x", "unet", "\0"])
)
deep = st.integers(900, 200_000).map(lambda depth: "[" * depth + "]" * depth)
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner)
)
cells = st.sampled_from(
    [
        *("", "-1", "0", "1e999", "nan", "inf", "x" * 9000, "\0", '"', "a\nb", "9" * 5000, "=1"),
        *("../x", "/", "yes", "clear", "2024-01-15T21:00:00", "-271821-04-20", "\udcff", "10" * 30),
        "\x1b[2J",
    ]
) | st.text(max_size=9)


@st.composite
def damaged(draw: Callable[..., Any], content: bytes) -> bytes:
    """Flip, cut, repeat, remove or replace bytes, up to three times."""
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(content)))
        length = draw(st.sampled_from([1, 2, 8, 80, 2880, 100_000]))
        part = content[place : place + length]
        new = draw(
            st.sampled_from([b"", part * 2, part[::-1], bytes(len(part)), b"\xff" * len(part)])
            | st.binary(max_size=9)
        )
        rest = b"" if draw(st.integers(0, 5)) == 0 else content[place + length :]
        content = content[:place] + new + rest
    return content


@st.composite
def with_cards(draw: Callable[..., Any], content: bytes) -> bytes:
    """Replace or insert header cards of a FITS file that is not compressed."""
    for _ in range(draw(st.integers(1, 4))):
        headers = [start for start in range(0, len(content), 2880) if _is_header(content, start)]
        start = draw(st.sampled_from(headers or [0]))
        place = start + CARD * draw(st.integers(0, 35))
        card = draw(cards)
        content = content[:place] + card + content[place + CARD :]
    return content


def _is_header(content: bytes, start: int) -> bool:
    return content[start : start + 8].strip() in (b"SIMPLE", b"XTENSION") or (
        b"= " in content[start + 6 : start + 12]
    )


@st.composite
def with_values(draw: Callable[..., Any], content: bytes) -> bytes:
    """Replace, remove or add values of a JSON file."""
    if draw(st.integers(0, 9)) == 0:
        return draw(deep | json_values.map(json.dumps)).encode(errors="surrogatepass")
    whole = json.loads(content)
    for _ in range(draw(st.integers(1, 3))):
        inside: Any = whole
        while True:
            keys = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(inside[key], dict | list) and draw(st.booleans()):
                inside = inside[key]
                continue
            if isinstance(inside, dict) and draw(st.integers(0, 3)) == 0:
                del inside[key]
            else:
                inside[key] = draw(json_values)
            break
    return json.dumps(whole).encode(errors="surrogatepass")


@st.composite
def with_cells(draw: Callable[..., Any], content: bytes) -> bytes:
    """Replace cells of a CSV table, its columns among them; remove or repeat rows."""
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    for _ in range(draw(st.integers(1, 4))):
        row = draw(st.integers(0, len(rows) - 1))
        what = draw(st.sampled_from(["cell", "cell", "cell", "short", "repeat", "long"]))
        if what == "cell" and rows[row]:
            rows[row][draw(st.integers(0, len(rows[row]) - 1))] = draw(cells)
        elif what == "short":
            rows[row] = rows[row][: draw(st.integers(0, len(rows[row])))]
        elif what == "repeat":
            rows.insert(row, list(rows[row]))
        else:
            rows[row] = rows[row] + [draw(cells)]
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode(errors="surrogateescape")


sql_values = st.sampled_from(
    [
        *("NULL", "-1", "0", "1", "7", "9e999", "9223372036854775807", "-9000000000000000000"),
        *("x'00ff'", "''", "'..'", "'a' || char(0)", "char(27) || '[2J'", "'clear'", "'a/../b'"),
        *("zeroblob(100000)", "0.5", "'nan'", "'{}'", "'[]'", "'human'", "'approved'", "'/tmp'"),
        "hex(zeroblob(999))",
    ]
)
