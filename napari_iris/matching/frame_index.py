"""Find the frame that a prediction was made from, by file, by name and by pixels."""

from __future__ import annotations

import os
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.matching.names import frame_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray


class FrameIndex:
    """Frames, to be found by file, by name and by pixels.

    Parameters
    ----------
    paths : sequence of str
        Absolute path of each frame.
    hashes : iterable of bytes, optional
        Content hash of each frame, see `content_hash`; empty where not known.
    originals : bool
        Whether these are the very files that predictions are made from. Then the path and the
        pixels that a prediction states are conclusive; else the frames may be copies elsewhere, or
        binned, and the name decides.
    """

    def __init__(
        self, paths: Sequence[str], hashes: Iterable[bytes] = (), *, originals: bool = False
    ) -> None:
        self._paths, self._hashes, self._originals = paths, hashes, originals
        self._by_path = {path: row for row, path in enumerate(paths)}

    def at(self, path: str) -> int | None:
        """Row of the frame with a path; None where there is none."""
        return self._by_path.get(path)

    def named(self, name: str) -> list[int]:
        """Rows of the frames with a name, see `frame_name`."""
        return self._by_name.get(name, [])

    def find(self, path: str, name: str, frame_id: Callable[[], str]) -> list[int]:
        """Find the frame that a prediction was made from.

        Parameters
        ----------
        path : str
            The frame's file as the prediction or its table states it; empty where not known.
        name : str
            The frame's name as the prediction's file has it, see `frame_name`.
        frame_id : callable
            Gives the identifier of the frame's pixels that the prediction states, see `frame_id`;
            empty where not known. It is called only where it decides, as the file may have to be
            read for it.

        Returns
        -------
        list of int
            One row; none where the frame is not here; several where any of them may be the frame.
        """
        exact = self._by_path.get(path)
        if self._originals:
            pixels = frame_id()
            if pixels:
                same = self._by_id.get(pixels, [])
                return [exact] if exact in same else same[:1]
            if path:
                return [] if exact is None else [exact]
        elif exact is not None:
            return [exact]
        rows = self.named(name)
        if len(rows) > 1 and not self._originals:
            same = self._by_id.get(frame_id(), [])
            rows = [row for row in rows if row in same][:1] or rows
        return rows

    def places(
        self, files: Sequence[str], is_same: Callable[[int, int], bool]
    ) -> NDArray[np.int64]:
        """Find frames that were listed before, also if their folder has been moved since.

        Parameters
        ----------
        files : sequence of str
            Absolute path of each listed frame.
        is_same : callable
            Given the number of a listed frame and the row of a frame here, whether they have the
            same pixels. It is called once for each listed folder, and only if no path is here.

        Returns
        -------
        ndarray of int64, shape (files,)
            Row of each file; -1 where it is not here.
        """
        places = np.array([self._by_path.get(file, -1) for file in files], np.int64)
        if (places >= 0).any():
            return places
        folders: defaultdict[str, list[int]] = defaultdict(list)
        for number, file in enumerate(files):
            if self.named(frame_name(file)):
                folders[os.path.dirname(file)].append(number)  # noqa: PTH120 (Path is slow)
        for numbers in folders.values():
            rows = [self.named(frame_name(files[number]))[-1] for number in numbers]
            if is_same(numbers[0], rows[0]):
                places[numbers] = rows
        return places

    @cached_property
    def _by_name(self) -> dict[str, list[int]]:
        return _rows_by(map(frame_name, self._paths))

    @cached_property
    def _by_id(self) -> dict[str, list[int]]:
        return _rows_by(found.hex() for found in self._hashes)


def _rows_by(keys: Iterable[str]) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for row, key in enumerate(keys):
        rows.setdefault(key, []).append(row)
    return rows
