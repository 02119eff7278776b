"""A model and the run that trained it, as read from its folder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from napari_iris.app.models import REPORTS
from napari_iris.commands.write import train_command
from napari_iris.errors import IrisError
from napari_iris.inference.baseline_check import baseline_caution
from napari_iris.networks.card import read_card
from napari_iris.numbers import nan_to_none
from napari_iris.training.run_folder import CONFIG, EPOCHS, RUN, RunFolder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_iris.networks.spec import Kind, NetworkSpec
    from napari_iris.training.config import TrainConfig
    from napari_iris.training.epochs import Epoch

State = Literal["stopped", "finished", "no run", "damaged"]

STEMS: dict[Kind, str] = {"unet": "unet", "vgg8": "vgg"}
"""Beginnings of suggested names."""


@dataclass(frozen=True)
class Run:
    """A model and its run.

    Attributes
    ----------
    folder : Path
        The model folder.
    state : {'stopped', 'finished', 'no run', 'damaged'}
        State of the run; 'no run' for a model that was trained elsewhere.
    network : NetworkSpec or None
        The network; None where the folder is damaged.
    config : TrainConfig or None
        The run's config.
    epochs : tuple of Epoch
        Epochs done.
    scores : tuple of (str, float)
        Validation loss and scores of the best epoch, by name.
    data, init : str
        The training data, and the model that the run started from; empty if unknown.
    problem : str
        What is wrong with the folder.
    normalisation : str
        Normalization of the input; empty where the folder is damaged.
    is_evaluated : bool
        Whether the model was evaluated beside the baselines after the training.
    frames : int
        Frames of its training and validation; 0 where not known.
    changed : float
        When its last epoch was written [s since 1970].
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
    normalisation: str = ""
    is_evaluated: bool = False
    frames: int = 0
    changed: float = 0.0
    caution: str = ""

    @property
    def title(self) -> str:
        """Name of the model, and which baseline it is no better than."""
        return f"{self.name} ({self.caution})" if self.caution else self.name

    @property
    def name(self) -> str:
        """Name of the model."""
        return self.folder.name

    @property
    def has_model(self) -> bool:
        """Whether there are weights of a best epoch."""
        return bool(self.scores) or self.state == "no run"

    def score(self, name: str) -> float | None:
        """Give the validation loss or a score of the model; None where not known.

        Parameters
        ----------
        name : str
            'val_loss', or a score of `Epoch`.
        """
        value: float | None = nan_to_none(dict(self.scores).get(name))
        return value

    def command(self) -> list[str]:
        """Write the command that trained the model; ``DATA`` is the placeholder of unknown data.

        Raises
        ------
        IrisError
            If the folder has no config of a run.
        """
        if self.config is None:
            raise IrisError(f"{self.folder} has no training configuration")
        return train_command(self.config, Path(self.data or "DATA"), self.folder, init=self.init)


def read_run(folder: Path) -> Run:
    """Read a model and its run; damage is described, not raised.

    Parameters
    ----------
    folder : Path
        The model folder.
    """
    try:
        if not (folder / RUN / CONFIG).exists():
            card = read_card(folder)
            scores = tuple(card.metrics.items())
            how = card.normalisation
            run = Run(folder, "no run", card.network, scores=scores, normalisation=how)
        else:
            run = _trained(folder)
        kind = "unet" if run.network is None else run.network.kind
        return replace(run, caution=baseline_caution(folder, kind, dict(run.scores)))
    except (IrisError, OSError, ValueError, TypeError, KeyError) as error:
        problem = " ".join(str(error).split())
        return Run(folder, "damaged", problem=problem or type(error).__name__)


def _trained(folder: Path) -> Run:
    run = RunFolder(folder)
    config, epochs, facts = run.config(), run.epochs(), run.facts()
    best = min(epochs, key=lambda epoch: epoch.val_loss, default=None)
    scores: dict[str, Any] = {} if best is None else vars(best)
    exhausted = best is not None and len(epochs) - best.epoch >= config.patience
    return Run(
        folder,
        "finished" if len(epochs) >= config.epochs or exhausted else "stopped",
        config.network,
        config,
        tuple(epochs),
        tuple(scores.items()),
        str(facts.get("data") or ""),
        str(facts.get("init") or ""),
        normalisation=config.normalisation,
        frames=_frames(facts),
        changed=(run.path / EPOCHS).stat().st_mtime if epochs else 0.0,
        is_evaluated=any((folder / report).is_file() for report in REPORTS),
    )


def _frames(facts: Mapping[str, Any]) -> int:
    """Frames that a run read in each epoch."""
    split = facts.get("split")
    if not isinstance(split, dict):
        return 0
    parts = (split.get("train", 0), split.get("validation", 0))
    return sum(part for part in parts if isinstance(part, int))


def next_name(kind: Kind, taken: set[str]) -> str:
    """Suggest the next free name: ``unet1``, ``unet2`` ...

    Parameters
    ----------
    kind : {'unet', 'vgg8'}
        The network.
    taken : set of str
        Names of other models.
    """
    taken = {name.casefold() for name in taken}
    number = 1
    while f"{STEMS[kind]}{number}" in taken:
        number += 1
    return f"{STEMS[kind]}{number}"
