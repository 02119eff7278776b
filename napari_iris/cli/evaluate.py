"""Measure predictions against the truth, beside what is had without a network.

PREDICTIONS is a folder that predict has written. TRUTH is a project, a folder of mask FITS, or a
folder with frames/ and truth/ as simulate writes it. Frames are matched by their files, else by
name, and must have the pixels that were predicted. Writes DIR/report.json, report.md, frames.csv
(the worst frame first) and figures/ as PDF and PNG.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from napari_iris.cli.main import OK, SOME_FAILED
from napari_iris.cli.progress import Progress
from napari_iris.commands.configs import EVALUATE
from napari_iris.errors import IrisError, MissingPackageError

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
    parser.add_argument("predictions", type=Path, metavar="PREDICTIONS", help="folder of predict")
    parser.add_argument("truth", type=Path, metavar="TRUTH", help="labelled frames")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write to")
    parser.add_argument(
        "--against",
        type=Path,
        metavar="PREDICTIONS",
        help="another model's predictions of the same frames: is the difference real?",
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
        help="folder of the model that predicted: its training curves are drawn too, and the "
        "report warns of frames that it was trained on",
    )
    parser.add_argument(
        "--part",
        choices=("train", "validation", "test", "all"),
        default="all",
        help="frames to measure by: a part of the training of --model (default: all)",
    )
    parser.add_argument(
        "--json", action="store_true", help="print events as JSON lines instead of a progress line"
    )


def run(options: argparse.Namespace) -> int:
    """Measure the predictions; 1 where some could not be."""
    from napari_iris.evaluation.evaluate import Evaluation
    from napari_iris.evaluation.markdown import summary
    from napari_iris.evaluation.report_files import write_report
    from napari_iris.evaluation.report_json import report_as_dict
    from napari_iris.evaluation.training_frames import TrainingFrames
    from napari_iris.io.atomic import make_folder
    from napari_iris.networks.card import find_model
    from napari_iris.numbers import counted, defined

    config = EVALUATE.read(options)
    part = None if options.part == "all" else options.part
    if part is not None and options.model is None:
        raise IrisError("--part: it is a part of a model's training; give --model too")
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
        print(f"napari-iris evaluate: {remark}", file=sys.stderr)
    progress = Progress(len(evaluation), as_json=options.json)
    for _ in progress.follow(evaluation.run()):
        pass
    report = evaluation.report()
    pictures = _draw(report, options.out / "figures", epochs) if options.figures else []
    write_report(report, options.out, pictures)
    unmatched = sum(not one.failed for one in report.left_out)
    details = [summary(report), *([f"{unmatched} without counterpart"] if unmatched else [])]
    facts = defined(report_as_dict(report))
    progress.end(
        f"{counted(len(report.table), 'frame')} evaluated, report in {options.out}",
        "; ".join(details),
        report=str(options.out / "report.json"),
        without_counterpart=unmatched,
        **{name: facts[name] for name in ("n_frames", "model", "baselines", "warnings")},
    )
    return SOME_FAILED if progress.failed else OK


def _draw(report: Report, out: Path, epochs: Sequence[Epoch]) -> list[str]:
    """Draw the figures and give their names; without matplotlib print how to get them."""
    from napari_iris.evaluation.figures.draw import draw_figures

    try:
        return draw_figures(report, out, epochs)
    except MissingPackageError as error:
        print(f"napari-iris evaluate: {error}", file=sys.stderr)
        return []


def _epochs(model: str | None) -> Sequence[Epoch]:
    """Epochs of the model's training; none without a model.

    Raises
    ------
    ModelError
        If the model is none, or has no epochs to draw.
    """
    if model is None:
        return ()
    from napari_iris.errors import ModelError
    from napari_iris.networks.card import find_model
    from napari_iris.training.run_folder import RunFolder

    folder = find_model(model)
    epochs = RunFolder(folder).epochs()
    if not epochs:
        raise ModelError(folder, "has no run/epochs.csv to draw", "leave out --model")
    return epochs
