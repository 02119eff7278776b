"""Train a network: unet for the cloud in every pixel, vgg8 for clear or cloudy frames.

DATA is a project (its approved frames), a folder of mask FITS, or a folder with frames/ and
truth/ as simulate writes it. The frames are split by night, or by blocks with a gap between,
before the first step. MODEL keeps the best epoch; a stopped or killed run goes on with --resume.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from napari_iris.cli.main import OK, SOME_FAILED, STOPPED
from napari_iris.cli.progress import print_event
from napari_iris.cli.stopping import stops_soon
from napari_iris.commands.configs import NETWORK, TRAIN, read_train_config
from napari_iris.networks.spec import Kind
from napari_iris.numbers import counted, number

if TYPE_CHECKING:
    from napari_iris.events import (
        CalibratedEvent,
        DataEvent,
        DeviceEvent,
        EpochEvent,
        Event,
        ScoresEvent,
    )
    from napari_iris.training.checkpoint import RunProgress

EXAMPLES = """\
examples:
  napari-iris train unet night1 --out models/unet1
  napari-iris train unet sky/ --out unet2 --channels 16 32 64 --epochs 20 --engine flax
  napari-iris train vgg8 sky/ --out vgg1 --percent 80 20 0
  napari-iris train unet night1 --out models/unet1 --resume
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("kind", choices=get_args(Kind), metavar="unet|vgg8", help="the network")
    parser.add_argument("data", type=Path, metavar="DATA", help="labelled frames")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="MODEL", help="folder for the model"
    )
    NETWORK.add_to(parser, with_defaults=False)
    TRAIN.add_to(parser, with_defaults=False)  # by the kind of network, or the run's own
    parser.add_argument("--init", metavar="MODEL", help="model to start from")
    parser.add_argument("--resume", action="store_true", help="go on with the run in MODEL")
    parser.add_argument(
        "--evaluate",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="at the end, calibrate it and measure it on the validation and test frames, beside "
        "what is had without a network (default: on)",
    )
    parser.add_argument(
        "--save-predictions",
        type=Path,
        metavar="DIR",
        help="keep the predictions of the validation and test frames there; with --no-evaluate too",
    )
    parser.add_argument(
        "--json", action="store_true", help="print events as JSON lines instead of a progress line"
    )


def run(options: argparse.Namespace) -> int:
    """Train it."""
    teller = _Teller(options.out, as_json=options.json)
    with stops_soon(teller.cut_off):
        try:
            ended = _train(options, teller)
        except KeyboardInterrupt:
            teller.cancelled()
            raise
        teller.end(ended)
    return OK if ended.best_epoch and not teller.failed else SOME_FAILED


def _train(options: argparse.Namespace, teller: _Teller) -> RunProgress:
    from napari_iris.training.train import train

    config = read_train_config(options, _init(options.init))
    ended = train(
        config, options.data, options.out, teller, init=options.init, resume=options.resume
    )
    if ended.best_epoch:
        _finish(options, teller)
    return ended


def _init(init: str | None) -> dict[str, Any]:
    """Network and normalisation of the model to start from."""
    from napari_iris.networks.card import find_model, read_card

    if init is None:
        return {}
    card = read_card(find_model(init))
    return {"network": card.network.model_dump(), "normalisation": card.normalisation}


def _finish(options: argparse.Namespace, teller: _Teller) -> None:
    """Measure the model, and make it ready for CPU inference elsewhere."""
    from napari_iris.evaluation.trained_model import evaluate_trained
    from napari_iris.inference.export import export_openvino

    if options.evaluate or options.save_predictions:
        evaluate_trained(
            options.out,
            options.data,
            teller,
            options.save_predictions,
            evaluated=options.evaluate,
        )
    export_openvino(options.out)


class _Teller:
    """Tell how the run is getting on: JSON lines for a program, a line an epoch for a person."""

    def __init__(self, out: Path, *, as_json: bool) -> None:
        self.failed = 0
        self._out = out
        self._json = as_json
        self._live = sys.stderr.isatty() and not as_json

    def __call__(self, event: Event) -> None:
        self.failed += event["event"] == "failed"
        if self._json:
            print_event(event)
        elif event["event"] == "step":
            if self._live:
                line = "\repoch {epoch}  step {step}/{steps}  loss {loss:.4f} ".format(**event)
                print(line, end="", file=sys.stderr, flush=True)
        elif text := _text(event):
            clear = "\r\x1b[K" if self._live else ""
            print(f"{clear}{text}", file=sys.stderr)

    def end(self, ended: RunProgress, *, cancelled: bool = False) -> None:
        """Tell what there is at the end."""
        if self._json:
            print_event(
                {
                    "event": "end",
                    "failed": self.failed,
                    "model": str(self._out),
                    "epochs": ended.epochs,
                    "best_epoch": ended.best_epoch,
                    "val_loss": ended.best if ended.best_epoch else None,
                    "cancelled": cancelled,
                }
            )
        elif ended.best_epoch:
            best = f"best epoch {ended.best_epoch}, validation loss {ended.best:.4f}"
            lost = f"; {counted(self.failed, 'file')} could not be used" if self.failed else ""
            line = f"{self._out}: {counted(ended.epochs, 'epoch')}; {best}{lost}"
            print(line, file=sys.stderr)

    def cancelled(self) -> None:
        """Tell what there is of a run that was stopped."""
        from napari_iris.training.run_folder import RunFolder

        self.end(RunFolder(self._out).progress(), cancelled=True)

    def cut_off(self) -> None:
        """Tell what there is of a run that is ended in the midst of a step."""
        self.cancelled()
        print(f"\nnapari-iris train: {STOPPED}", file=sys.stderr, flush=True)


def _text(event: Event) -> str:
    """Format an event for people; empty for one that is not shown."""
    text = ""
    if event["event"] == "device":
        text = _device(event)
    elif event["event"] == "failed":
        text = event["message"]
    elif event["event"] == "data":
        text = _data(event)
    elif event["event"] == "epoch":
        text = _epoch(event)
    elif event["event"] == "calibrated":
        text = _calibrated(event)
    elif event["event"] == "judged":
        text = _scores(event)
    return text


def _device(event: DeviceEvent) -> str:
    line = f"on {event['name']} ({event['kind']}), {event['precision']}"
    return f"{line}; no GPU: {event['why']}" if event["why"] else line


def _data(facts: DataEvent) -> str:
    """Say how the frames are split, and what a person must know of it."""
    parts = {"train": facts["train"], "validation": facts["validation"], "test": facts["test"]}
    line = f"{counted(parts['train'], 'frame')} to train on, {parts['validation']} to validate, "
    line += f"{parts['test']} kept for a test; {facts['left_out']} left out; {_gap(facts)}"
    others = {
        "the same in two parts": facts["overlap"]["same"],
        "that look alike in two parts": facts["overlap"]["alike"],
        "that --init has learnt kept in training": facts["seen_by_init"],
    }
    line += "".join(
        f"; {counted(count, 'frame')} {what}" for what, count in others.items() if count
    )
    lines = [line]
    for part, sky in facts["one_class"].items():
        missing = "cloudy" if sky == "clear" else "clear"
        lines.append(
            f"all {counted(parts[part], f'{part} frame')} are {sky}: their scores tell nothing of "
            f"{missing} sky; add {missing} frames, or try another --seed"
        )
    lines += [
        f"it is not known what {name} has learnt: frames to validate and test may be among it"
        for name in facts["init_unknown"]
    ]
    return "\n".join(lines)


def _gap(facts: DataEvent) -> str:
    if facts["independent"]:
        return "each simulated on its own, so that no gap is needed"
    return f"{facts['gap_s']:g} s between the parts"


def _epoch(event: EpochEvent) -> str:
    values = [
        f"loss {number(event['loss'])}",
        f"validation {number(event['val_loss'])}",
        f"accuracy {number(event['accuracy'])}",
        f"clear IoU {number(event['iou_clear'], 3)}",
        f"MCC {number(event['mcc'], 3)}",
        f"{event['seconds']:.0f} s, {event['eta_s']:.0f} s left",
    ]
    return f"epoch {event['epoch']}/{event['epochs']}  {'  '.join(values)}"


def _calibrated(event: CalibratedEvent) -> str:
    if event["why"]:
        return f"temperature {event['temperature']:g}, not fitted: {event['why']}"
    frames = counted(event["frames"], "validation frame")
    return f"temperature {event['temperature']:.3f}, fitted on {frames}"


def _scores(event: ScoresEvent) -> str:
    """Lay out the scores of the model and of the baselines as a table."""
    part = f"{event['part']} frame"
    heading = f"on {counted(event.get('frames', 0), part)}"
    lines = [f"{heading:<26}{'accuracy':>9}{'clear IoU':>11}{'balanced':>10}{'MCC':>7}"]
    for name, row in event.get("scores", {}).items():
        values = (row[key] for key in ("accuracy", "iou_clear", "balanced_accuracy", "mcc"))
        cells = [number(value, 3) for value in values]
        label = f"  {name.replace('_', ' ')}"
        lines.append(f"{label:<26}{cells[0]:>9}{cells[1]:>11}{cells[2]:>10}{cells[3]:>7}")
    return "\n".join([*lines, *(f"  {warning}" for warning in event["warnings"])])
