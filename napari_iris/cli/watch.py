"""Classify and segment frames as they arrive in a folder, until Ctrl+C.

DIR is the folder that the camera writes to, including its subfolders. A frame is predicted once its
file has not changed for --settle-s seconds; existing frames without a prediction come first. For
each frame a line with its time, sky and cloud fraction is printed; --out receives the same files as
from `predict`, and predictions.csv may be read at any time. A frame that cannot be read is reported
and tried again when its file changes; a folder that cannot be read or written is reported and
waited for. If interrupted, the same command continues. The clear sky of the camera is learned as
frames arrive, unless a reference is given; what is known so far is said when it changes.
"""

from __future__ import annotations

import signal
import sys
import time
from collections import Counter
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NoReturn, cast

from napari_iris.cli.main import INTERRUPTED_TEXT, OK
from napari_iris.cli.options import (
    add_overwrite,
    add_reading,
    add_reference,
    add_site_mask,
    reference_setting,
)
from napari_iris.cli.predict import add_classifier, chosen_classifier, warn_of_models
from napari_iris.cli.progress import print_event
from napari_iris.cli.stopping import stop_on_interrupt
from napari_iris.commands.configs import WATCH
from napari_iris.errors import FileError, printable

if TYPE_CHECKING:
    import argparse

    from napari_iris.events import Event, PredictedEvent
    from napari_iris.frames.arrivals import Arrivals
    from napari_iris.inference.pipeline import Predict
    from napari_iris.inference.predictor import Predictor
    from napari_iris.inference.rows import PredictionRow
    from napari_iris.radiometry.live import LiveReferences
    from napari_iris.radiometry.reference import Kind

EXAMPLES = """\
examples:
  napari-iris watch /data/incoming --out /data/predictions
  napari-iris watch incoming/ --out predictions/ --model models/mine --settle-s 10
  napari-iris watch incoming/ --out predictions/ --reference camera.fits
  napari-iris watch incoming/ --out predictions/ --json
"""

POLL_S, RETRY_S = 0.5, 10.0
"""Time between two polls of the folder, and before a failed write is retried [s]."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder to watch")
    add_reading(parser, workers=False)
    parser.add_argument(
        "--model",
        default="unet-lwir",
        metavar="MODEL",
        help="model folder, or name of a shipped model (default: unet-lwir)",
    )
    add_classifier(parser)
    WATCH.add_to(parser)
    add_reference(parser)
    add_site_mask(parser)
    add_overwrite(parser)


def run(options: argparse.Namespace) -> int:
    """Watch until Ctrl+C."""
    with stop_on_interrupt(_interrupted):
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # sent by service managers
        _watch(options)
    return OK  # not reached: it runs until Ctrl+C


def _interrupted() -> None:
    print(f"\nnapari-iris watch: {INTERRUPTED_TEXT}", file=sys.stderr)


def _watch(options: argparse.Namespace) -> NoReturn:
    from napari_iris.frames.arrivals import Arrivals
    from napari_iris.frames.site_mask_file import resolve_site_mask
    from napari_iris.inference.pipeline import open_output
    from napari_iris.inference.predictor import Predictor
    from napari_iris.radiometry.archive import resolve_references
    from napari_iris.radiometry.live import LiveReferences

    config = WATCH.read(options)
    arrivals = Arrivals(options.folder, config.settle_s, exclude=options.out)
    live = LiveReferences() if options.reference == "auto" else None
    references = live or resolve_references(options.reference, [])
    classifier = chosen_classifier(options)
    predictor = Predictor.open(options.model, classifier, config)
    warn_of_models(options.model, classifier)
    predictor.clear_sky = references
    predictor.use_site_mask(resolve_site_mask(options.site_mask))
    predictor.settings |= reference_setting(options.reference)
    reporter = _Reporter(arrivals.folder, predictor, as_json=options.json)
    reading = {"hdu": options.hdu, "plane": options.plane, "batch_size": config.batch_size}
    open_out = partial(open_output, options.out, predictor, **reading, overwrite=options.overwrite)
    try:
        while True:
            try:
                with open_out() as predict:
                    reporter.start()
                    _follow(arrivals, predict, reporter, live)
            except FileError as error:  # the disk is full or unavailable
                if not reporter.has_started:
                    raise
                reporter.waiting(error)
                time.sleep(RETRY_S)
    except KeyboardInterrupt:
        reporter.end(options.out)
        raise


def _follow(
    arrivals: Arrivals, predict: Predict, reporter: _Reporter, live: LiveReferences | None
) -> NoReturn:
    """Predict frames as they arrive, until a file cannot be written."""
    while True:
        complete = []
        for one in arrivals.poll():
            if isinstance(one, FileError):
                reporter.waiting(one)
            else:
                complete.append(one)
        done, before = 0, []
        try:
            for outcome in predict(complete) if complete else ():
                if isinstance(outcome, FileError):
                    reporter.fail(outcome)
                    arrivals.wait_for_change(outcome.path)
                elif outcome is not None:
                    reporter.predicted(outcome)
                else:
                    before.append(complete[done])
                done += 1
                reporter.reference(live)
        finally:
            arrivals.requeue(complete[done:])
        if live is not None and before:
            live.read(before)
            reporter.reference(live)
        time.sleep(POLL_S)


class _Reporter:
    """Prints a line per frame for people, or events for programs."""

    def __init__(self, folder: Path, predictor: Predictor, *, as_json: bool) -> None:
        self._folder, self._predictor, self._json = folder, predictor, as_json
        self._classes: Counter[str] = Counter()
        self._failed: set[Path] = set()
        self._waiting_for = ""
        self._known: Kind | Literal["none"] = "none"
        self.has_started = False

    def start(self) -> None:
        if self.has_started:
            return
        self.has_started = True
        self._emit({"event": "start", "folder": str(self._folder), "model": self._predictor.id})
        self._print(f"watching {self._folder} with {self._predictor.id}; Ctrl+C ends it")

    def predicted(self, row: PredictionRow) -> None:
        self._classes[row.sky] += 1
        self._failed.discard(Path(row.frame))
        self._waiting_for = ""
        self._emit(cast("PredictedEvent", {"event": "predicted", **asdict(row)}))
        if not self._json:
            cloud = "" if row.cloud_fraction is None else f"{row.cloud_fraction:.1%}"
            time = row.date_obs or "no time"
            print(f"{time:<26}  {row.sky:<6}  {cloud:>6}  {printable(row.frame)}", flush=True)

    def reference(self, live: LiveReferences | None) -> None:
        """Report what is known of the clear sky, where that has changed."""
        if live is None or live.references.kind == self._known:
            return
        self._known = live.references.kind
        self._emit({"event": "reference", "kind": self._known, "message": str(live.references)})
        self._print(f"clear-sky reference: {live.references}")

    def fail(self, error: FileError) -> None:
        self._failed.add(error.path)
        self._emit({"event": "failed", "file": str(error.path), "message": str(error)})
        self._print(str(error))

    def waiting(self, error: FileError) -> None:
        """Report what is waited for, once until the next frame is predicted."""
        if self._waiting_for == str(error):
            return
        self._waiting_for = str(error)
        self._emit({"event": "waiting", "file": str(error.path), "message": str(error)})
        self._print(str(error))

    def end(self, out: Path) -> None:
        self._emit(
            {
                "event": "end",
                "done": self._classes.total() + len(self._failed),
                "failed": len(self._failed),
                "predictions": dict(self._classes),
                "model": self._predictor.id,
                "engine": self._predictor.main.engine.name,
                "precision": self._predictor.main.engine.precision,
            }
        )
        counts = [f"{count} {sky}" for sky, count in self._classes.most_common()]
        counts += [f"{len(self._failed)} failed"] if self._failed else []
        detail = f" ({', '.join(counts)})" if counts else ""
        self._print("")
        self._print(f"{self._classes.total()} predictions in {out}{detail}")

    def _emit(self, event: Event) -> None:
        if self._json:
            print_event(event)

    def _print(self, text: str) -> None:
        if not self._json:
            print(printable(text), file=sys.stderr)
