"""Evaluate predictions against reference masks, and compare with baselines without a network.

PREDICTIONS is the output folder of `predict`. TRUTH is a project, a folder of mask FITS files, or a
folder with frames/ and truth/ as written by `simulate`. Frames are matched by their files, else by
name, and must have the pixels that were predicted. Writes DIR/report.json, report.md, frames.csv
(worst frame first), and figures/ as PDF and PNG; without --overwrite only in place of a report on
the same predictions and truth.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from napari_iris.cli.main import OK, SOME_FAILED
from napari_iris.cli.options import add_json, add_out, add_overwrite
from napari_iris.cli.progress import Progress
from napari_iris.commands.configs import EVALUATE
from napari_iris.errors import IrisError, MissingPackageError, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_iris.evaluation.report import Report
    from napari_iris.training.epochs import Epoch

EXAMPLES = """\
examples:
  napari-iris evaluate predictions/ night1 --out report/
  napari-iris evaluate predictions/ sky/ --out report/ --model models/unet1 --part test
  napari-iris evaluate predictions/ night1 --out report/ --against older/predictions/
  napari-iris evaluate predictions/ masks/ --out report/ --threshold 0.4 --no-figures
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "predictions", type=Path, metavar="PREDICTIONS", help="folder of predictions"
    )
    parser.add_argument("truth", type=Path, metavar="TRUTH", help="labelled frames")
    add_out(parser)
    parser.add_argument(
        "--against",
        type=Path,
        metavar="PREDICTIONS",
        help="predictions of another model for the same frames: is the difference significant?",
    )
    EVALUATE.add_to(parser)
    parser.add_argument(
        "--figures",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="draw the figures (default: on)",
    )
    parser.add_argument(
        "--model",
        metavar="MODEL",
        help="folder of the model that predicted: adds its training curves to the figures, and a "
        "warning about frames that it was trained on",
    )
    parser.add_argument(
        "--part",
        choices=("train", "validation", "test", "all"),
        default="all",
        help="frames to use: a part of the split that --model was trained with (default: all)",
    )
    add_overwrite(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Evaluate the predictions; 1 if some could not be used."""
    from napari_iris.evaluation.evaluate import Evaluation
    from napari_iris.evaluation.markdown import summary
    from napari_iris.evaluation.report_check import check_report
    from napari_iris.evaluation.report_files import write_report
    from napari_iris.evaluation.report_json import report_as_dict
    from napari_iris.evaluation.training_frames import TrainingFrames
    from napari_iris.io.atomic import make_folder
    from napari_iris.networks.find import find_model
    from napari_iris.numbers import format_count, nan_to_none

    config = EVALUATE.read(options)
    check_report(options.out, options.predictions, options.truth, overwrite=options.overwrite)
    part = None if options.part == "all" else options.part
    if part is not None and options.model is None:
        raise IrisError("--part: needs the split of a model; give --model as well")
    model = options.model
    trained_on = None if model is None else TrainingFrames.of(find_model(model))
    epochs = _epochs(options.model) if options.figures else ()
    evaluation = Evaluation(
        options.predictions,
        options.truth,
        config,
        options.against,
        trained_on=trained_on,
        part=part,
    )
    make_folder(options.out)
    for remark in evaluation.remarks:
        print(f"napari-iris evaluate: {printable(remark)}", file=sys.stderr)
    progress = Progress(len(evaluation), as_json=options.json)
    for _ in progress.follow(evaluation.run()):
        pass
    report = evaluation.report()
    pictures = _draw(report, options.out / "figures", epochs) if options.figures else []
    write_report(report, options.out, pictures)
    unmatched = sum(not one.failed for one in report.left_out)
    details = [summary(report), *([f"{unmatched} without counterpart"] if unmatched else [])]
    facts = nan_to_none(report_as_dict(report))
    progress.end(
        f"{format_count(len(report.table), 'frame')} evaluated, report in {options.out}",
        "; ".join(details),
        report=str(options.out / "report.json"),
        without_counterpart=unmatched,
        own_labels=facts["own_labels"],
        **{name: facts[name] for name in ("n_frames", "model", "baselines", "warnings")},
    )
    return SOME_FAILED if progress.failed else OK


def _draw(report: Report, out: Path, epochs: Sequence[Epoch]) -> list[str]:
    """Draw the figures and return their names; without matplotlib print how to install it."""
    from napari_iris.evaluation.figures.draw import draw_figures

    try:
        return draw_figures(report, out, epochs)
    except MissingPackageError as error:
        print(f"napari-iris evaluate: {error}", file=sys.stderr)
        return []


def _epochs(model: str | None) -> Sequence[Epoch]:
    """Read the training epochs of a model; none without a model.

    Raises
    ------
    ModelError
        If there is no such model, or it has no epochs.
    """
    if model is None:
        return ()
    from napari_iris.errors import ModelError
    from napari_iris.networks.find import find_model
    from napari_iris.training.run_folder import RunFolder

    folder = find_model(model)
    epochs = RunFolder(folder).epochs()
    if not epochs:
        raise ModelError(folder, "has no run/epochs.csv to draw", "leave out --model")
    return epochs
