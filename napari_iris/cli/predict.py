"""Predict the cloud in every pixel of every frame.

A classifier looks first: frames that it calls clear are not segmented, their probability is 0. The
shipped unet-lwir is meant to be used after vgg8-lwir, which it takes by itself; alone it calls warm
corners of clear frames cloud. A VGG8 as MODEL tells clear frames from cloudy ones, and no more.
Writes DIR/<frame>_pred.fits, and a line a frame to DIR/predictions.csv: time, sky, cloud fraction,
uncertainty, model. The same command after a stop of any kind does the rest; with another model or
setting, the frames given are predicted anew, and the others stay as they are.
"""

from __future__ import annotations

import sys
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

from napari_iris.cli.main import OK, SOME_FAILED, STOPPED
from napari_iris.cli.options import add_frames
from napari_iris.cli.progress import Progress
from napari_iris.cli.stopping import stops_soon
from napari_iris.commands.configs import PREDICT
from napari_iris.commands.write import NO_CLASSIFIER

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

EXAMPLES = """\
examples:
  napari-iris predict unet-lwir night/ --out predictions/
  napari-iris predict models/unet1 night/ --out predictions/ --classifier vgg8-lwir
  napari-iris predict models/unet1 'archive/2023-*/*.fits' --out predictions/ --threshold 0.4
  napari-iris predict unet-lwir night/ --out predictions/ --turned
  napari-iris predict vgg8-lwir night/ --out skies/
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("model", metavar="MODEL", help="model folder, or name of a shipped model")
    add_frames(parser, workers=False)
    add_classifier(parser)
    PREDICT.add_to(parser)


def add_classifier(parser: argparse.ArgumentParser) -> None:
    """Add the choice of a classifier."""
    parser.add_argument(
        "--classifier",
        metavar="MODEL",
        help="VGG8 to skip clear frames by, or none (default: what the model's card names)",
    )


def run(options: argparse.Namespace) -> int:
    """Predict the frames; 1 where some failed."""
    with stops_soon(_stopped):
        return _predict(options)


def chosen_classifier(options: argparse.Namespace) -> str | Path | None:
    """Give the classifier that is asked for, else the one that the model's card names."""
    if options.classifier is not None:
        return None if options.classifier == NO_CLASSIFIER else str(options.classifier)
    from napari_iris.networks.card import find_classifier

    found = find_classifier(options.model)
    if found is not None and not options.json:
        said = f"after {found.name}, as its card says; --classifier none goes without"
        print(f"{options.model} is used {said}", file=sys.stderr)
    return found


def _stopped() -> None:
    print(f"\nnapari-iris predict: {STOPPED}", file=sys.stderr)


def _predict(options: argparse.Namespace) -> int:
    from napari_iris.frames.paths import find_frames
    from napari_iris.inference.night import predict_night
    from napari_iris.inference.predictor import Predictor

    config = PREDICT.read(options)
    paths, problems = find_frames(options.frames)
    predictor = Predictor.open(options.model, chosen_classifier(options), config)
    progress = Progress(len(paths) + len(problems), as_json=options.json)
    rows = predict_night(
        paths,
        options.out,
        predictor,
        batch_size=config.batch_size,
        hdu=options.hdu,
        plane=options.plane,
    )
    skies: Counter[str] = Counter()
    before = 0
    for row in progress.follow(chain(problems, rows)):
        if row is None:
            before += 1
        else:
            skies[row.sky] += 1
    counts = [f"{count} {sky}" for sky, count in skies.most_common()]
    counts += [f"{before} done before"] if before else []
    progress.end(
        f"{skies.total() + before} predictions in {options.out}",
        ", ".join(counts),
        predictions=dict(skies),
        done_before=before,
        model=predictor.id,
        engine=predictor.main.engine.name,
        precision=predictor.main.engine.precision,
    )
    return SOME_FAILED if progress.failed else OK
