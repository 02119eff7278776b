"""Whether an older report may be replaced: only by one on the same predictions and truth."""

from __future__ import annotations

import json
import os
from functools import partial
from itertools import product
from typing import IO, TYPE_CHECKING

from napari_iris.evaluation.curves_file import COLUMNS as CURVE_COLUMNS
from napari_iris.evaluation.curves_file import CURVES, NEEDED
from napari_iris.evaluation.figures.draw import NAMES
from napari_iris.evaluation.figures.style import KINDS, MADE_BY
from napari_iris.evaluation.matches import LeftOut
from napari_iris.evaluation.report_files import has_mark
from napari_iris.evaluation.score_table import MODEL_SCORES, TABLE_COLUMNS
from napari_iris.io.outputs import check_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    IsOurs = Callable[[IO[bytes]], bool]


def check_report(out: Path, predictions: Path, truth: Path, *, overwrite: bool = False) -> None:
    """Refuse to write a report over files that are not of a report on the same input.

    Parameters
    ----------
    out : Path
        Folder of the report; it may not exist.
    predictions, truth : Path
        What is evaluated.
    overwrite : bool
        Whether any files but frames are replaced.

    Raises
    ------
    FileError
        If a file must not be replaced; the message names it.
    """
    files: dict[str, IsOurs] = {
        "report.json": partial(_is_report, inputs=(predictions, truth)),
        "report.md": has_mark,
        "frames.csv": partial(_is_table, columns=TABLE_COLUMNS, needed=MODEL_SCORES),
        CURVES: partial(_is_table, columns=CURVE_COLUMNS, needed=NEEDED),
        "left_out.csv": partial(_is_table, columns=LeftOut._fields, needed=LeftOut._fields),
    }
    files |= {f"figures/{name}.{kind}": _is_figure for name, kind in product(NAMES, KINDS)}
    for name, is_ours in files.items():
        check_file(out / name, "evaluate", is_ours, overwrite=overwrite)


def _is_report(file: IO[bytes], inputs: tuple[Path, Path]) -> bool:
    """Whether a file is ``report.json`` of an evaluation of the same predictions and truth."""
    try:
        found = json.load(file)
        stated = [os.path.abspath(found[name]) for name in ("predictions", "truth")]  # noqa: PTH100
    except (ValueError, KeyError, TypeError, RecursionError):
        return False
    given = [os.path.abspath(one) for one in inputs]  # noqa: PTH100
    return stated == given and "napari_iris" in found


def _is_table(file: IO[bytes], columns: Sequence[str], needed: Sequence[str]) -> bool:
    """Whether a table has columns of ours only; older versions have fewer."""
    names = file.readline(10_000).decode(errors="replace").strip().split(",")
    return {*needed} <= {*names} <= {*columns}


def _is_figure(file: IO[bytes]) -> bool:
    """Whether a picture names `MADE_BY` in its metadata."""
    return MADE_BY.encode() in file.read()
