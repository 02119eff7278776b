"""List, describe, rename and delete trained models.

MODEL is a folder, or the name of a shipped model; shipped models cannot be renamed or deleted.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_iris.cli.main import OK, SOME_FAILED
from napari_iris.cli.options import Actions
from napari_iris.errors import ModelError, printable
from napari_iris.numbers import format_number, to_json

if TYPE_CHECKING:
    import argparse

    from napari_iris.inference.folders import ModelEntry

EXAMPLES = """\
examples:
  napari-iris models list                         shipped models, and those in this folder
  napari-iris models list runs/ archive/models/
  napari-iris models describe unet-lwir
  napari-iris models rename runs/unet1 unet-humid-nights
  napari-iris models delete runs/unet2            to runs/.trash, from where it can be restored
"""

SHOWN = ("val_loss", "accuracy", "iou_clear", "mcc")
"""Scores shown by ``list``; ``describe`` shows all."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add = Actions(parser, EXAMPLES).add
    listed = add("list", _list, "list models: kind, parameters, size, scores")
    listed.add_argument(
        "folders",
        nargs="*",
        type=Path,
        metavar="DIR",
        help="folders of models (default: this one)",
    )
    described = add("describe", _describe, "show the card of a model")
    described.add_argument("model", metavar="MODEL", help="folder or name of a model")
    renamed = add("rename", _rename, "rename a model", json=False)
    renamed.add_argument("model", type=Path, metavar="MODEL", help="folder of a model")
    renamed.add_argument("name", metavar="NAME", help="the new name")
    deleted = add("delete", _delete, "move models to the .trash folder beside them", json=False)
    deleted.add_argument("models", nargs="+", type=Path, metavar="MODEL", help="folders of models")


def run(options: argparse.Namespace) -> int:
    """Run the action; 1 if some models are damaged or cannot be deleted."""
    return int(options.run_action(options))


def _list(options: argparse.Namespace) -> int:
    from napari_iris.inference.folders import list_models
    from napari_iris.resources import models_folder

    entries = list_models(models_folder(), *(options.folders or [Path()]))
    if options.json:
        print(to_json([_facts(entry) for entry in entries]))
    else:
        print(f"{'model':<32}{'kind':<6}{'parameters':>12}{'MB':>7}  scores")
        for entry in entries:
            print(printable(_line(entry)))
    return SOME_FAILED if any(entry.problem for entry in entries) else OK


def _describe(options: argparse.Namespace) -> int:
    from napari_iris.inference.folders import describe_model

    entry = describe_model(options.model)
    if options.json:
        print(to_json(_facts(entry)))
        return OK
    for name, value in _facts(entry).items():
        if isinstance(value, dict):
            inside = [f"  {printable(key):<18}{printable(str(one))}" for key, one in value.items()]
            print("\n".join([name, *inside] if inside else [f"{name:<20}none"]))
        else:
            print(f"{name:<20}{printable(str(value))}")
    return OK


def _rename(options: argparse.Namespace) -> int:
    from napari_iris.inference.folders import rename_model

    print(printable(str(rename_model(options.model, options.name))))
    return OK


def _delete(options: argparse.Namespace) -> int:
    from napari_iris.inference.folders import delete_model

    failed = False
    for folder in options.models:
        try:
            print(printable(str(delete_model(folder))))
        except ModelError as error:
            failed = True
            print(error, file=sys.stderr)
    return SOME_FAILED if failed else OK


def _facts(entry: ModelEntry) -> dict[str, Any]:
    """Facts and card of a model, for JSON."""
    known = {
        "name": entry.name,
        "folder": str(entry.folder),
        "bytes": entry.size,
        "shipped": entry.shipped,
        "caution": entry.caution,
    }
    if entry.card is None:
        return {**known, "problem": entry.problem}
    return {**known, **entry.card.model_dump(mode="json", exclude={"novelty"})}


def _line(entry: ModelEntry) -> str:
    """Format a model as one line."""
    name = f"{entry.name} (shipped)" if entry.shipped else entry.name
    if entry.card is None:
        return f"{name:<32}{entry.problem}"
    metrics = entry.card.metrics
    scores = ", ".join(f"{key} {format_number(metrics[key], 3)}" for key in SHOWN if key in metrics)
    kind, parameters = entry.card.network.kind, f"{entry.card.parameters:,}"
    scores = "; ".join(filter(None, (scores, entry.caution)))
    return f"{name:<32}{kind:<6}{parameters:>12}{entry.size / 1e6:>7.1f}  {scores}".rstrip()
