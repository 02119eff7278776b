"""Classify and segment frames as they arrive in a folder, until Ctrl+C.

DIR is the folder that the camera writes to, including its subfolders. A frame is predicted once its
file has not changed for --settle-s seconds; existing frames without a prediction come first. For
each frame a line with its time, sky and cloud fraction is printed; --out receives the same files as
from `predict`, and predictions.csv may be read at any time. A frame that cannot be read is reported
and tried again when its file changes; a folder that cannot be read or written is reported and
waited for. If interrupted, the same command continues. The clear sky of the camera is learned as
frames arrive, unless a reference is given; what is known so far is said when it changes.

With --publish, an observatory learns whether the sky is safe: unsafe at once and by default, safe
only after --hold seconds of good frames; a PORT alone is of this computer only
(docs/observatory.md has the rules).
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from napari_iris.cli.main import INTERRUPTED_TEXT, OK
from napari_iris.cli.options import (
    add_overwrite,
    add_reading,
    add_reference,
    add_site_mask,
    reference_setting,
)
from napari_iris.cli.predict import add_classifier, chosen_classifier, warn_of_models
from napari_iris.cli.stopping import stop_on_interrupt
from napari_iris.cli.watch_reporter import WatchReporter
from napari_iris.commands.configs import WATCH
from napari_iris.errors import FileError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from napari_iris.frames.arrivals import Arrivals
    from napari_iris.inference.pipeline import Predict
    from napari_iris.observatory.config import WatchConfig
    from napari_iris.observatory.publisher import Publisher
    from napari_iris.radiometry.live import LiveReferences

EXAMPLES = """\
examples:
  napari-iris watch /data/incoming --out /data/predictions
  napari-iris watch incoming/ --out predictions/ --model models/mine --settle-s 10
  napari-iris watch incoming/ --out predictions/ --reference camera.fits
  napari-iris watch incoming/ --out predictions/ --json
  napari-iris watch incoming/ --out predictions/ --publish alpaca=11111 --publish http=8080
  napari-iris watch incoming/ --out predictions/ --publish boltwood=C:/sky.txt --hold 900
"""

POLL_S, RETRY_S = 0.05, 10.0
"""Time between two polls of the folder, and before a failed write is retried [s]."""

LOOK_PART = 1 / 3
"""Part of the time that looking takes at most, however many frames are in the folder."""


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
    from napari_iris.observatory.targets import HELP

    parser.add_argument(
        "--publish",
        action="append",
        default=[],
        metavar="KIND=WHERE",
        help=f"publish whether the sky is safe, as often as you like: {HELP}",
    )


def run(options: argparse.Namespace) -> int:
    """Watch until Ctrl+C."""
    from napari_iris.observatory.publisher import Publisher
    from napari_iris.observatory.targets import open_channels

    config = WATCH.read(options)
    channels = open_channels(options.publish, config)
    reporter = WatchReporter(as_json=options.json)
    verdict = reporter.verdict if channels else lambda _: None
    with (
        closing(reporter),
        Publisher(config, channels, reporter.channel, verdict) as publisher,
        stop_on_interrupt(partial(_interrupted, publisher)),
    ):
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # sent by service managers
        _watch(options, config, reporter, publisher)
    return OK  # not reached: it runs until Ctrl+C


def _interrupted(publisher: Publisher) -> None:
    publisher.close()
    print(f"\nnapari-iris watch: {INTERRUPTED_TEXT}", file=sys.stderr)


def _watch(
    options: argparse.Namespace, config: WatchConfig, reporter: WatchReporter, publisher: Publisher
) -> NoReturn:
    from napari_iris.frames.arrivals import Arrivals
    from napari_iris.frames.site_mask_file import resolve_site_mask
    from napari_iris.inference.pipeline import open_output
    from napari_iris.inference.predictor import Predictor
    from napari_iris.inference.steady import LastAnswer
    from napari_iris.radiometry.archive import resolve_references
    from napari_iris.radiometry.live import LiveReferences

    arrivals = Arrivals(options.folder, config.settle_s, exclude=options.out)
    live = LiveReferences() if options.reference == "auto" else None
    references = live or resolve_references(options.reference, [])
    classifier = chosen_classifier(options)
    predictor = Predictor.open(options.model, classifier, config)
    warn_of_models(options.model, classifier)
    predictor.clear_sky = references
    predictor.use_site_mask(resolve_site_mask(options.site_mask))
    predictor.settings |= reference_setting(options.reference)
    reporter.predictor, publisher.model = predictor, predictor.id
    reading = {"hdu": options.hdu, "plane": options.plane, "batch_size": config.batch_size}
    reading |= {"overwrite": options.overwrite, "on_prediction": publisher.frame}
    reading |= {"last": LastAnswer() if config.reuse else None}
    try:
        while True:
            try:
                with (
                    open_output(options.out, predictor, **reading) as predict,
                    _looking(arrivals),
                ):
                    reporter.start(arrivals.folder)
                    publisher.ready()
                    _follow(arrivals, predict, reporter, publisher, live)
            except FileError as error:  # the disk is full or unavailable
                if not reporter.has_started:
                    raise
                reporter.waiting(error)
                publisher.fail(str(error))
                time.sleep(RETRY_S)
    except KeyboardInterrupt:
        reporter.end(options.out)
        raise


@contextmanager
def _looking(arrivals: Arrivals) -> Iterator[None]:
    """Look at the folder in a thread, also while frames are predicted."""
    stop = threading.Event()

    def look() -> None:
        wait_s = 0.0
        while not stop.wait(wait_s):
            begin = time.monotonic()
            arrivals.look()
            looked_s = time.monotonic() - begin
            wait_s = max(POLL_S, looked_s / LOOK_PART - looked_s)

    thread = threading.Thread(target=look, daemon=True, name="look")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _follow(
    arrivals: Arrivals,
    predict: Predict,
    reporter: WatchReporter,
    publisher: Publisher,
    live: LiveReferences | None,
) -> NoReturn:
    """Predict frames as they arrive, until a file cannot be written."""
    while True:
        complete = []
        for one in arrivals.poll(look=False):
            if isinstance(one, FileError):
                reporter.waiting(one)
                publisher.fail(str(one))
            else:
                complete.append(one)
        done, before = 0, []
        publisher.beat()
        try:
            for outcome in predict(complete, again=arrivals.again) if complete else ():
                publisher.beat()
                if isinstance(outcome, FileError):
                    reporter.fail(outcome)
                    publisher.fail(str(outcome))
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
