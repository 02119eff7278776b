"""Classify and segment frames as they arrive in a folder, until Ctrl+C.

DIR is the folder that the camera writes to; frames in its subfolders count too, a new night's
folder for one. A frame is taken once its file has stayed as it is for --settle-s seconds. What is
there already and not predicted yet comes first. Each frame gets a line here, with its time, sky and
cloud fraction; --out holds what `predict` writes, line by line: a pipeline may read
predictions.csv at any time. A frame that cannot be read is named, and taken up again when its file
changes. A folder that cannot be read, or written, is told and waited for. The same command after a
stop of any kind goes on.
"""

from __future__ import annotations

import signal
import sys
import time
from collections import Counter
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, cast

from napari_iris.cli.main import OK, STOPPED
from napari_iris.cli.options import add_reading
from napari_iris.cli.predict import add_classifier, chosen_classifier
from napari_iris.cli.progress import print_event
from napari_iris.cli.stopping import stops_soon
from napari_iris.commands.configs import WATCH
from napari_iris.errors import FileError

if TYPE_CHECKING:
    import argparse

    from napari_iris.events import Event, PredictedEvent
    from napari_iris.frames.arrivals import Arrivals
    from napari_iris.inference.night import Predict
    from napari_iris.inference.predictor import Predictor
    from napari_iris.inference.rows import PredictionRow

EXAMPLES = """\
examples:
  napari-iris watch /data/incoming --out /data/predictions
  napari-iris watch incoming/ --out predictions/ --model models/mine --settle-s 10
  napari-iris watch incoming/ --out predictions/ --json
"""

LOOK_S, PAUSE_S = 0.5, 10.0
"""Seconds from look to look, and until it is tried again to write what could not be written."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder that frames arrive in")
    add_reading(parser, workers=False)
    parser.add_argument(
        "--model",
        default="unet-lwir",
        metavar="MODEL",
        help="model folder, or name of a shipped model (default: unet-lwir)",
    )
    add_classifier(parser)
    WATCH.add_to(parser)


def run(options: argparse.Namespace) -> int:
    """Watch until Ctrl+C."""
    with stops_soon(_stopped):
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # as service managers stop it
        _watch(options)
    return OK  # never: it is watched until Ctrl+C


def _stopped() -> None:
    print(f"\nnapari-iris watch: {STOPPED}", file=sys.stderr)


def _watch(options: argparse.Namespace) -> NoReturn:
    from napari_iris.frames.arrivals import Arrivals
    from napari_iris.inference.night import open_night
    from napari_iris.inference.predictor import Predictor

    config = WATCH.read(options)
    arrivals = Arrivals(options.folder, config.settle_s, exclude=options.out)
    predictor = Predictor.open(options.model, chosen_classifier(options), config)
    told = _Told(arrivals.folder, predictor, as_json=options.json)
    reading = {"hdu": options.hdu, "plane": options.plane, "batch_size": config.batch_size}
    open_out = partial(open_night, options.out, predictor, **reading)
    try:
        while True:
            try:
                with open_out() as predict:
                    told.begin()
                    _follow(arrivals, predict, told)
            except FileError as error:  # no room, or the disk is away
                if not told.has_begun:
                    raise
                told.waits(error)
                time.sleep(PAUSE_S)
    except KeyboardInterrupt:
        told.end(options.out)
        raise


def _follow(arrivals: Arrivals, predict: Predict, told: _Told) -> NoReturn:
    """Predict what arrives, until what is made of it cannot be written."""
    while True:
        whole = []
        for one in arrivals.poll():
            if isinstance(one, FileError):
                told.waits(one)
            else:
                whole.append(one)
        done = 0
        try:
            for outcome in predict(whole) if whole else ():
                if isinstance(outcome, FileError):
                    told.fail(outcome)
                    arrivals.wait_for_change(outcome.path)
                elif outcome is not None:
                    told.row(outcome)
                done += 1
        finally:
            arrivals.requeue(whole[done:])
        time.sleep(LOOK_S)


class _Told:
    """Tells a person, or a program, of each frame at once."""

    def __init__(self, folder: Path, predictor: Predictor, *, as_json: bool) -> None:
        self._folder, self._predictor, self._json = folder, predictor, as_json
        self._skies: Counter[str] = Counter()
        self._failed: set[Path] = set()
        self._waits = ""
        self.has_begun = False

    def begin(self) -> None:
        if self.has_begun:
            return
        self.has_begun = True
        self._emit({"event": "start", "folder": str(self._folder), "model": self._predictor.id})
        self._say(f"watching {self._folder} with {self._predictor.id}; Ctrl+C ends it")

    def row(self, row: PredictionRow) -> None:
        self._skies[row.sky] += 1
        self._failed.discard(Path(row.frame))
        self._waits = ""
        self._emit(cast("PredictedEvent", {"event": "predicted", **asdict(row)}))
        if not self._json:
            cloud = "" if row.cloud_fraction is None else f"{row.cloud_fraction:.1%}"
            time = row.date_obs or "no time"
            print(f"{time:<26}  {row.sky:<6}  {cloud:>6}  {_in_a_line(row.frame)}", flush=True)

    def fail(self, error: FileError) -> None:
        self._failed.add(error.path)
        self._emit({"event": "failed", "file": str(error.path), "message": str(error)})
        self._say(str(error))

    def waits(self, error: FileError) -> None:
        """Tell what it waits for, once until a frame is predicted again."""
        if self._waits == str(error):
            return
        self._waits = str(error)
        self._emit({"event": "waiting", "file": str(error.path), "message": str(error)})
        self._say(str(error))

    def end(self, out: Path) -> None:
        self._emit(
            {
                "event": "end",
                "done": self._skies.total() + len(self._failed),
                "failed": len(self._failed),
                "predictions": dict(self._skies),
                "model": self._predictor.id,
                "engine": self._predictor.main.engine.name,
                "precision": self._predictor.main.engine.precision,
            }
        )
        counts = [f"{count} {sky}" for sky, count in self._skies.most_common()]
        counts += [f"{len(self._failed)} failed"] if self._failed else []
        detail = f" ({', '.join(counts)})" if counts else ""
        self._say(f"\n{self._skies.total()} predictions in {out}{detail}")

    def _emit(self, event: Event) -> None:
        if self._json:
            print_event(event)

    def _say(self, text: str) -> None:
        if not self._json:
            print(text, file=sys.stderr)


def _in_a_line(name: str) -> str:
    """Spell out what no line of text can hold: line ends, bytes that are no text."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in name
    )
