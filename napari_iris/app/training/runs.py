"""The models of a folder: how each was trained, how good it is, and how to go on with it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from napari_iris.errors import IrisError
from napari_iris.networks.card import CARD, read_card
from napari_iris.numbers import nan_to_none
from napari_iris.training.run_folder import EVALUATED_PARTS, RUN, RunFolder

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.networks.spec import Kind, NetworkSpec
    from napari_iris.training.config import TrainConfig
    from napari_iris.training.epochs import Epoch

State = Literal["running", "stopped", "finished", "no run", "damaged"]

STEMS: dict[Kind, str] = {"unet": "unet", "vgg8": "vgg"}
"""How the names begin that are suggested."""

REPORTS = tuple(f"{RUN}/{part}/report.json" for part in EVALUATED_PARTS)
"""What measuring a model leaves in its folder."""

WATCHED = (CARD, f"{RUN}/config.json", f"{RUN}/epochs.csv", *REPORTS)
"""Files that change when a model does."""


@dataclass(frozen=True)
class Run:
    """One model, and the run that made it.

    Attributes
    ----------
    folder : Path
        The model folder.
    state : str
        Where it stands: 'no run' for a model that was trained elsewhere.
    network : NetworkSpec or None
        The network; None where the folder is damaged.
    config : TrainConfig or None
        The run's config.
    epochs : tuple of Epoch
        Epochs done.
    scores : tuple of (str, float)
        Validation loss and scores of the model, by name.
    data, init : str
        What it learns from, and the model that it started from; empty where not known.
    problem : str
        What is wrong with the folder.
    measured : bool
        Whether it was measured beside the baselines, on frames that it did not learn from.
    """

    folder: Path
    state: State
    network: NetworkSpec | None = None
    config: TrainConfig | None = None
    epochs: tuple[Epoch, ...] = ()
    scores: tuple[tuple[str, float], ...] = ()
    data: str = ""
    init: str = ""
    problem: str = ""
    measured: bool = False

    @property
    def name(self) -> str:
        """Name of the model."""
        return self.folder.name

    @property
    def has_model(self) -> bool:
        """Whether it has a best epoch."""
        return bool(self.scores) or self.state == "no run"

    def score(self, name: str) -> float | None:
        """Give the validation loss or a score of the model; None where not known."""
        value: float | None = nan_to_none(dict(self.scores).get(name))
        return value


class Shelf:
    """Reads the models of a folder; what has not changed since is not read again."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[tuple[int, ...], Run]] = {}

    def read(self, models: Path) -> list[Run]:
        """List the models right in a folder, by name."""
        try:
            with os.scandir(models) as entries:
                names = [one.name for one in entries if one.name[0] != "." and one.is_dir()]
        except OSError:
            return []
        found = [self._run(models / name) for name in sorted(names, key=str.casefold)]
        return [run for run in found if run is not None]

    def _run(self, folder: Path) -> Run | None:
        stamp = tuple(map(_changed, (folder / name for name in WATCHED)))
        if not any(stamp[:2]):
            return None
        known = self._known.get(folder)
        if known is None or known[0] != stamp:
            self._known[folder] = known = stamp, read_run(folder)
        return known[1]


def read_run(folder: Path) -> Run:
    """Read a model and its run; what is damaged is told, not raised."""
    try:
        if not (folder / RUN / "config.json").exists():
            card = read_card(folder)
            return Run(folder, "no run", card.network, scores=tuple(card.metrics.items()))
        return _trained(folder)
    except (IrisError, OSError, ValueError, TypeError, KeyError) as error:
        problem = " ".join(str(error).split())
        return Run(folder, "damaged", problem=problem or type(error).__name__)


def _trained(folder: Path) -> Run:
    run = RunFolder(folder)
    config, epochs, facts = run.config(), run.epochs(), run.facts()
    best = min(epochs, key=lambda epoch: epoch.val_loss, default=None)
    scores: dict[str, Any] = {} if best is None else vars(best)
    tired = best is not None and len(epochs) - best.epoch >= config.patience
    return Run(
        folder,
        "finished" if len(epochs) >= config.epochs or tired else "stopped",
        config.network,
        config,
        tuple(epochs),
        tuple(scores.items()),
        str(facts.get("data", "")),
        str(facts.get("init") or ""),
        measured=any((folder / report).is_file() for report in REPORTS),
    )


def next_name(kind: Kind, taken: set[str]) -> str:
    """Suggest the next free name: ``unet1``, ``unet2`` ..."""
    taken = {name.casefold() for name in taken}
    number = 1
    while f"{STEMS[kind]}{number}" in taken:
        number += 1
    return f"{STEMS[kind]}{number}"


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
