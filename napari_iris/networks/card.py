"""``model.json``, the model card: everything needed to use a model correctly."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from napari_iris import __version__
from napari_iris.errors import ModelError, first_problem
from napari_iris.io.atomic import atomic_open
from napari_iris.io.regular import refuse_special
from napari_iris.networks.normalisation import Normalisation
from napari_iris.networks.novelty import Novelty
from napari_iris.networks.plan import count_parameters, shapes
from napari_iris.networks.spec import NetworkSpec

if TYPE_CHECKING:
    from pathlib import Path

CARD = "model.json"

MAX_CARD_BYTES = 2**20
"""Largest file that is read as a model card."""

MAX_NUMBERS = 2**28
"""Largest number of parameters, and of values in one layer: 1 GiB as float32."""

MIN_TEMPERATURE, MAX_TEMPERATURE = 1e-4, 1e4
"""Plausible calibration temperatures."""


class ModelCard(BaseModel):
    """Metadata of a model, as stored in ``model.json``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    network: NetworkSpec = Field(description="Network architecture")
    parameters: int = Field(ge=1, description="Number of trained parameters")
    normalisation: Normalisation = Field("zscale", description="Input normalization")
    classes: tuple[str, str] = Field(("sky", "cloud"), description="Names of the classes 0 and 1")
    training: dict[str, Any] = Field({}, description="Configuration of the training run")
    data_hash: str = Field("", description="Hash of the training data")
    metrics: dict[str, float] = Field({}, description="Scores on the validation frames")
    temperature: float = Field(
        1.0,
        ge=MIN_TEMPERATURE,
        le=MAX_TEMPERATURE,
        description="Calibration temperature: logits are divided by it",
    )
    threshold: float = Field(0.5, ge=0, le=1, description="Probability threshold of cloud")
    gate_weight: float = Field(
        0.0,
        ge=0,
        le=10,
        description="Weight of the sky gate's log odds beside the network's, for frames whose "
        "clear sky was not measured; 0 for a network that knows its camera",
    )
    gate_prior: float = Field(
        0.0, ge=-10, le=10, description="Log odds of cloud in doubt, added where the gate counts"
    )
    classifier: str = Field(
        "",
        pattern=r"^([^./\\\x00][^/\\\x00]*)?$",
        description="Classifier to apply first: a model in the same folder, or a shipped one; "
        "empty for none",
    )
    version: str = Field(__version__, description="Version of napari-iris that wrote it")
    data_licence: str = Field("", description="Licence of the training data")
    novelty: Novelty | None = Field(
        None, description="Description of the training frames, to recognise frames unlike them"
    )

    @classmethod
    def of(cls, network: NetworkSpec, **known: Any) -> ModelCard:
        """Make the card of a network.

        Parameters
        ----------
        network : NetworkSpec
            The network.
        **known : object
            Other fields.

        Returns
        -------
        ModelCard
            The card, with the number of parameters filled in.
        """
        return cls(network=network, parameters=count_parameters(network), **known)


def write_card(folder: Path, card: ModelCard) -> None:
    """Write a model card, atomically.

    Parameters
    ----------
    folder : Path
        The model folder.
    card : ModelCard
        The card.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    with atomic_open(folder / CARD, durable=True) as file:
        file.write(card.model_dump_json(indent=2).encode() + b"\n")


def read_card(folder: Path) -> ModelCard:
    """Read a model card.

    Parameters
    ----------
    folder : Path
        The model folder.

    Returns
    -------
    ModelCard
        The card.

    Raises
    ------
    ModelError
        If it is missing, damaged or inconsistent, or its network is implausibly large; nothing of
        that size is allocated to find out.
    """
    path = folder / CARD
    try:
        refuse_special(path)
        with path.open("rb") as file:
            text = file.read(MAX_CARD_BYTES + 1)
        if len(text) > MAX_CARD_BYTES:
            raise ModelError(path, f"is larger than {MAX_CARD_BYTES} bytes", "copy the model again")
        card = ModelCard.model_validate_json(text)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ModelError(
            folder, f"is not a model (it has no {CARD})", "give a model folder"
        ) from error
    except OSError as error:
        raise ModelError(
            path, f"cannot be read ({error.strerror})", "check disk and permissions"
        ) from error
    except ValidationError as error:
        field, reason, _ = first_problem(error)
        reason = f"is damaged at {field or 'the whole file'}: {reason}"
        raise ModelError(path, reason, "copy it again") from error
    counted = count_parameters(card.network)
    if counted != card.parameters:
        reason = f"states {card.parameters} parameters, but its network has {counted}"
        raise ModelError(path, reason, "copy the model again")
    if max(counted, *map(prod, shapes(card.network).values())) > MAX_NUMBERS:
        reason = f"describes a network with more than {MAX_NUMBERS} parameters, or values per layer"
        raise ModelError(path, reason, "give a smaller model")
    return card
