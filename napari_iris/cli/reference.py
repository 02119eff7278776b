"""Learn what the clear sky looks like to a camera, and show it.

A reference has the level of the clear sky (against temperatures, elevation and night), the
camera's own pattern, and how sure both are. No labels are needed. Give the file to
``mask --reference FILE``; with ``--reference auto``, the default, mask learns it from its frames.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_iris.cli.main import OK, SOME_FAILED
from napari_iris.cli.options import Actions, add_out, add_overwrite
from napari_iris.errors import printable
from napari_iris.numbers import to_json

if TYPE_CHECKING:
    import argparse

    from napari_iris.errors import FrameError
    from napari_iris.radiometry.reference import Reference

EXAMPLES = """\
examples:
  napari-iris reference learn night1/ night2/ --out camera.fits
  napari-iris reference learn project1 --out camera.fits
  napari-iris reference show camera.fits
  napari-iris reference show camera.fits --figure camera.png
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add = Actions(parser, EXAMPLES).add
    learn = add("learn", _learn, "learn the reference of a camera from its frames")
    learn.add_argument(
        "frames",
        nargs="+",
        metavar="FRAMES|PROJECT",
        help="files, folders, globs, or @list.txt; or a project, with its clear frames",
    )
    add_out(learn, "FILE", "FITS file to write")
    show = add("show", _show, "show a reference")
    show.add_argument("file", type=Path, metavar="FILE", help="FITS file of a reference")
    show.add_argument(
        "--figure",
        type=Path,
        metavar="OUT.png",
        help="draw level against time and temperature, pattern and residuals (PNG, PDF or SVG)",
    )
    add_overwrite(show)


def run(options: argparse.Namespace) -> int:
    """Run the chosen action."""
    return int(options.run_action(options))


def _learn(options: argparse.Namespace) -> int:
    from napari_iris.frames.paths import find_frames
    from napari_iris.project.folder import DATABASE
    from napari_iris.project.relearning import learn_project
    from napari_iris.radiometry.archive import learn_references, unread_frames
    from napari_iris.radiometry.reference_file import check_reference_output

    check_reference_output(options.out)
    first = Path(options.frames[0])
    problems: list[FrameError] = []
    if len(options.frames) == 1 and (first / DATABASE).is_file():
        learned = learn_project(first)
    else:
        paths, missing = find_frames(options.frames)
        if missing:
            raise missing[0]
        learned = learn_references(paths)
        problems = unread_frames(paths)
        for problem in problems:
            print(problem, file=sys.stderr)
    learned.to_fits(options.out)
    _print(learned.found, as_json=options.json)
    return SOME_FAILED if problems else OK


def _show(options: argparse.Namespace) -> int:
    from napari_iris.radiometry.reference_file import read_references

    references = tuple(read_references(options.file))
    if options.figure is not None:
        from napari_iris.evaluation.figures.reference import is_figure, write_reference_figure
        from napari_iris.io.outputs import check_file

        check_file(options.figure, "reference show", is_figure, overwrite=options.overwrite)
        write_reference_figure(options.figure, references)
    _print(references, as_json=options.json)
    return OK


def _print(references: tuple[Reference, ...], *, as_json: bool) -> None:
    facts = [_facts(one) for one in references]
    if as_json:
        print(to_json({"references": facts}))
        return
    for one in facts:
        print("\n".join(f"{name.replace('_', ' '):<18}{_text(one[name])}" for name in one))


def _facts(one: Reference) -> dict[str, Any]:
    terms = one.covariates
    return {
        "camera": one.camera,
        "kind": one.kind,
        "level_adu": round(float(terms.coefficients[0]), 1),
        "level_sigma_adu": round(one.level_sigma, 1),
        "pixel_sigma_adu": round(one.pixel_sigma, 1),
        "pattern_adu": [round(float(one.pattern.min()), 1), round(float(one.pattern.max()), 1)],
        "clear_frames": one.clear_frames,
        "frames": one.frames,
        "nights": one.nights,
        "pointings": len(terms.pointings),
    }


def _text(value: object) -> str:
    return " to ".join(map(str, value)) if isinstance(value, list) else printable(str(value))
