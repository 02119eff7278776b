"""Models that can be chosen, and what their cards tell of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_iris.errors import IrisError
from napari_iris.inference.folders import list_models
from napari_iris.networks.card import CARD, read_card
from napari_iris.resources import is_shipped

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from napari_iris.networks.card import ModelCard
    from napari_iris.networks.spec import Kind

SCORES = {"clear IoU": "iou_clear", "MCC": "mcc", "accuracy": "accuracy"}
"""Scores that are told of a model, where its card has them."""


@dataclass(frozen=True)
class Choice:
    """A model that can be chosen.

    Attributes
    ----------
    folder : Path
        Its folder.
    card : ModelCard or None
        What is known of it; None where the folder is damaged.
    problem : str
        What is wrong with it.
    """

    folder: Path
    card: ModelCard | None
    problem: str = ""

    @property
    def name(self) -> str:
        """Name of the model."""
        return self.folder.name

    @property
    def kind(self) -> Kind | None:
        """Which network it is, unet or vgg8; None where the folder is damaged."""
        return None if self.card is None else self.card.network.kind

    @property
    def is_shipped(self) -> bool:
        """Whether it came with napari-iris."""
        return is_shipped(self.folder)

    def facts(self) -> str:
        """Tell in lines what it is, how good on its validation frames, and who trained it."""
        if self.card is None:
            return self.problem
        card = self.card
        channels = "-".join(map(str, card.network.channels))
        network = f"{card.network.kind} {channels}, {card.parameters:,} parameters"
        known = [
            f"{name} {card.metrics[key]:.3f}" for name, key in SCORES.items() if key in card.metrics
        ]
        scores = (
            f"{', '.join(known)} on its validation frames" if known else "no scores in its card"
        )
        return "\n".join([network, scores, self._origin(card)])

    def _origin(self, card: ModelCard) -> str:
        """Say who trained it, with what."""
        engine = card.training.get("engine")
        how = f" with {engine}" if engine else ""
        by = "shipped with" if self.is_shipped else f"trained{how} by"
        licence = f"; data: {card.data_licence}" if card.data_licence else ""
        return f"{by} napari-iris {card.version}{licence}"


def models_in(folders: Iterable[Path]) -> list[Choice]:
    """List the models right in some folders, each only once.

    Parameters
    ----------
    folders : iterable of Path
        Folders of models; one that is not there holds none.

    Returns
    -------
    list of Choice
        Folder by folder, by name; a training run that has no best epoch yet is none.
    """
    found: dict[Path, Choice] = {}
    for entry in list_models(*folders):
        if (entry.folder / CARD).is_file():
            one = Choice(entry.folder, entry.card, entry.problem)
            found.setdefault(entry.folder.resolve(), one)
    return list(found.values())


def choice_of(folder: Path) -> Choice:
    """Tell what is known of a model; what is damaged is told, not raised."""
    try:
        return Choice(folder, read_card(folder))
    except IrisError as error:
        return Choice(folder, None, str(error))
