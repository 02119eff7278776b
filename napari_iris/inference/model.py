"""A trained model, opened to answer: its network built, its calibration applied."""

from __future__ import annotations

import hashlib
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from napari_iris.frames.rebin import rebin
from napari_iris.inference.engine import make_engine
from napari_iris.networks.card import find_model, read_card
from napari_iris.networks.normalisation import network_input
from napari_iris.networks.weights import WEIGHTS, load_weights

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from napari_iris.inference.config import EngineName, Precision
    from napari_iris.inference.engine import Engine
    from napari_iris.networks.card import ModelCard
    from napari_iris.networks.weights import Weights

DECIDES = ("network", "normalisation", "temperature", "threshold")
"""What of a card decides a model's answers."""

TYPICAL, FULL_ROWS = 8, 512
"""Simulated frames that tell how large a network's activations become, and rows of each."""

FINGERPRINT = 8
"""Hexadecimal digits of the weights' hash that name a model."""


class Model:
    """A model ready to answer.

    Parameters
    ----------
    folder : Path
        Its folder.
    card : ModelCard
        What is known of it.
    engine : Engine
        Its network.
    fingerprint : str
        Of its weights and all that decides its answers: the same name with another fingerprint is
        another model.
    asked : mapping of str to str
        The engine and the precision that were asked for; what was taken, the engine tells.
    """

    def __init__(
        self,
        folder: Path,
        card: ModelCard,
        engine: Engine,
        fingerprint: str,
        asked: Mapping[str, str],
    ) -> None:
        self.folder, self.card, self.engine, self.asked = folder, card, engine, asked
        name = "".join(letter if " " < letter <= "~" else "_" for letter in folder.name)
        self.id = f"{name}@{fingerprint}"  # goes into FITS headers, which hold plain ASCII

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns that frames are rebinned to."""
        return self.card.network.shape

    def input(self, frame: NDArray[np.floating]) -> NDArray[np.float32]:
        """Normalise a binned frame, as in training.

        Parameters
        ----------
        frame : ndarray of float, shape `shape`
            In ADU; NaN where blank.

        Returns
        -------
        ndarray of float32, shape (rows, columns, 1)
        """
        return network_input(frame, self.card.normalisation)[..., None]

    def logits(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give the calibrated logits of some inputs.

        Parameters
        ----------
        x : ndarray of float32, shape (frames, rows, columns, 1)

        Returns
        -------
        ndarray of float32, shape (frames, rows, columns) or (frames,)
        """
        return self.engine.logits(x)[..., 0] / np.float32(self.card.temperature)

    def probability(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give the probability of cloud, 0 to 1; shapes as for `logits`."""
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
        What computes; see `make_engine`.
    precision : {'auto', 'float32', 'bfloat16', 'int8'}
        What is computed in; see `make_engine`.

    Raises
    ------
    ModelError
        If there is no such model, or it is damaged or foreign.
    IrisError
        If the engine is not installed, or does not compute in this precision.
    """
    folder = Path(os.path.abspath(find_model(name)))  # noqa: PTH100 (resolve() follows links)
    card = read_card(folder)
    weights = load_weights(folder / WEIGHTS, card.network)
    built = make_engine(card.network, weights, engine, precision, partial(_typical_inputs, card))
    asked = {"engine": engine, "precision": precision}
    return Model(folder, card, built, _fingerprint(card, weights), asked)


def _typical_inputs(card: ModelCard) -> NDArray[np.float32]:
    """Simulate some skies as the network sees them; always the same."""
    from napari_iris.sky import SimulationConfig, simulate_frame

    rows, columns = card.network.shape
    finer = max(1, FULL_ROWS // rows)
    shape = (finer * rows, finer * columns)
    config = SimulationConfig(count=TYPICAL, seed=0, shape=shape, truth_shape=card.network.shape)
    skies = [simulate_frame(config, number).data for number in range(TYPICAL)]
    seen = [network_input(rebin(sky, card.network.shape), card.normalisation) for sky in skies]
    return np.repeat(np.stack(seen)[..., None], card.network.planes, axis=-1)


def _fingerprint(card: ModelCard, weights: Weights) -> str:
    decides = card.model_dump_json(include=set(DECIDES))
    digest = hashlib.sha256(decides.encode())
    for value in weights.values():
        digest.update(value.astype("<f4", copy=False).tobytes())
    return digest.hexdigest()[:FINGERPRINT]
