"""The form of a training run, with the published values at first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psygnal import Signal

from napari_iris.app.form import Form
from napari_iris.app.suggestion import Suggestion
from napari_iris.commands.configs import NETWORK, TRAIN
from napari_iris.errors import IrisError
from napari_iris.networks.plan import count_parameters
from napari_iris.networks.spec import CHANNELS, NetworkSpec
from napari_iris.training.config import TrainConfig, usual_values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from napari_iris.app.training.runs import Run
    from napari_iris.networks.spec import Kind

BASIC = ("kind", "engine", "channels", "epochs", "batch_size", "aug_batch_size", "learning_rate")
"""Fields that are always visible."""

ARCHITECTURE = ("kind", *NETWORK.names)
"""Fields of the network."""

NO_CHANNELS = "Channels: enter one number per level, such as 64 128 256"


class TrainingForm(Form[TrainConfig]):
    """Network, framework and numbers of a run, and what it starts from.

    Attributes
    ----------
    start_models : dict of str to Run
        Models that a training can start from, by folder.
    start_from : str
        Folder of the one that it starts from; empty for new weights.
    evaluate : bool
        Whether the model is evaluated after the training.
    predictions : Suggestion of Path
        Folder for the predictions of the validation and test frames; None to keep none.
    start_models_changed : Signal
        There are other models to start from, or another one is chosen.
    """

    start_models_changed = Signal()

    def __init__(self) -> None:
        default = TrainConfig.of(NetworkSpec(kind="unet"))
        values = {name: getattr(default.network, name) for name in ARCHITECTURE}
        values |= {name: getattr(default, name) for name in TRAIN.names}
        known = {**NetworkSpec.model_fields, **TrainConfig.model_fields}
        super().__init__({name: known[name] for name in values}, values, _build)
        self.start_models: dict[str, Run] = {}
        self.start_from = ""
        self.evaluate = True
        self.predictions: Suggestion[Path] = Suggestion()

    @property
    def kind(self) -> Kind:
        """The network."""
        return "vgg8" if self.shown("kind") == "vgg8" else "unet"

    @property
    def is_adapting(self) -> bool:
        """Whether a model is adapted to frames without labels."""
        return bool(str(self.shown("adapt")).strip())

    def _usual(self) -> dict[str, object]:
        """Values of the fields that nobody has changed."""
        defaults = {name: one.default for name, one in TrainConfig.model_fields.items()}
        usual = usual_values(self.kind, adapting=self.is_adapting)
        return {**defaults, **usual, "channels": CHANNELS[self.kind]}

    @property
    def advanced(self) -> tuple[str, ...]:
        """Fields that are shown on request; the masks are chosen with the data."""
        return tuple(name for name in self.fields if name not in (*BASIC, "masks"))

    @property
    def summary(self) -> str:
        """Size of the network, or what is wrong."""
        config = self.config
        return (
            self.problem if config is None else f"{count_parameters(config.network):,} parameters"
        )

    def set(self, name: str, value: object) -> None:
        """Show another value; another network, or adapting one, brings its usual values.

        Parameters
        ----------
        name : str
            Name of the field.
        value : object
            A value of the config, or what was typed.
        """
        before = self._usual()
        super().set(name, value)
        for field, usual in self._usual().items():
            if usual != before[field] and self.shows(field, before[field]):
                super().set(field, usual)

    def offer_start_models(self, models: Sequence[Run]) -> None:
        """Offer models to start from; one that is gone is no longer chosen.

        Parameters
        ----------
        models : sequence of Run
            The models; those without weights are left out.
        """
        found = {str(run.folder): run for run in models if run.has_model}
        before, self.start_models = self.start_models, found
        if _titles(found) == _titles(before):
            return  # the list may be open
        if self.start_from not in found:
            self.start_from = ""
        self.start_models_changed.emit()

    def start_with(self, folder: str) -> None:
        """Start from a model: its network and the normalization of its input are taken too.

        Parameters
        ----------
        folder : str
            The model's folder; empty for new weights.
        """
        self.start_from = folder
        run = self.start_models.get(folder)
        if run is not None and run.network is not None:
            for name in ARCHITECTURE:
                self.set(name, getattr(run.network, name))
            self.set("normalisation", run.normalisation)
        self.start_models_changed.emit()


def _titles(models: Mapping[str, Run]) -> list[tuple[str, str]]:
    return [(folder, run.title) for folder, run in models.items()]


def _build(values: Mapping[str, object]) -> TrainConfig:
    if not values["channels"]:  # without any, a network would get the published ones
        raise IrisError(NO_CHANNELS)
    network = NetworkSpec.model_validate({name: values[name] for name in ARCHITECTURE})
    rest = {name: value for name, value in values.items() if name not in ARCHITECTURE}
    return TrainConfig.model_validate({"network": network, **rest})
