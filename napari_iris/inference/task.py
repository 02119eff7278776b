"""A frame on its way through a prediction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.inference.network_data import NetworkInput, NetworkOutput
    from napari_iris.inference.prediction_file import Prediction


@dataclass(frozen=True, eq=False)
class Task:
    """A frame that is to be predicted, and its state.

    Attributes
    ----------
    frame : Path
        Its file.
    file : str
        File of its prediction, relative to the folder.
    stored : {'', 'done', 'threshold'}
        What the table says is stored: nothing, the prediction, or one with another threshold.
    loaded : NetworkInput or None
        The frame, once it is read.
    output : NetworkOutput or None
        The networks' output.
    prediction : Prediction or None
        The stored prediction, with the threshold applied: the networks are not run.
    """

    frame: Path
    file: str
    stored: str
    loaded: NetworkInput | None = None
    output: NetworkOutput | None = None
    prediction: Prediction | None = None
