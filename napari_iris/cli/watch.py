"""Classify and segment frames as they arrive in a folder, until Ctrl+C.

DIR is the folder that the camera writes to; frames in its subfolders count too, a new night's
folder for one. A frame is taken once its file has stayed as it is for --settle-s seconds. What is
there already and not predicted yet comes first. Each frame gets a line here, with its time, sky and
cloud fraction; --out holds what `predict` writes, line by line: a pipeline may read
predictions.csv at any time. A frame that cannot be read is named, and taken up again when its file
changes. The same command after a stop of any kind goes on.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_iris.cli.main import OK, STOPPED
from napari_iris.cli.options import add_config, add_reading, to_config
from napari_iris.cli.predict import add_classifier, chosen_classifier
from napari_iris.cli.stopping import stops_soon
from napari_iris.errors import FileError, FrameError
from napari_iris.numbers import to_json

if TYPE_CHECKING:
    import argparse

    from napari_iris.frames.arrivals import Arrivals
    from napari_iris.inference.night import Predict
    from napari_iris.inference.rows import PredictionRow

EXAMPLES = """\
examples:
  napari-iris watch /data/incoming --out /data/predictions
  napari-iris watch incoming/ --out predictions/ --model models/mine --settle-s 10
  napari-iris watch incoming/ --out predictions/ --json
"""

LOOK_S = 0.5
"""Seconds from look to look."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    from napari_iris.inference.config import WatchConfig

    parser.add_argument("folder", type=Path, metavar="DIR", help="folder that frames arrive in")
    add_reading(parser, workers=False)
    parser.add_argument(
        "--model",
        default="unet-lwir",
        metavar="MODEL",
        help="model folder, or name of a shipped model (default: unet-lwir)",
    )
    add_classifier(parser)
    add_config(parser, WatchConfig, WatchConfig.model_fields)


def run(options: argparse.Namespace) -> int:
    """Watch until Ctrl+C."""
    with stops_soon(_stopped):
        _watch(options)
    return OK  # never: it is watched until Ctrl+C


def _stopped() -> None:
    print(f"\nnapari-iris watch: {STOPPED}", file=sys.stderr)


def _watch(options: argparse.Namespace) -> None:
    from napari_iris.frames.arrivals import Arrivals
    from napari_iris.inference.config import WatchConfig
    from napari_iris.inference.night import open_night
    from napari_iris.inference.predictor import Predictor

    config = to_config(WatchConfig, options)
    arrivals = Arrivals(options.folder, config.settle_s, leave_out=options.out)
    predictor = Predictor.open(options.model, chosen_classifier(options), config)
    told = _Told(as_json=options.json)
    reading = {"hdu": options.hdu, "plane": options.plane, "batch_size": config.batch_size}
    with open_night(options.out, predictor, **reading) as predict:
        told.begin(arrivals.folder, predictor.id)
        try:
            _follow(arrivals, predict, told)
        finally:
            told.end(options.out)


def _follow(arrivals: Arrivals, predict: Predict, told: _Told) -> None:
    """Predict what arrives, for ever."""
    is_there = True
    while True:
        try:
            whole, is_there = arrivals.look(), True
        except FrameError as error:  # the folder; a network may bring it back
            if is_there:
                told.fail(error)
            whole, is_there = [], False
        for outcome in predict(whole) if whole else ():
            if isinstance(outcome, FileError):
                told.fail(outcome)
                arrivals.wait_for_change(outcome.path)
            elif outcome is not None:
                told.row(outcome)
        time.sleep(LOOK_S)


class _Told:
    """Tells a person, or a program, of each frame at once."""

    def __init__(self, *, as_json: bool) -> None:
        self._json = as_json
        self._skies: Counter[str] = Counter()
        self._failed = 0

    def begin(self, folder: Path, model: str) -> None:
        self._emit("start", folder=str(folder), model=model)
        if not self._json:
            print(f"watching {folder} with {model}; Ctrl+C ends it", file=sys.stderr)

    def row(self, row: PredictionRow) -> None:
        self._skies[row.sky] += 1
        self._emit("predicted", **asdict(row))
        if not self._json:
            cloud = "" if row.cloud_fraction is None else f"{row.cloud_fraction:.1%}"
            time = row.date_obs or "no time"
            print(f"{time:<26}  {row.sky:<6}  {cloud:>6}  {row.frame}", flush=True)

    def fail(self, error: FileError) -> None:
        self._failed += 1
        self._emit("failed", file=str(error.path), message=str(error))
        if not self._json:
            print(error, file=sys.stderr)

    def end(self, out: Path) -> None:
        self._emit("end", predictions=dict(self._skies), failed=self._failed)
        if not self._json:
            counts = [f"{count} {sky}" for sky, count in self._skies.most_common()]
            counts += [f"{self._failed} failed"] if self._failed else []
            detail = f" ({', '.join(counts)})" if counts else ""
            print(f"\n{self._skies.total()} predictions in {out}{detail}", file=sys.stderr)

    def _emit(self, event: str, **facts: Any) -> None:
        if self._json:
            print(to_json({"event": event, **facts}), flush=True)
