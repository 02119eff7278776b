"""Write packs: each file to a journal at once, and all of them to the pack in the end."""

from __future__ import annotations

import json
import zlib
from contextlib import ExitStack, suppress
from itertools import accumulate
from typing import IO, TYPE_CHECKING, NamedTuple

import numpy as np

from napari_iris.io.atomic import atomic_open, writing
from napari_iris.io.blocks import BITPIX, BLOCK, header_block, path_card
from napari_iris.io.fits_files import card, fits_blocks
from napari_iris.io.pack_file import (
    FORMAT,
    GZIP,
    Entry,
    Layer,
    extension_name,
    read_groups,
    read_part,
    row_type,
)
from napari_iris.io.regular import refuse_special

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_iris.io.fits_files import Images
    from napari_iris.io.outputs import Mark

    Card = tuple[str, str | int | bool]

LEVEL = 6
"""Effort of the compression, of 9."""


class PackedFile(NamedTuple):
    """A file that is to be put into a pack: `parts` are its headers, and then its images."""

    name: str
    time: int
    layers: tuple[Layer, ...]
    parts: tuple[bytes, ...]


def pack_file(name: str, images: Images, mark: Mark, frame: Path) -> PackedFile:
    """Compress what `write_fits` would write to a file.

    Parameters
    ----------
    name : str
        Name of the file in its pack, with ``/`` as separator.
    images : sequence of (ndarray, astropy.io.fits.Header or str)
        As for `write_fits`.
    mark : Mark
        Which command makes it, and from what.
    frame : Path
        The frame that it was made from: the file is current while that has the same time.
    """
    blocks = list(fits_blocks(images, mark))
    headers = [header.rstrip()[: -len(b"END")] for header in blocks[::2]]
    tiles = [
        _compressed(block, data) for block, (data, _) in zip(blocks[1::2], images, strict=True)
    ]
    layers = tuple(map(_layer, headers, (data for data, _ in images)))
    time = 0
    with suppress(OSError):  # at a URL
        time = frame.stat().st_mtime_ns
    return PackedFile(path_card(name), time, layers, (*headers, *tiles))


def _layer(header: bytes, data: NDArray[np.generic]) -> Layer:
    return Layer(extension_name(header.decode("ascii")), data.dtype.name, *data.shape)


def _compressed(block: bytes, data: NDArray[np.generic]) -> bytes:
    """Compress pixels: the first bytes of all of them, then the second ones, and so on."""
    planes = np.frombuffer(block, np.uint8, data.nbytes).reshape(-1, data.itemsize).T
    packer = zlib.compressobj(LEVEL, wbits=GZIP)
    return packer.compress(planes.tobytes()) + packer.flush()


class Pack:
    """A pack that is being written, by one process at a time.

    A kill at any moment leaves a whole pack, and the journal of what was added since.

    Parameters
    ----------
    path : Path
        The pack.
    journal : Path
        File for what is added until the pack is written; its folder must exist.
    """

    def __init__(self, path: Path, journal: Path) -> None:
        self.path = path
        self._journal = journal
        self._file: IO[bytes] | None = None

    def add(self, file: PackedFile) -> None:
        """Add a file; it is handed to the system at once.

        Raises
        ------
        FileError
            If the journal cannot be written.
        """
        name, time, layers, parts = file
        record = {"name": name, "time": time, "layers": layers, "lengths": [*map(len, parts)]}
        with writing(self._journal):
            if self._file is None:
                self._file = self._journal.open("ab")
            self._file.write(b"".join([json.dumps(record).encode(), b"\n", *parts]))
            self._file.flush()

    def write(self, names: Iterable[str]) -> None:
        """Write the pack with some files in order, unless it has these; the journal is removed.

        Parameters
        ----------
        names : iterable of str
            The files; those that were never added are left out. Of two of a name, the last counts.

        Raises
        ------
        PackError
            If there is another file in the place of the pack, or it is damaged.
        FileError
            If it cannot be written.
        """
        if self._file is not None:
            self._file.close()
            self._file = None
        stored: list[Entry] = []
        with suppress(FileNotFoundError):
            stored = [entry for group in read_groups(self.path) for entry in group]
        found = {entry.name: entry for entry in (*stored, *_journalled(self._journal))}
        wanted = dict.fromkeys(map(path_card, names))
        kept = [found[name] for name in wanted if name in found]
        if kept and kept != stored:
            write_pack(self.path, kept)
        elif stored and not kept:
            self.path.unlink()
        self._journal.unlink(missing_ok=True)


def _journalled(path: Path) -> Iterator[Entry]:
    """Read the whole records of a journal."""
    try:
        refuse_special(path)
        size = path.stat().st_size
        with path.open("rb") as file:
            while line := file.readline():
                record = json.loads(line)
                *ends, end = accumulate(record["lengths"], initial=file.tell())
                if end > size:
                    return
                layers = tuple(Layer(*one) for one in record["layers"])
                parts = [list(one) for one in zip(ends, record["lengths"], strict=True)]
                yield Entry(record["name"], record["time"], layers, parts, path)
                file.seek(end)
    except (OSError, LookupError, TypeError, ValueError):  # cut short by a kill, or none
        return


def write_pack(path: Path, entries: Iterable[Entry]) -> None:
    """Write a pack, atomically; the parts of the files are copied from where they are.

    Parameters
    ----------
    path : Path
        The pack, in place of an older one, which may be the source of some files.
    entries : iterable of Entry
        The files, in order.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    groups: dict[tuple[Layer, ...], list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.layers, []).append(entry)
    sources = {entry.source for some in groups.values() for entry in some}
    cards: list[Card] = [("SIMPLE", True), ("BITPIX", 8), ("NAXIS", 0), ("EXTEND", True)]
    with atomic_open(path) as file, ExitStack() as stack:
        opened = {source: stack.enter_context(source.open("rb")) for source in sources}
        file.write(_header([*cards, (FORMAT, 1)]))
        for number, (layers, some) in enumerate(groups.items(), 1):
            _write_group(_Copier(file, opened, some), layers, number)


def _header(cards: Iterable[Card]) -> bytes:
    return header_block("".join(card(*one) for one in cards))


class _Copier(NamedTuple):
    """Files that are copied into a pack."""

    file: IO[bytes]
    opened: Mapping[Path, IO[bytes]]
    entries: list[Entry]

    def places(self, numbers: Sequence[int]) -> NDArray[np.int64]:
        """Length, and offset in the heap, of some parts of each file."""
        lengths = [entry.parts[number][1] for entry in self.entries for number in numbers]
        offsets = list(accumulate(lengths, initial=0))[:-1]
        return np.array([lengths, offsets]).T.reshape(len(self.entries), len(numbers), 2)

    def write(self, cards: Iterable[Card], rows: bytes, numbers: Sequence[int]) -> None:
        """Write a binary table, with some parts of each file as its heap."""
        places, begin = self.places(numbers), self.file.tell()
        layout: list[Card] = [
            ("XTENSION", "BINTABLE"),
            ("BITPIX", 8),
            ("NAXIS", 2),
            ("NAXIS1", len(rows) // len(self.entries)),
            ("NAXIS2", len(self.entries)),
            ("PCOUNT", int(places[:, :, 0].sum())),
            ("GCOUNT", 1),
        ]
        self.file.write(_header([*layout, *cards]) + rows)
        for entry in self.entries:
            for number in numbers:
                self.file.write(read_part(self.opened[entry.source], *entry.parts[number]))
        self.file.write(bytes((begin - self.file.tell()) % BLOCK))


def _write_group(copier: _Copier, layers: tuple[Layer, ...], number: int) -> None:
    """Write the table of some files, and the cube of each of their images."""
    count, entries = len(layers), copier.entries
    rows = np.zeros(len(entries), row_type(max(len(one.name) for one in entries), count))
    rows["FILE"] = [one.name for one in entries]
    rows["TIME"] = [one.time for one in entries]
    rows["HEADERS"] = copier.places(range(count))
    longest = rows["HEADERS"][:, :, 0].max()
    columns = [("FILE", f"{rows.dtype['FILE'].itemsize}A"), ("TIME", "1K")]
    columns += [(f"HEADER_{layer.name}", f"1QB({longest})") for layer in layers]
    copier.write(_column_cards(columns, "FILES", number), rows.tobytes(), range(count))
    for place, layer in enumerate(layers, count):
        tiles = copier.places([place])
        columns = [("COMPRESSED_DATA", f"1QB({tiles[:, :, 0].max()})")]
        cards = [*_column_cards(columns, layer.name, number), *_cube_cards(layer, len(entries))]
        copier.write(cards, tiles.astype(">i8").tobytes(), [place])


def _column_cards(columns: list[tuple[str, str]], name: str, number: int) -> list[Card]:
    """Cards that name a table and describe its columns."""
    cards: list[Card] = [("TFIELDS", len(columns))]
    for place, (title, form) in enumerate(columns, 1):
        cards += [(f"TTYPE{place}", title), (f"TFORM{place}", form)]
    return [*cards, ("EXTNAME", name), ("EXTVER", number)]


def _cube_cards(layer: Layer, files: int) -> list[Card]:
    """Cards of a compressed cube, of which each file has one tile."""
    sides = layer.columns, layer.rows
    return [
        ("ZIMAGE", True),
        ("ZCMPTYPE", "GZIP_1" if layer.dtype == "uint8" else "GZIP_2"),
        ("ZQUANTIZ", "NONE"),
        ("ZBITPIX", BITPIX[layer.dtype]),
        ("ZNAXIS", 3),
        *((f"ZNAXIS{axis}", side) for axis, side in enumerate((*sides, files), 1)),
        *((f"ZTILE{axis}", side) for axis, side in enumerate((*sides, 1), 1)),
    ]
