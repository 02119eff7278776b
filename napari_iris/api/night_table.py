"""The table of a night: file, time and header cards of every frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from astropy.table import MaskedColumn, Table

from napari_iris.frames.facts import facts, observed_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from astropy.io import fits


def night_table(files: Sequence[str], headers: Sequence[fits.Header]) -> Table:
    """Make a table of frames with their times and the cards of their headers.

    Parameters
    ----------
    files : sequence of str
        The frames' files.
    headers : sequence of astropy.io.fits.Header
        Their headers, in the same order; an empty one where a file cannot be read.

    Returns
    -------
    astropy.table.Table
        Columns ``file``, ``time`` (datetime64[us], UTC; NaT where not known), and one for each
        keyword that describes sky or camera, masked where a header lacks it.
    """
    times = np.array([observed_at(header) for header in headers], "M8[us]")
    table = Table({"file": np.array(files, str), "time": times})
    for name in dict.fromkeys(name for header in headers for name, *_ in facts(header)):
        table[name] = _column([header.get(name) for header in headers])
    return table


def _column(values: list[object]) -> MaskedColumn:
    """Column of one type: the values' own, float for integers and floats, else text."""
    known = [isinstance(value, bool | int | float | str) for value in values]
    kinds = {type(value) for value, is_known in zip(values, known, strict=True) if is_known}
    if len(kinds) != 1:  # of several types, or of undefined values alone
        kinds = {float if kinds <= {int, float} else str}
    kind: Callable[..., object] = kinds.pop()
    filled = [kind(v) if is_known else kind() for v, is_known in zip(values, known, strict=True)]
    return MaskedColumn(filled, mask=np.logical_not(known))
