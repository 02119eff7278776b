"""Train a network: unet for the cloud in every pixel, vgg8 for clear or cloudy frames.

DATA is a project (its approved frames), a folder of mask FITS, or a folder with frames/ and
truth/ as simulate writes it. The frames are split by night, or by blocks with a gap between,
before the first step. MODEL keeps the best epoch; a stopped or killed run goes on with --resume.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from napari_iris.cli.main import OK, SOME_FAILED
from napari_iris.cli.options import add_config, to_config
from napari_iris.networks.spec import Kind, NetworkSpec
from napari_iris.training.config import PUBLISHED, TrainConfig

if TYPE_CHECKING:
    import argparse

    from napari_iris.training.run_folder import Position

EXAMPLES = """\
examples:
  napari-iris train unet night1 --out models/unet1
  napari-iris train unet sky/ --out unet2 --channels 16 32 64 --epochs 20 --engine flax
  napari-iris train vgg8 sky/ --out vgg1 --percent 80 20 0
  napari-iris train unet night1 --out models/unet1 --resume
"""

OPTIONS = (
    "engine",
    "epochs",
    "batch_size",
    "val_batch_size",
    "aug_batch_size",
    "learning_rate",
    "halve_every",
    "patience",
    "loss",
    "precision",
    "normalisation",
    "masks",
    "percent",
    "gap_s",
    "simulated",
    "seed",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("kind", choices=get_args(Kind), metavar="unet|vgg8", help="the network")
    parser.add_argument("data", type=Path, metavar="DATA", help="labelled frames")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="MODEL", help="folder for the model"
    )
    parser.add_argument(
        "--channels", type=int, nargs="+", metavar="N", help="filters of each level"
    )
    parser.add_argument(
        "--shape", type=int, nargs=2, metavar="N", help="rows and columns (default: 128 160)"
    )
    parser.add_argument(
        "--convolutions", type=int, metavar="N", help="convolutions a level, 1 or 2 (default: 2)"
    )
    add_config(parser, TrainConfig, OPTIONS)
    parser.set_defaults(**dict.fromkeys(next(iter(PUBLISHED.values()))))  # by the kind of network
    parser.add_argument("--init", metavar="MODEL", help="model to start from")
    parser.add_argument("--resume", action="store_true", help="go on with the run in MODEL")
    parser.add_argument(
        "--json", action="store_true", help="print events as JSON lines instead of a progress line"
    )


def run(options: argparse.Namespace) -> int:
    """Train it."""
    from napari_iris.training.train import train

    network = to_config(NetworkSpec, options)
    config = to_config(TrainConfig, options, network=network, **PUBLISHED[network.kind])
    teller = _Teller(as_json=options.json)
    ended = train(
        config, options.data, options.out, teller, init=options.init, resume=options.resume
    )
    teller.end(ended, options.out)
    return OK if ended.best_epoch else SOME_FAILED


class _Teller:
    """Tell how the run is getting on: JSON lines for a program, a line an epoch for a person."""

    def __init__(self, *, as_json: bool) -> None:
        self._json = as_json
        self._live = sys.stderr.isatty() and not as_json

    def __call__(self, event: str, facts: dict[str, Any]) -> None:
        if self._json:
            print(json.dumps({"event": event, **facts}), flush=True)
        elif event == "step":
            if self._live:
                line = "\repoch {epoch}  step {step}/{steps}  loss {loss:.4f} ".format(**facts)
                print(line, end="", file=sys.stderr, flush=True)
        else:
            clear = "\r\x1b[K" if self._live else ""
            print(f"{clear}{LINES[event].format(**facts)}", file=sys.stderr)

    def end(self, ended: Position, out: Path) -> None:
        """All is done."""
        if self._json:
            facts = {"epochs": ended.epochs, "best_epoch": ended.best_epoch, "val_loss": ended.best}
            print(json.dumps({"event": "end", "model": str(out), **facts}), flush=True)
        else:
            best = f"best epoch {ended.best_epoch}, validation loss {ended.best:.4f}"
            print(f"{out}: {ended.epochs} epochs; {best}", file=sys.stderr)


LINES = {
    "device": "on {name} ({kind}), {precision}",
    "data": "{train} frames to train on, {validation} to validate, {test} kept for a test; "
    "{left_out} left out; {gap_s:g} s between the parts; in two parts: {overlap}",
    "epoch": "epoch {epoch}/{epochs}  loss {loss:.4f}  validation {val_loss:.4f}  accuracy "
    "{accuracy:.4f}  clear IoU {iou_clear:.3f}  MCC {mcc:.3f}  {seconds:.0f} s, {eta_s:.0f} s left",
}
"""What a person reads of each event."""
