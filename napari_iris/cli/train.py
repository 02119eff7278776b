"""Train a network: unet for a cloud probability per pixel, vgg8 for clear or cloudy frames.

DATA is a project (its approved frames), a folder of mask FITS files, or a folder with frames/ and
truth/ as written by `simulate`. The frames are split by night, or into blocks with a gap between
them. Without DATA, the network learns --simulated frames alone. MODEL holds the best epoch;
--resume continues a run that was interrupted or killed.

With --adapt NIGHT in place of DATA, the model of --init is adapted to a camera from frames without
labels: half of each batch are its frames, labelled where their excess above the clear sky is sure,
half are simulated. An epoch that is worse on other simulated frames by more than 0.2 % of the
pixels is not kept; if no epoch is better, MODEL holds the model as it was.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from napari_iris.cli.main import OK, SOME_FAILED
from napari_iris.cli.options import add_json, add_out
from napari_iris.cli.stopping import stop_on_interrupt
from napari_iris.cli.train_reporter import TrainReporter
from napari_iris.commands.configs import NETWORK, TRAIN, read_train_config
from napari_iris.networks.spec import Kind

if TYPE_CHECKING:
    from napari_iris.training.checkpoint import RunProgress

EXAMPLES = """\
examples:
  napari-iris train unet night1 --out models/unet1
  napari-iris train unet sky/ --out unet2 --channels 16 32 64 --epochs 20 --engine flax
  napari-iris train vgg8 sky/ --out vgg1 --percent 80 20 0
  napari-iris train unet night1 --out models/unet1 --resume
  napari-iris train unet --simulated 20000 --out unet3 --planes 2 --normalisation asinh
  napari-iris train unet --adapt night/ --init unet-lwir --out models/mine
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("kind", choices=get_args(Kind), metavar="unet|vgg8", help="the network")
    parser.add_argument("data", type=Path, nargs="?", metavar="DATA", help="labelled frames")
    add_out(parser, "MODEL", "folder for the model")
    NETWORK.add_to(parser, with_defaults=False)
    TRAIN.add_to(parser, with_defaults=False)  # those of the network, or of the run to resume
    parser.add_argument("--init", metavar="MODEL", help="model to start from")
    parser.add_argument("--resume", action="store_true", help="continue the run in MODEL")
    parser.add_argument(
        "--evaluate",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="after training, calibrate the model and evaluate it, with the baselines, on the "
        "validation and test frames (default: on)",
    )
    parser.add_argument(
        "--save-predictions",
        type=Path,
        metavar="DIR",
        help="folder for the predictions of the validation and test frames",
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Train the network; 1 if some files could not be used, or no epoch was completed."""
    reporter = TrainReporter(options.out, as_json=options.json)
    with stop_on_interrupt(reporter.killed):
        try:
            progress = _train(options, reporter)
        except KeyboardInterrupt:
            reporter.cancelled()
            raise
        reporter.end(progress)
    return OK if progress.has_model and not reporter.failed else SOME_FAILED


def _train(options: argparse.Namespace, reporter: TrainReporter) -> RunProgress:
    from napari_iris.training.train import train

    config = read_train_config(options, _init(options.init))
    progress = train(
        config, options.data, options.out, reporter, init=options.init, resume=options.resume
    )
    if progress.has_model:
        _finish(options, reporter)
    return progress


def _init(init: str | None) -> dict[str, Any]:
    """Network and normalisation of the model to start from."""
    from napari_iris.networks.card import read_card
    from napari_iris.networks.find import find_model

    if init is None:
        return {}
    card = read_card(find_model(init))
    return {"network": card.network.model_dump(), "normalisation": card.normalisation}


def _finish(options: argparse.Namespace, reporter: TrainReporter) -> None:
    """Evaluate the model, and export it for CPU inference."""
    from napari_iris.evaluation.trained_model import evaluate_trained
    from napari_iris.inference.export import export_openvino

    if options.data is not None and (options.evaluate or options.save_predictions):
        evaluate_trained(
            options.out,
            options.data,
            reporter,
            options.save_predictions,
            evaluated=options.evaluate,
        )
    export_openvino(options.out)
