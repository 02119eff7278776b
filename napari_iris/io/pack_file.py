"""The format of a pack: FITS, with a table of files and a tile-compressed cube of each image.

One tile is one image, compressed without loss by gzip, as section 10 of the FITS standard 4.0
defines it; so other programs read the cubes, and one image is read without the others.
"""

from __future__ import annotations

import os
import re
import zlib
from dataclasses import dataclass
from itertools import islice
from typing import IO, TYPE_CHECKING, NamedTuple

import numpy as np

from napari_iris.errors import FileError
from napari_iris.io.blocks import BITPIX, BLOCK, data_block, header_block
from napari_iris.io.regular import refuse_special

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

FORMAT = "IRISPACK"
"""Card of the primary header by which a pack is known: the version of its format."""

AGAIN = "delete it, and run its shard again"

GZIP = 31
"""What zlib calls the format of gzip, with a checksum."""

_NUMBER = re.compile(rb"([A-Z0-9]+) *= +(-?\d+) ")
_EXTNAME = re.compile(r"EXTNAME = '(\w+) *'")

_MOST_BLOCKS = 4
"""Blocks of a header in a pack."""


class PackError(FileError):
    """A pack that cannot be read."""


class Layer(NamedTuple):
    """What the images of a cube have in common: its name, and their type and shape."""

    name: str
    dtype: str
    rows: int
    columns: int


class Entry(NamedTuple):
    """A packed file: where its headers and then its compressed images are stored.

    `name` is percent-encoded, `time` that of its frame [ns], and each of `parts` an offset in
    `source` and a length [bytes].
    """

    name: str
    time: int
    layers: tuple[Layer, ...]
    parts: Sequence[Sequence[int]]
    source: Path


@dataclass(frozen=True, eq=False)
class Group:
    """Files of a pack that have images of the same types and shapes.

    Attributes
    ----------
    source : Path
        The pack.
    layers : tuple of Layer
        Their images.
    names : ndarray of bytes, shape (files,)
        Names of the files, percent-encoded.
    times : ndarray of int64, shape (files,)
        See `Entry`.
    parts : ndarray of int64, shape (files, 2 * layers, 2)
        See `Entry`.
    """

    source: Path
    layers: tuple[Layer, ...]
    names: NDArray[np.bytes_]
    times: NDArray[np.int64]
    parts: NDArray[np.int64]

    def __iter__(self) -> Iterator[Entry]:
        return map(self.entry, range(len(self.names)))

    def entry(self, number: int) -> Entry:
        """Give a file by its number, from 0."""
        name, time = self.names[number].decode(), int(self.times[number])
        return Entry(name, time, self.layers, self.parts[number].tolist(), self.source)


def restore(entry: Entry) -> bytes:
    """Restore a packed file.

    Parameters
    ----------
    entry : Entry
        The file.

    Returns
    -------
    bytes
        A FITS file.

    Raises
    ------
    PackError
        If it is damaged.
    """
    try:
        with entry.source.open("rb") as file:
            parts = [read_part(file, *part) for part in entry.parts]
        count = len(entry.layers)
        return b"".join(
            header_block(header.decode("ascii")) + data_block(_decompressed(tile, layer))
            for header, tile, layer in zip(parts[:count], parts[count:], entry.layers, strict=True)
        )
    except (OSError, ValueError, zlib.error) as error:
        raise PackError(entry.source, f"is damaged at {entry.name} ({error})", AGAIN) from error


def _decompressed(tile: bytes, layer: Layer) -> NDArray[np.uint8]:
    """Pixels of an image, big-endian; a tile has the first bytes of all pixels first."""
    size = np.dtype(layer.dtype).itemsize
    packer = zlib.decompressobj(wbits=GZIP)
    pixels = packer.decompress(tile, layer.rows * layer.columns * size + 1)
    if not packer.eof:
        raise ValueError("it is cut short")
    return np.frombuffer(pixels, np.uint8).reshape(size, -1).T


def read_groups(path: Path) -> list[Group]:
    """Read what a pack holds, without images and headers.

    Parameters
    ----------
    path : Path
        The pack.

    Raises
    ------
    FileNotFoundError
        If there is none.
    PackError
        If it is damaged, or another file.
    """
    try:
        refuse_special(path)
        with path.open("rb") as file:
            units = _units(file)
            if FORMAT not in next(units).cards:
                raise PackError(path, "is not a pack of napari-iris", "move it away")
            groups = []
            for table in units:
                cubes = list(islice(units, _layers(table)))
                groups.append(_read_group(path, file, table, cubes))
            return groups
    except FileNotFoundError:
        raise
    except OSError as error:
        reason = f"cannot be read ({error.strerror or error})"
        raise PackError(path, reason, AGAIN) from error
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise PackError(path, "is damaged, or not a pack of napari-iris", AGAIN) from error


class _Unit(NamedTuple):
    """A header-data unit: its text, its whole numbers, where its rows begin and the heap."""

    text: str
    cards: dict[str, int]
    start: int
    heap: int


def _units(file: IO[bytes]) -> Iterator[_Unit]:
    """Read the headers of a pack."""
    size, place = os.fstat(file.fileno()).st_size, 0
    while place < size or not place:
        file.seek(place)
        header = b""
        while not header.rstrip(b" ").endswith(b"END") and len(header) < _MOST_BLOCKS * BLOCK:
            header += read_part(file, file.tell(), BLOCK)
        cards = {key.decode(): int(value) for key, value in _NUMBER.findall(header)}
        start = heap = place + len(header)
        if cards["NAXIS"]:
            heap += cards["NAXIS1"] * cards["NAXIS2"]
        place = heap + cards.get("PCOUNT", 0)
        place += -place % BLOCK
        if not start <= heap <= place <= size:
            raise ValueError(f"unit of {place - start} bytes")
        yield _Unit(header.decode("ascii"), cards, start, heap)


def _layers(table: _Unit) -> int:
    return table.cards["TFIELDS"] - 2


def row_type(width: int, layers: int) -> np.dtype[np.void]:
    """Give the type of the rows of a table of files.

    Parameters
    ----------
    width : int
        Most bytes of a name.
    layers : int
        Images of each file; descriptors of their headers have a length and an offset.
    """
    return np.dtype([("FILE", f"S{width}"), ("TIME", ">i8"), ("HEADERS", ">i8", (layers, 2))])


def _read_group(path: Path, file: IO[bytes], table: _Unit, cubes: list[_Unit]) -> Group:
    """Read the table of some files, and where their images are."""
    count, files = _layers(table), table.cards["NAXIS2"]
    kind = row_type(table.cards["NAXIS1"] - 8 - 16 * count, count)
    rows = np.frombuffer(read_part(file, table.start, files * kind.itemsize), kind)
    places = [rows["HEADERS"][:, number] for number in range(count)]
    for cube in cubes:
        tiles = read_part(file, cube.start, cube.heap - cube.start)
        places.append(np.frombuffer(tiles, ">i8").reshape(files, 2))
    parts = np.stack(places, axis=1)[:, :, ::-1].astype(np.int64)
    parts[:, :count, 0] += table.heap
    parts[:, count:, 0] += [cube.heap for cube in cubes]
    if not ((parts >= 0) & (parts <= path.stat().st_size)).all():
        raise ValueError("a part is beyond its end")
    return Group(path, tuple(map(_layer, cubes)), rows["FILE"], rows["TIME"], parts)


def _layer(cube: _Unit) -> Layer:
    kinds = {bits: dtype for dtype, bits in BITPIX.items()}
    rows, columns = cube.cards["ZNAXIS2"], cube.cards["ZNAXIS1"]
    return Layer(extension_name(cube.text), kinds[cube.cards["ZBITPIX"]], rows, columns)


def extension_name(cards: str) -> str:
    """Give the name of an image by its header; that of a primary HDU is ``FRAME``.

    Parameters
    ----------
    cards : str
        The header.
    """
    found = _EXTNAME.search(cards)
    return found.group(1) if found else "FRAME"


def read_part(file: IO[bytes], place: int, length: int) -> bytes:
    """Read a part of a file.

    Parameters
    ----------
    file : binary file
        The file.
    place, length : int
        Where it begins, and its length, in bytes.

    Raises
    ------
    ValueError
        If the file does not have it.
    """
    file.seek(place)
    found = file.read(length) if length >= 0 else b""
    if len(found) != length:
        raise ValueError("it is cut short")
    return found
