"""Predict a cloud probability for every pixel of every frame.

With a classifier, frames classified as clear are not segmented; their probability is 0. The shipped
unet-lwir uses vgg8-lwir as its classifier by default. With a VGG8 as MODEL, frames are only
classified as clear or cloudy. Writes DIR/<frame>_pred.fits, and one row per frame to
DIR/predictions.csv: time, sky, cloud fraction, uncertainty, model, trust, novelty. Above a novelty
of 1 a frame is unlike those that the model was trained on: look at its prediction before you trust
it. A model that takes the excess above the clear sky as input uses the clear-sky reference, and
does without where there is none; other models' predictions do not depend on it. Trust falls where a
prediction and the reference contradict one another. If interrupted, the same command continues;
with another model or other options it predicts the given frames again and keeps the predictions of
other frames.
"""

from __future__ import annotations

import sys
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Any

from napari_iris.cli.main import INTERRUPTED_TEXT, OK, SOME_FAILED
from napari_iris.cli.options import (
    add_frames,
    add_overwrite,
    add_reference,
    add_site_mask,
    add_table,
    reference_setting,
)
from napari_iris.cli.progress import Progress
from napari_iris.cli.shards import GivenFrames, add_pack, add_shards
from napari_iris.cli.stopping import stop_on_interrupt
from napari_iris.commands.configs import PREDICT
from napari_iris.commands.write import NO_CLASSIFIER
from napari_iris.errors import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable
    from pathlib import Path

    from napari_iris.errors import FileError
    from napari_iris.frames.paths import FramePaths
    from napari_iris.inference.config import PredictConfig
    from napari_iris.inference.predictor import Predictor

EXAMPLES = """\
examples:
  napari-iris predict unet-lwir night/ --out predictions/
  napari-iris predict models/unet1 night/ --out predictions/ --classifier vgg8-lwir
  napari-iris predict models/unet1 'archive/2023-*/*.fits' --out predictions/ --threshold 0.4
  napari-iris predict unet-lwir night/ --out predictions/ --turned
  napari-iris predict unet-lwir night/ --out predictions/ --reference camera.fits
  napari-iris predict vgg8-lwir night/ --out skies/
  napari-iris predict unet-lwir 'archive/**/*.fits' --out predictions/ --shard 2/16
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("model", metavar="MODEL", help="model folder, or name of a shipped model")
    add_frames(parser, workers=False)
    add_classifier(parser)
    PREDICT.add_to(parser)
    add_reference(parser)
    add_site_mask(parser)
    add_overwrite(parser)
    add_shards(parser)
    add_pack(parser)
    add_table(parser, "csv; with --scheduler, as `merge`")


def add_classifier(parser: argparse.ArgumentParser) -> None:
    """Add ``--classifier``."""
    parser.add_argument(
        "--classifier",
        metavar="MODEL",
        help="VGG8 that finds the clear frames, which are skipped; or none (default: the one named "
        "in the card of the model)",
    )


def run(options: argparse.Namespace) -> int:
    """Predict the frames; 1 if some failed."""
    with stop_on_interrupt(_interrupted):
        return _predict(options)


def chosen_classifier(options: argparse.Namespace) -> str | Path | None:
    """Get the classifier given by ``--classifier``, else the one named in the card of the model."""
    if options.classifier is not None:
        return None if options.classifier == NO_CLASSIFIER else str(options.classifier)
    from napari_iris.networks.find import find_classifier

    found = find_classifier(options.model)
    if found is not None and not options.json:
        model = f"{options.model}: classifier {found.name}, as named in its card"
        print(f"{printable(model)}; for none: --classifier none", file=sys.stderr)
    return found


def warn_of_models(*models: str | Path | None) -> None:
    """Print a line for each model that is no better than a baseline."""
    from napari_iris.inference.folders import read_entry
    from napari_iris.networks.find import find_model

    for model in models:
        caution = "" if model is None else read_entry(find_model(model)).caution
        if caution:
            print(f"{printable(str(model))}: {caution} on its own frames", file=sys.stderr)


def _interrupted() -> None:
    print(f"\nnapari-iris predict: {INTERRUPTED_TEXT}", file=sys.stderr)


def _prepared(
    options: argparse.Namespace, config: PredictConfig, paths: FramePaths
) -> tuple[Predictor, list[str]]:
    """Open the models, with what is known of the clear sky; say what that is."""
    from napari_iris.frames.site_mask_file import resolve_site_mask
    from napari_iris.inference.predictor import Predictor
    from napari_iris.radiometry.archive import resolve_references

    where = {"hdu": options.hdu, "plane": options.plane}
    site = resolve_site_mask(options.site_mask, paths, **where)
    references = None
    if options.reference != "auto":  # a damaged file is refused before a model is opened
        references = resolve_references(options.reference, paths, **where, site=site)
    classifier = chosen_classifier(options)
    predictor = Predictor.open(options.model, classifier, config)
    warn_of_models(options.model, classifier)
    if references is None:
        nearby = predictor.takes_excess
        references = resolve_references(options.reference, paths, **where, nearby=nearby, site=site)
    predictor.clear_sky = references
    predictor.use_site_mask(site)
    predictor.settings |= reference_setting(options.reference)
    if predictor.takes_excess and references.kind != "measured":  # with a better one, predict again
        predictor.settings.setdefault("reference", references.kind)
    notes = [] if options.reference == "none" else [f"reference: {references}"]
    return predictor, notes + ([] if site is None else [f"site mask: {site}"])


def _predict(options: argparse.Namespace) -> int:
    from napari_iris.inference.pipeline import predict_frames
    from napari_iris.inference.rows import TABLE, PredictionRow

    config = PREDICT.read(options)
    given = GivenFrames(options)
    predictor, notes = _prepared(options, config, given.paths)
    progress = Progress(given.total + len(given.problems), as_json=options.json)
    how: dict[str, Any] = {"hdu": options.hdu, "plane": options.plane}
    how["overwrite"] = options.overwrite
    if given.is_campaign:
        from napari_iris.campaign.prediction import PredictWork

        work = PredictWork.of(predictor, options.out, config, **how, packs=given.packs)
        rows: Iterable[PredictionRow | FileError | None] = given.outcomes(work, notes)
    else:
        how["batch_size"] = config.batch_size
        rows = predict_frames(given.paths, options.out, predictor, **how)
    classes: Counter[str] = Counter()
    before = unlike = 0
    for row in progress.follow(chain(given.problems, rows)):
        if row is None:
            before += 1
        else:
            classes[row.sky] += 1
            unlike += row.unlike == "yes"
    given.store_table(options.out / TABLE, PredictionRow)
    counts = [f"{count} {sky}" for sky, count in classes.most_common()]
    counts += [f"{before} predicted earlier"] if before else []
    details = [", ".join(counts)] if counts else []
    details += notes if classes else []
    progress.end(
        f"{classes.total() + before} predictions in {options.out}{given.suffix}",
        "; ".join(details),
        predictions=dict(classes),
        unlike=unlike,
        done_before=before,
        model=predictor.id,
        engine=predictor.main.engine.name,
        precision=predictor.main.engine.precision,
    )
    if unlike and not options.json:
        frames = f"{unlike} of {classes.total()} frames are unlike the training frames"
        print(f"{frames} of {predictor.main.folder.name}: check them first", file=sys.stderr)
    return SOME_FAILED if progress.failed else OK
