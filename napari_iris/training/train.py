"""Train a network from labelled frames to a model folder, or go on with a run that was stopped."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, cast

from napari_iris.errors import ModelError
from napari_iris.networks.card import ModelCard, find_model, read_card
from napari_iris.networks.weights import WEIGHTS, initial_weights, load_weights
from napari_iris.training.device import environment, find_device
from napari_iris.training.framework import make_trainer
from napari_iris.training.lineage import LINEAGE, lineage_of, run_lineage, write_lineage
from napari_iris.training.loop import fit
from napari_iris.training.memory import memory_errors
from napari_iris.training.run_folder import RunFolder
from napari_iris.training.training_data import load_training_data, make_batches

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.events import DeviceEvent, OnEvent, SplitFacts
    from napari_iris.networks.weights import Weights
    from napari_iris.training.checkpoint import RunProgress
    from napari_iris.training.config import TrainConfig
    from napari_iris.training.device import Device
    from napari_iris.training.lineage import Lineage
    from napari_iris.training.training_data import TrainingData

CHANGEABLE = {"epochs", "patience"}
"""What a run that goes on may do otherwise than it began: nothing that bends its curve."""


def train(
    config: TrainConfig,
    data: Path,
    out: Path,
    on_event: OnEvent,
    *,
    init: str | None = None,
    resume: bool = False,
) -> RunProgress:
    """Train a network.

    Parameters
    ----------
    config : TrainConfig
        The run. To go on with one, only the fields that were set are looked at: they are to be
        what the run began with, but for `CHANGEABLE`.
    data : Path
        See `load_training_data`.
    out : Path
        Folder for the model, and for its run beneath.
    on_event : callable
        Called with each event of the run.
    init : str, optional
        Model to start from: a folder, or the name of a shipped one.
    resume : bool
        Whether to go on with the run in `out`.

    Returns
    -------
    RunProgress
        Where the run ended.

    Raises
    ------
    IrisError
        If the data cannot be learnt from or the run cannot begin: before the first step. Later, if
        memory runs out, a disk is full, or the loss is no number any more.
    """
    folder, begun = RunFolder(out), 0
    if resume:
        config, init = _going_on(folder, config, init)
        begun = folder.progress().epochs
    history = run_lineage(folder) if resume else lineage_of(init)
    lesson = load_training_data(config, data, history)
    if resume and folder.facts().get("data_hash") != lesson.hash:
        reason = "was trained on other data than is given now"
        raise ModelError(out, reason, "give the data it began with, or begin a new --out")
    start = None if begun else _first_weights(config, init)
    device = find_device(config)
    if resume:  # in whatever it began, on this device too
        device = replace(device, precision=folder.facts()["precision"])
    _report(on_event, config, device, lesson, history)
    with folder.lock(), memory_errors(device.name):
        if resume:
            folder.write_config(config)
        else:
            taken = {"data": str(data.absolute()), "init": init}
            chain = {"init_chain": history.models, "init_unknown": history.unknown}
            learnt = {"data_hash": lesson.hash, "split": _split_facts(config, lesson)}
            folder.create(config, {**environment(device), **taken, **chain, **learnt})
            write_lineage(folder.path / LINEAGE, history)
        folder.write_split(lesson.source, lesson.split)
        engine = make_trainer(config, device.precision)
        if start is not None:
            engine.set_weights(start)
        card = ModelCard.of(
            config.network,
            normalisation=config.normalisation,
            training={**config.model_dump(mode="json"), "init": list(history.models)},
            data_hash=lesson.hash,
        )
        return fit(engine, *make_batches(config, lesson), config, folder, card, on_event)


def _going_on(
    folder: RunFolder, asked: TrainConfig, init: str | None
) -> tuple[TrainConfig, str | None]:
    """Give the config and the start of the run that is to go on, with what may be changed."""
    kept, began = folder.config(), folder.facts().get("init")
    fix = "leave it out, or begin a new --out"
    for now, then in ((asked.network, kept.network), (asked, kept)):
        for name in sorted(now.model_fields_set - CHANGEABLE - {"network"}):
            if getattr(now, name) != getattr(then, name):
                option = "as" if name == "kind" else f"with --{name.replace('_', '-')}"
                reason = f"was begun {option} {_words(getattr(then, name))}"
                raise ModelError(folder.folder, reason, fix)
    if init not in (None, began):
        reason = f"was begun from {began or 'new weights'}"
        raise ModelError(folder.folder, reason, "leave out --init, or begin a new --out")
    changes = {name: getattr(asked, name) for name in CHANGEABLE & asked.model_fields_set}
    return kept.model_copy(update=changes), began


def _words(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _report(
    on_event: OnEvent,
    config: TrainConfig,
    device: Device,
    lesson: TrainingData,
    history: Lineage,
) -> None:
    """Report the device, the files that cannot be used, and the split."""
    on_event(cast("DeviceEvent", {"event": "device", **asdict(device)}))
    for problem in lesson.problems:
        on_event({"event": "failed", "file": str(problem.path), "message": str(problem)})
    unknown = list(history.unknown)
    on_event({"event": "data", **_split_facts(config, lesson), "init_unknown": unknown})


def _split_facts(config: TrainConfig, lesson: TrainingData) -> SplitFacts:
    return {
        **lesson.split.facts(),
        "gap_s": lesson.gap_s,
        "independent": lesson.independent,
        "simulated": config.simulated,
        "class_weights": list(lesson.class_weights),
    }


def _first_weights(config: TrainConfig, init: str | None) -> Weights:
    """Weights that the run starts from."""
    if init is None:
        return initial_weights(config.network, config.seed)
    folder = find_model(init)
    if read_card(folder).network != config.network:
        reason = "is another network than is to be trained"
        raise ModelError(folder, reason, "give its --channels, or start without --init")
    return load_weights(folder / WEIGHTS, config.network)
