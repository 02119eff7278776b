"""The shell command of a training run, word by word, from its config."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.cli.train import OPTIONS
from napari_iris.networks.spec import NetworkSpec
from napari_iris.training.config import TrainConfig

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_iris.networks.spec import Kind

NETWORK_OPTIONS = ("channels", "shape", "convolutions")
"""Fields of the network that the command has options for."""


def train_command(
    config: TrainConfig,
    data: Path,
    out: Path,
    *,
    init: str = "",
    evaluate: bool = True,
    predictions: Path | None = None,
) -> list[str]:
    """Write the command that begins a run; what is as usual is left out.

    Parameters
    ----------
    config : TrainConfig
        The run.
    data, out : Path
        What it learns from, and the folder of its model.
    init : str
        Model that it starts from; empty for new weights.
    evaluate : bool
        Whether to measure it at the end.
    predictions : Path or None
        Where to keep what it predicts then.

    Returns
    -------
    list of str
        Command and arguments, without ``napari-iris``.
    """
    usual = TrainConfig.of(NetworkSpec(kind=config.network.kind))
    words = ["train", config.network.kind, str(data), "--out", str(out)]
    for name in NETWORK_OPTIONS:  # with a model to start from, that one's are usual
        as_usual = None if init else getattr(usual.network, name)
        words += _option(name, getattr(config.network, name), as_usual)
    for name in OPTIONS:
        as_usual = None if init and name == "normalisation" else getattr(usual, name)
        words += _option(name, getattr(config, name), as_usual)
    words += ["--init", init] if init else []
    words += [] if evaluate else ["--no-evaluate"]
    return [*words, "--save-predictions", str(predictions)] if predictions else words


def resume_command(
    kind: Kind, data: Path, out: Path, *, epochs: int = 0, patience: int = 0
) -> list[str]:
    """Write the command that goes on with a run; the rest is known in its folder.

    Parameters
    ----------
    kind : {'unet', 'vgg8'}
        The network.
    data, out : Path
        What it learns from, and the folder of its model.
    epochs, patience : int
        Other numbers than it began with; 0 for the same.
    """
    words = ["train", kind, str(data), "--out", str(out), "--resume"]
    words += _option("epochs", epochs, 0)
    return [*words, *_option("patience", patience, 0)]


def _option(name: str, value: object, usual: object) -> Iterator[str]:
    """Give the words of one option, unless it is as usual."""
    if value == usual:
        return
    flag = name.replace("_", "-")
    if isinstance(value, bool):
        yield f"--{flag}" if value else f"--no-{flag}"
        return
    yield f"--{flag}"
    for part in value if isinstance(value, tuple) else (value,):
        yield f"{part:.12g}" if isinstance(part, float) else str(part)
