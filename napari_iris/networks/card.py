"""``model.json``: what a model folder holds, and everything that is needed to use it rightly."""

from __future__ import annotations

import re
from math import prod
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from napari_iris import __version__
from napari_iris.errors import IrisError, ModelError
from napari_iris.io.atomic import atomic_open
from napari_iris.networks.normalisation import Normalisation
from napari_iris.networks.plan import count_parameters, shapes
from napari_iris.networks.spec import CHANNELS, NetworkSpec
from napari_iris.resources import models_folder

CARD = "model.json"

MOST_BYTES = 2**20
"""Of a card: what is larger is something else."""

MOST_NUMBERS = 2**28
"""Parameters of a network, and values in one of its layers: 1 GiB as float32."""

COLDEST, HOTTEST = 1e-4, 1e4
"""Temperatures that a calibration may have come to."""

KERAS_FILES = (".keras", ".h5", ".hdf5")


class ModelCard(BaseModel):
    """What is known of a model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    network: NetworkSpec = Field(description="the network")
    parameters: int = Field(ge=1, description="numbers that training has set")
    normalisation: Normalisation = Field("zscale", description="how a frame becomes the input")
    classes: tuple[str, str] = Field(("sky", "cloud"), description="what 0 and 1 mean")
    training: dict[str, Any] = Field({}, description="config of the training run")
    data_hash: str = Field("", description="hash of the training data")
    metrics: dict[str, float] = Field({}, description="scores on the validation frames")
    temperature: float = Field(
        1.0, ge=COLDEST, le=HOTTEST, description="calibration: logits are divided by it"
    )
    threshold: float = Field(0.5, ge=0, le=1, description="probability from which it is cloud")
    classifier: str = Field(
        "", description="model that is to look first: beside this one, or shipped; empty for none"
    )
    version: str = Field(__version__, description="version of napari-iris that made it")
    data_licence: str = Field("", description="licence of the training data")

    @classmethod
    def of(cls, network: NetworkSpec, **known: Any) -> ModelCard:
        """Make the card of a network."""
        return cls(network=network, parameters=count_parameters(network), **known)


def write_card(folder: Path, card: ModelCard) -> None:
    """Write a model's card, atomically.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    with atomic_open(folder / CARD, durable=True) as file:
        file.write(card.model_dump_json(indent=2).encode() + b"\n")


def read_card(folder: Path) -> ModelCard:
    """Read a model's card.

    Raises
    ------
    ModelError
        If it is missing, damaged, does not agree with itself, or its network is larger than any
        that a sky needs; nothing of that size is allocated to find out.
    """
    path = folder / CARD
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise ModelError(path, f"is larger than {MOST_BYTES} bytes", "copy the model again")
        card = ModelCard.model_validate_json(text)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ModelError(
            folder, f"is no model (it has no {CARD})", "give a model folder"
        ) from error
    except OSError as error:
        raise ModelError(path, f"cannot be read ({error.strerror})", "mend this") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole file"
        raise ModelError(path, f"is damaged at {where}: {first['msg']}", "copy it again") from error
    counted = count_parameters(card.network)
    if counted != card.parameters:
        reason = f"says {card.parameters} parameters, its network has {counted}"
        raise ModelError(path, reason, "copy the model again")
    if max(counted, *map(prod, shapes(card.network).values())) > MOST_NUMBERS:
        reason = f"describes a network with more than {MOST_NUMBERS} parameters, or values a layer"
        raise ModelError(path, reason, "give a smaller model")
    return card


def find_model(name: str | Path) -> Path:
    """Find a model: a folder, or the name of one that is shipped.

    Raises
    ------
    ModelError
        If there is none.
    """
    folder = Path(name)
    if _is_file(folder / CARD):
        return folder
    if _is_file(folder):
        raise _no_folder(folder)
    shipped = models_folder() / str(name)
    if re.fullmatch(r"[\w.-]+", str(name)) and _is_file(shipped / CARD):
        return shipped
    have = ", ".join(sorted(path.parent.name for path in models_folder().glob(f"*/{CARD}")))
    fix = f"give a model folder{f', or one of: {have}' if have else ''}"
    raise ModelError(folder, "is no model", fix)


def find_classifier(name: str | Path) -> Path | None:
    """Find the classifier that a model's card says is to look first; None where it names none.

    Raises
    ------
    ModelError
        If there is no such model, or its card is damaged, or its classifier is missing.
    """
    folder = find_model(name)
    classifier = read_card(folder).classifier
    if not classifier:
        return None
    beside = folder.absolute().with_name(classifier)
    try:
        return beside if _is_file(beside / CARD) else find_model(classifier)
    except ModelError as error:
        reason = f"is to be used after {classifier}, which is not there"
        raise ModelError(folder, reason, "give --classifier MODEL, or --classifier none") from error


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long for any file
        return False


def _no_folder(file: Path) -> ModelError:
    """Say what to do with a file that was given as a model."""
    if file.suffix.lower() in KERAS_FILES:
        fix = "take it in first, with napari-iris import-model"
        return ModelError(file, "is a Keras file, not a model folder", fix)
    return ModelError(file, "is a file, not a model folder", "give the folder that it lies in")


def network_of(name: str) -> NetworkSpec:
    """Give the network of a model, or the published one of a kind by its name.

    Raises
    ------
    IrisError
        If there is none of that name.
    """
    for kind in CHANNELS:
        if name == kind:
            return NetworkSpec(kind=kind)
    try:
        return read_card(find_model(name)).network
    except ModelError as error:
        if Path(name).exists():
            raise
        raise IrisError(f"{error}, or {' or '.join(CHANNELS)} for the published ones") from error
