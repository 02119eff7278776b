"""The files of a report: report.json, report.md and its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
        file.write(report_as_markdown(report, figures).encode())
    with atomic_open(out / "report.json") as file:
        file.write(to_json(report_as_dict(report), indent=2).encode() + b"\n")


def _write_left_out(path: Path, left_out: list[LeftOut]) -> None:
    with write_table(path, LeftOut._fields) as table:
        table.writerows((*one[:-1], "yes" if one.failed else "no") for one in left_out)
