"""What a person should know before a training: labels left out, time, a model to start from."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from napari_iris.app.jobs.wording import duration
from napari_iris.networks.plan import count_parameters

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from napari_iris.app.training.runs import Run
    from napari_iris.app.training.supply import Supply
    from napari_iris.networks.spec import NetworkSpec
    from napari_iris.training.config import TrainConfig

LEAST_LABELS = 10
"""Labelled frames from which a training can be started: of fewer, validation or test has none."""

FEW_LABELS = 300
"""Labelled frames below which a shipped model is a better start than new weights."""


def left_out_text(supply: Supply, masks: str, *, by_class: bool) -> str:
    """Say how many frames of a project a training leaves out, and why.

    Parameters
    ----------
    supply : Supply
        The frames.
    masks : str
        The choice of masks, as ``train --masks``.
    by_class : bool
        Whether the network learns classes, for which no mask is needed.

    Returns
    -------
    str
        Such as "Left out: 30 not approved, 12 rejected."; empty where none is.
    """
    if supply.kind != "project":
        return ""
    used = max(supply.masks[masks], supply.classes if by_class else 0)
    without = "not approved" if masks == "approved" else "without such a mask"
    counts = {
        without: supply.frames - used - supply.rejected,
        "rejected": supply.rejected,
        "duplicates": supply.duplicates,
    }
    parts = [f"{count:,} {reason}" for reason, count in counts.items() if count > 0]
    return f"Left out: {', '.join(parts)}." if parts else ""


def time_text(config: TrainConfig, labels: int, runs: Sequence[Run]) -> str:
    """Estimate how long a training takes, from the last run of the same kind of network.

    The time of an epoch is taken as proportional to frames, parameters and pixels.

    Parameters
    ----------
    config : TrainConfig
        The training.
    labels : int
        Labelled frames.
    runs : sequence of Run
        Runs of this machine.

    Returns
    -------
    str
        Such as "At most 12 min, at the rate of unet1."; without such a run, that it will be known
        after the first steps.
    """
    alike = [
        run
        for run in runs
        if run.epochs
        and run.frames
        and run.config is not None
        and run.config.network.kind == config.network.kind
        and run.config.engine == config.engine
    ]
    if not alike or not labels:
        return "Time: known after the first steps."
    run = max(alike, key=lambda one: one.changed)
    assert run.config is not None  # noqa: S101 (for the type checker)
    work = _work(config.network) * labels / (_work(run.config.network) * run.frames)
    seconds = median(epoch.seconds for epoch in run.epochs) * work * config.epochs
    return f"Time: at most {duration(seconds)}, at the rate of {run.name}."


def _work(network: NetworkSpec) -> float:
    return float(count_parameters(network)) * network.shape[0] * network.shape[1]


def start_text(kind: str, labels: int, start_from: str, shipped: Iterable[Run]) -> str:
    """Suggest a shipped model to start from where there are few labels.

    Parameters
    ----------
    kind : {'unet', 'vgg8'}
        The network.
    labels : int
        Labelled frames.
    start_from : str
        The model that is chosen; empty for new weights.
    shipped : iterable of Run
        The shipped models.
    """
    if start_from or labels >= FEW_LABELS:
        return ""
    names = [run.name for run in shipped if run.network is not None and run.network.kind == kind]
    return f"With under {FEW_LABELS} labels, start from {names[0]}." if names else ""
