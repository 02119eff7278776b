"""The files of a report: report.json, report.md and its tables."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING
from zlib import crc32

from napari_iris.evaluation.curves_file import CURVES, write_curves
from napari_iris.evaluation.markdown import report_as_markdown
from napari_iris.evaluation.matches import LeftOut
from napari_iris.evaluation.report_json import report_as_dict
from napari_iris.io.atomic import atomic_open, make_folder
from napari_iris.io.tables import write_table
from napari_iris.numbers import to_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_iris.evaluation.report import Report


def write_report(report: Report, out: Path, figures: Sequence[str] = ()) -> None:
    """Write ``report.json``, ``report.md``, and the tables.

    These are ``frames.csv``, ``curves.csv`` and, where files could not be used, ``left_out.csv``.

    Parameters
    ----------
    report : Report
        Result of an evaluation.
    out : Path
        Folder to write to; it is made.
    figures : sequence of str, optional
        Names of the figures that ``report.md`` shows, within ``out/figures``.

    Raises
    ------
    FileError
        If a file cannot be written.
    """
    make_folder(out)
    report.table.write(out / "frames.csv")
    write_curves(out / CURVES, {"pixels": report.pixels, "frames": report.classes})
    left_out = [*report.left_out, *report.own_labels.left_out]
    if left_out:
        _write_left_out(out / "left_out.csv", left_out)
    else:  # of an earlier evaluation
        (out / "left_out.csv").unlink(missing_ok=True)
    with atomic_open(out / "report.md") as file:
        text = report_as_markdown(report, figures).encode()
        file.write(text + _mark(text))
    with atomic_open(out / "report.json") as file:
        file.write(to_json(report_as_dict(report), indent=2).encode() + b"\n")


def has_mark(file: IO[bytes]) -> bool:
    """Whether a file is ``report.md`` as it was written: without a change since.

    Parameters
    ----------
    file : binary file
        The file, at its start.

    Returns
    -------
    bool
        False for any other text.
    """
    content = file.read()
    text = content[: -len(_mark(b""))]
    return content == text + _mark(text)


def _mark(text: bytes) -> bytes:
    """Make the last line of ``report.md``, which browsers and editors do not show."""
    return b"\n<!-- napari-iris evaluate %08x -->\n" % crc32(text)


def _write_left_out(path: Path, left_out: list[LeftOut]) -> None:
    with write_table(path, LeftOut._fields) as table:
        table.writerows((*one[:-1], "yes" if one.failed else "no") for one in left_out)
