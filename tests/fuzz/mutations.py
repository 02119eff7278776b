"""Changes that a disk, a program or somebody with bad intent may make to a valid file.

A change is a few numbers and words, so that an example which fails can be read, and kept.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from typing import Any, NamedTuple

from hypothesis import strategies as st

BLOCK, CARD = 2880, 80

KEYWORDS = [
    *("SIMPLE", "XTENSION", "BITPIX", "NAXIS", "NAXIS1", "NAXIS2", "NAXIS3", "PCOUNT"),
    *("GCOUNT", "TFIELDS", "TFORM1", "TTYPE1", "EXTNAME", "BSCALE", "BZERO", "BLANK"),
    *("DATE-OBS", "TIME-OBS", "MJD-OBS", "COLORSPC", "CONTINUE", "HIERARCH", "COMMENT", "END"),
    *("IMGTYPE", "THRESH", "MODELID", "CLDFRAC", "FRAME", "FRAMEID", "RUNID", "IRISREF"),
    *("KIND", "CAMID", "LEVEL0", "LEVSIG", "PIXSIG", "SHPLIM", "NCLEAR", "FPA-TEMP", "SHU-TEMP"),
    *("TS", "ELEVAT", "AZIMUTH", "LENS", "GAIN", "ZIMAGE", "ZBITPIX", "ZCMPTYPE"),
    *("ZNAXIS1", "ZTILE1", "EXTEND"),
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


class Bytes(NamedTuple):
    """Replace some bytes by others, by themselves twice or not at all; or cut off the rest."""

    place: int
    length: int
    new: bytes
    repeat: int = 0
    cut: bool = False

    def __call__(self, content: bytes) -> bytes:
        place = self.place % (len(content) + 1)
        part = content[place : place + self.length]
        rest = b"" if self.cut else content[place + self.length :]
        return content[:place] + part * self.repeat + self.new + rest


class Flip(NamedTuple):
    """Change some bits of one byte."""

    place: int
    bits: int

    def __call__(self, content: bytes) -> bytes:
        changed = bytearray(content)
        if changed:
            changed[self.place % len(changed)] ^= self.bits
        return bytes(changed)


class Card(NamedTuple):
    """Replace a card of one of the headers of a FITS file."""

    header: int
    row: int
    card: bytes

    def __call__(self, content: bytes) -> bytes:
        starts = [start for start in range(0, len(content), BLOCK) if _is_header(content, start)]
        place = (starts or [0])[self.header % max(len(starts), 1)] + CARD * self.row
        return content[:place] + self.card + content[place + CARD :]


class Value(NamedTuple):
    """Replace a value of a JSON file, or remove it; the way leads to it, from the whole."""

    way: tuple[int, ...]
    value: Any
    remove: bool = False

    def __call__(self, content: bytes) -> bytes:
        whole = inside = json.loads(content)
        for number, step in enumerate(self.way):
            keys = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
            if not keys:
                break
            key = keys[step % len(keys)]
            if number < len(self.way) - 1 and isinstance(inside[key], dict | list):
                inside = inside[key]
                continue
            if self.remove:
                del inside[key]
            else:
                inside[key] = self.value
            break
        return json.dumps(whole).encode()


class Deep(NamedTuple):
    """Nothing but brackets."""

    depth: int

    def __call__(self, content: bytes) -> bytes:
        return b"[" * self.depth + b"]" * self.depth


class Cell(NamedTuple):
    """Replace a cell of a CSV table, a column's name among them, or shorten or repeat its row."""

    row: int
    column: int
    value: str
    kind: str = "cell"

    def __call__(self, content: bytes) -> bytes:
        text = content.decode(errors="surrogateescape")
        rows = list(csv.reader(io.StringIO(text, newline="")))
        row = rows[self.row % len(rows)]
        if self.kind == "repeat":
            rows.append(list(row))
        elif self.kind == "short":
            del row[self.column % (len(row) + 1) :]
        elif self.kind == "long" or not row:
            row.append(self.value)
        else:
            row[self.column % len(row)] = self.value
        changed = io.StringIO(newline="")
        csv.writer(changed, lineterminator="\n").writerows(rows)
        return changed.getvalue().encode(errors="surrogateescape")


class Packed(NamedTuple):
    """Compress the whole."""

    level: int = 1

    def __call__(self, content: bytes) -> bytes:
        return gzip.compress(content, self.level, mtime=0)


def applied(changes: list[Any], content: bytes) -> bytes:
    for change in changes:
        content = change(content)
    return content


def _is_header(content: bytes, start: int) -> bool:
    begin = content[start : start + 12]
    return begin[:8].strip() in (b"SIMPLE", b"XTENSION") or b"= " in begin[6:]


places = st.integers(0, 200_000)
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
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
    | st.sampled_from(["..", "/", "nan", "\x1b[2J", "9" * 400, "2024-13-45", "../x", "unet", "\0"])
)
deep = st.integers(900, 200_000)
json_values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
)
cells = st.sampled_from(
    [
        *("", "-1", "0", "1e999", "nan", "inf", "x" * 9000, "\0", '"', "a\nb", "9" * 5000, "=1"),
        *("../x", "/", "yes", "clear", "2024-01-15T21:00:00", "-271821-04-20", "\udcff", "10" * 30),
        "\x1b[2J",
    ]
) | st.text(max_size=9)

bytes_changed = st.builds(
    Bytes,
    places,
    st.sampled_from([1, 2, 8, 80, 2880, 100_000]),
    st.binary(max_size=9) | st.sampled_from([bytes(80), b"\xff" * 80]),
    st.integers(0, 2),
    st.integers(0, 5).map(lambda number: number == 0),
)
cards_changed = st.builds(Card, st.integers(0, 9), st.integers(0, 35), cards)
values_changed = st.builds(
    Value,
    st.lists(st.integers(0, 40), min_size=1, max_size=4).map(tuple),
    json_values,
    st.booleans(),
)
cells_changed = st.builds(
    Cell,
    st.integers(0, 40),
    st.integers(0, 30),
    cells,
    st.sampled_from(["cell", "cell", "cell", "short", "repeat", "long"]),
)
flips = st.lists(st.builds(Flip, places, st.integers(1, 255)), min_size=1, max_size=3)
any_bytes = flips | st.lists(bytes_changed, min_size=1, max_size=3)
any_cells = st.lists(cells_changed, min_size=1, max_size=4) | any_bytes
any_values = st.lists(values_changed, min_size=1, max_size=3) | st.builds(Deep, deep).map(
    lambda change: [change]
)
any_json = any_values | any_values | any_bytes
any_cards = st.lists(cards_changed | cards_changed | bytes_changed, min_size=1, max_size=4)
any_fits = (
    any_cards
    | any_cards.map(lambda changes: [*changes, Packed()])
    | any_bytes.map(lambda changes: [Packed(), *changes])
)

sql_values = st.sampled_from(
    [
        *("NULL", "-1", "0", "1", "7", "9e999", "9223372036854775807", "-9000000000000000000"),
        *("x'00ff'", "''", "'..'", "'a' || char(0)", "char(27) || '[2J'", "'clear'", "'a/../b'"),
        *("zeroblob(100000)", "0.5", "'nan'", "'{}'", "'[]'", "'human'", "'approved'", "'/tmp'"),
        "hex(zeroblob(999))",
    ]
)
