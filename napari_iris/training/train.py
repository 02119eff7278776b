"""Train a network: from labelled frames to a model folder, also resuming a stopped run."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, cast

from napari_iris.errors import ModelError
from napari_iris.networks.card import ModelCard, read_card
from napari_iris.networks.find import find_model
from napari_iris.networks.plan import weight_shapes
from napari_iris.networks.weights import WEIGHTS, initial_weights, load_weights
from napari_iris.resources import is_shipped
from napari_iris.training.adapting import Guard, load_adapting_data
from napari_iris.training.device import environment, find_device
from napari_iris.training.framework import make_trainer
from napari_iris.training.lineage import LINEAGE, lineage_of, run_lineage, write_lineage
from napari_iris.training.loop import fit
from napari_iris.training.memory import memory_errors
from napari_iris.training.novelty import training_novelty
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
"""Fields that a resumed run may change: those that do not affect the curve so far. The number of
epochs does where the learning rate follows a cosine."""


def train(
    config: TrainConfig,
    data: Path | None,
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
        The run. When resuming, only the fields that were set explicitly matter: they must be the
        same as those of the run, except for `CHANGEABLE`.
    data : Path or None
        Labelled frames, see `load_training_data`; None to train on simulated frames alone.
    out : Path
        Folder for the model and its run.
    on_event : callable
        Called with each event of the run.
    init : str, optional
        Model to start from: a folder, or the name of a shipped model.
    resume : bool
        Whether to resume the run in `out`.

    Returns
    -------
    RunProgress
        Progress at the end.

    Raises
    ------
    IrisError
        Before the first step: if the data cannot be trained on, or the run cannot be created or
        resumed. Later: if memory or disk is full, or the loss is not finite.
    """
    folder, completed = RunFolder(out), 0
    if resume:
        config, init = _resumed(folder, config, init)
        completed = folder.progress().epochs
    lineage = run_lineage(folder) if resume else lineage_of(init)
    learned = folder.references() if resume else None
    load = load_training_data if config.adapt is None else load_adapting_data
    training_data = load(config, data, lineage, learned)
    if resume and folder.facts().get("data_hash") != training_data.hash:
        reason = "was trained on other data"
        raise ModelError(out, reason, "give the data of the run, or choose a new --out")
    start = None if completed and config.adapt is None else _initial_weights(config, init)
    device = find_device(config)
    if resume:  # a curve is of one precision, even if the run resumes on another device
        device = replace(device, precision=folder.facts().get("precision", device.precision))
    _report(on_event, config, device, training_data, lineage)
    with folder.lock(), memory_errors(device.name), closing(training_data.workers):
        if resume:
            folder.write_config(config)
        else:
            origin = {"data": data and str(data.absolute()), "init": init}
            chain = {"init_chain": lineage.models, "init_unknown": lineage.unknown}
            split = {"data_hash": training_data.hash, "split": _split_facts(config, training_data)}
            folder.create(config, {**environment(device), **origin, **chain, **split})
            write_lineage(folder.path / LINEAGE, lineage)
            folder.write_references(training_data.references.learned)
        folder.write_split(training_data.source, training_data.split, training_data.files)
        trainer = make_trainer(config, device.precision)
        if start is not None:
            trainer.set_weights(start)
        batches = make_batches(config, training_data)
        card = ModelCard.of(
            config.network,
            normalisation=config.normalisation,
            training={**config.model_dump(mode="json"), "init": list(lineage.models)},
            data_hash=training_data.hash,
            novelty=training_novelty(batches[0], out if completed else init),
        )
        guard = None
        if config.adapt is not None:
            card = _as_before(card, init)
            guard = Guard.of(trainer, batches[1], config, training_data.workers)
        progress = fit(trainer, *batches, config, folder, card, on_event, guard)
        if guard is not None:
            trainer.set_weights(load_weights(out / WEIGHTS, config.network))
            event = guard.report(trainer, progress.best_epoch)
            scores = {name: event[name] for name in ("frames", "before", "after")}
            folder.add_fact("adapted", scores)
            on_event(event)
        return progress


def _as_before(card: ModelCard, init: str | None) -> ModelCard:
    """Let an adapted model be used as the one that it was: with its threshold, its classifier."""
    folder = find_model(init or "")
    before = read_card(folder)
    classifier = before.classifier if is_shipped(folder) else ""  # else it lies beside it
    names = ("temperature", "threshold", "gate_weight", "gate_prior")
    kept = {name: getattr(before, name) for name in names}
    return card.model_copy(update={**kept, "classifier": classifier})


def _resumed(
    folder: RunFolder, config: TrainConfig, init: str | None
) -> tuple[TrainConfig, str | None]:
    """Return config and initial model of the run to resume, with the permitted changes."""
    saved, saved_init = folder.config(), folder.facts().get("init")
    fix = "omit it, or choose a new --out"
    changeable = CHANGEABLE - ({"epochs"} if saved.schedule == "cosine" else set())
    for given, before in ((config.network, saved.network), (config, saved)):
        for name in sorted(given.model_fields_set - changeable - {"network"}):
            if getattr(given, name) != getattr(before, name):
                option = "as" if name == "kind" else f"with --{name.replace('_', '-')}"
                reason = f"was started {option} {_as_option(getattr(before, name))}"
                raise ModelError(folder.folder, reason, fix)
    if init not in (None, saved_init):
        reason = f"was started from {saved_init or 'random initial weights'}"
        raise ModelError(folder.folder, reason, "omit --init, or choose a new --out")
    changes = {name: getattr(config, name) for name in changeable & config.model_fields_set}
    return saved.model_copy(update=changes), saved_init


def _as_option(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _report(
    on_event: OnEvent,
    config: TrainConfig,
    device: Device,
    training_data: TrainingData,
    lineage: Lineage,
) -> None:
    """Report the device, the files that cannot be used, and the split."""
    on_event(cast("DeviceEvent", {"event": "device", **asdict(device)}))
    for problem in training_data.problems:
        on_event({"event": "failed", "file": str(problem.path), "message": str(problem)})
    unknown = list(lineage.unknown)
    on_event({"event": "data", **_split_facts(config, training_data), "init_unknown": unknown})


def _split_facts(config: TrainConfig, training_data: TrainingData) -> SplitFacts:
    return {
        **training_data.split.facts(),
        "gap_s": training_data.gap_s,
        "independent": training_data.independent,
        "simulated": config.simulated,
        "class_weights": list(training_data.class_weights),
        "reference": str(training_data.references) if config.network.planes == 2 else "",
        "sure_labels": training_data.sure_labels,
    }


def _initial_weights(config: TrainConfig, init: str | None) -> Weights:
    """Load the weights of the initial model, or draw random ones."""
    if init is None:
        return initial_weights(config.network, config.seed)
    folder = find_model(init)
    # a U-Net's weights fit frames of any size
    if weight_shapes(read_card(folder).network) != weight_shapes(config.network):
        reason = "is a different network from the one to be trained"
        raise ModelError(folder, reason, "give its --channels, or omit --init")
    return load_weights(folder / WEIGHTS, config.network)
