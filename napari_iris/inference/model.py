"""A trained model, opened: its network built, its calibration applied."""

from __future__ import annotations

import hashlib
import os
from functools import partial
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import ModelError
from napari_iris.frames.rebin import rebin
from napari_iris.inference.engine import make_engine
from napari_iris.networks.card import read_card
from napari_iris.networks.find import find_model
from napari_iris.networks.normalisation import network_input
from napari_iris.networks.weights import WEIGHTS, load_weights

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from napari_iris.inference.config import EngineName, Precision
    from napari_iris.inference.engine import Engine
    from napari_iris.networks.card import ModelCard
    from napari_iris.networks.spec import Kind
    from napari_iris.networks.weights import Weights

DECIDES = ("network", "normalisation", "temperature", "threshold")
"""Attributes of a card that determine a model's output."""

TYPICAL, FULL_ROWS = 8, 512
"""Simulated frames from which the range of the activations is found, and the rows of each."""

FINGERPRINT = 8
"""Hexadecimal digits of a model's fingerprint."""


class Model:
    """A model ready for inference.

    Parameters
    ----------
    folder : Path
        Its folder.
    card : ModelCard
        Its card.
    engine : Engine
        Its network.
    fingerprint : str
        Hash of its weights and of `DECIDES`: the same name with another fingerprint is another
        model.
    requested : mapping of str to str
        The engine and the precision requested; those in use are attributes of `engine`.
    """

    def __init__(
        self,
        folder: Path,
        card: ModelCard,
        engine: Engine,
        fingerprint: str,
        requested: Mapping[str, str],
    ) -> None:
        self.folder, self.card, self.engine, self.requested = folder, card, engine, requested
        name = "".join(letter if " " < letter <= "~" else "_" for letter in folder.name)
        self.id = f"{name}@{fingerprint}"  # goes into FITS headers, which hold plain ASCII

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns that frames are rebinned to."""
        return self.card.network.shape

    @property
    def takes_excess(self) -> bool:
        """Whether the excess above the clear sky is a plane of its input."""
        return self.card.network.planes == 2

    @property
    def takes_colour(self) -> bool:
        """Whether its input is the three planes of colour."""
        return self.card.network.takes_colour

    def shares_input(self, other: Model) -> bool:
        """Whether a frame is the same input for another model."""
        mine, others = self.card, other.card
        return (self.shape, mine.normalisation, mine.network.planes) == (
            other.shape,
            others.normalisation,
            others.network.planes,
        )

    def input(
        self, frame: NDArray[np.floating], excess: NDArray[np.floating] | None = None
    ) -> NDArray[np.float32]:
        """Make the input of the network from a binned frame, as in training.

        Parameters
        ----------
        frame : ndarray of float, shape `shape`, for a model of colour (rows, columns, 3)
            In ADU; NaN where blank.
        excess : ndarray of float, shape `shape`, optional
            `Excess.relative` of the frame; None where nothing is known of its clear sky.

        Returns
        -------
        ndarray of float32, shape (rows, columns, planes)
        """
        return network_input(frame, self.card.normalisation, excess, self.card.network.planes)

    def novelty(self, x: NDArray[np.float32]) -> float:
        """Compute how unlike the training frames a frame is, see `Novelty.of`.

        Parameters
        ----------
        x : ndarray of float32, shape (rows, columns, planes)
            Input of the network.

        Returns
        -------
        float
            Above 1 it is unlike them; NaN where the card does not say what they are like.
        """
        return nan if self.card.novelty is None else self.card.novelty.of(x[..., 0])

    def logits(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give the calibrated logits of some inputs.

        Parameters
        ----------
        x : ndarray of float32, shape (frames, rows, columns, planes)
            Inputs, see `input`.

        Returns
        -------
        ndarray of float32, shape (frames, rows, columns) or (frames,)
        """
        return self.engine.logits(x)[..., 0] / np.float32(self.card.temperature)

    def probability(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give the probability of cloud, 0 to 1; shapes as for `logits`."""
        from scipy.special import expit

        found: NDArray[np.float32] = expit(self.logits(x))
        return found


def open_model(
    name: str | Path, engine: EngineName = "auto", precision: Precision = "auto"
) -> Model:
    """Open a model.

    Parameters
    ----------
    name : str or Path
        A model folder, or the name of a shipped model.
    engine : {'auto', 'openvino', 'keras', 'flax'}
        Inference engine; see `make_engine`.
    precision : {'auto', 'float32', 'bfloat16', 'int8'}
        Precision of the computation; see `make_engine`.

    Raises
    ------
    ModelError
        If there is no such model, or it is damaged.
    IrisError
        If the engine is not installed, or does not compute in this precision.
    """
    folder = Path(os.path.abspath(find_model(name)))  # noqa: PTH100 (resolve() follows links)
    card = read_card(folder)
    weights = load_weights(folder / WEIGHTS, card.network)
    built = make_engine(card.network, weights, engine, precision, partial(_typical_inputs, card))
    requested = {"engine": engine, "precision": precision}
    return Model(folder, card, built, _fingerprint(card, weights), requested)


def of_kind(kind: Kind, model: Model) -> Model:
    """Return a model that is of a kind, and of no more planes than colour has.

    Parameters
    ----------
    kind : {'unet', 'vgg8'}
        The kind that is needed.
    model : Model
        The model.

    Returns
    -------
    Model
        The same model.

    Raises
    ------
    ModelError
        If it is of the other kind, or of more planes.
    """
    found = model.card.network.kind
    if found != kind:
        option = "--classifier" if found == "vgg8" else "MODEL"
        raise ModelError(model.folder, f"is a {found}, not a {kind}", f"give it as {option}")
    if model.card.network.planes > 3:
        reason = f"is for images of {model.card.network.planes} planes"
        raise ModelError(model.folder, reason, "give a model with planes 1, 2 or 3")
    return model


def _typical_inputs(card: ModelCard) -> NDArray[np.float32]:
    """Simulate some skies as inputs of the network; always the same."""
    from napari_iris.sky import SimulationConfig, simulate_frame

    if card.network.planes == 2:
        return _with_excess(card)
    rows, columns = card.network.shape
    finer = max(1, FULL_ROWS // rows)
    shape = (finer * rows, finer * columns)
    config = SimulationConfig(count=TYPICAL, seed=0, shape=shape, truth_shape=card.network.shape)
    skies = [simulate_frame(config, number).data for number in range(TYPICAL)]
    frames = [rebin(sky, card.network.shape) for sky in skies]
    planes = card.network.planes
    return np.stack([network_input(one, card.normalisation, None, planes) for one in frames])


def _with_excess(card: ModelCard) -> NDArray[np.float32]:
    """Simulate inputs of two planes: with a reference, and the same without one."""
    from napari_iris.sky.samples import draw_sample

    samples = [draw_sample(0, number, card.network.shape) for number in range(TYPICAL)]
    return np.stack(
        [
            network_input(one.frame, card.normalisation, excess, planes=2)
            for one in samples
            for excess in (one.excess, None)
        ]
    )


def _fingerprint(card: ModelCard, weights: Weights) -> str:
    decides = card.model_dump_json(include=set(DECIDES))
    digest = hashlib.sha256(decides.encode())
    for value in weights.values():
        digest.update(value.astype("<f4", copy=False).tobytes())
    return digest.hexdigest()[:FINGERPRINT]
