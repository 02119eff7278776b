"""The options of each command, and its config read back from them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from napari_iris.commands.options import Options
from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn

    from pydantic import BaseModel

    from napari_iris.evaluation.config import EvaluateConfig
    from napari_iris.exporters.export import ExportConfig
    from napari_iris.inference.config import PredictConfig, WatchConfig
    from napari_iris.masks.config import MaskConfig
    from napari_iris.networks.spec import NetworkSpec
    from napari_iris.project.split_config import SplitConfig
    from napari_iris.sky.config import SeriesConfig
    from napari_iris.training.config import TrainConfig

MASK: Options[MaskConfig] = Options(
    "napari_iris.masks.config:MaskConfig", ("shape", "a_log", "contrast", "gate")
)
REBIN: Options[MaskConfig] = Options("napari_iris.masks.config:MaskConfig", ("shape",))
SIMULATE: Options[SeriesConfig] = Options(
    "napari_iris.sky.config:SeriesConfig", ("count", "sky", "seed", "nights")
)
PREDICT: Options[PredictConfig] = Options("napari_iris.inference.config:PredictConfig")
WATCH: Options[WatchConfig] = Options("napari_iris.inference.config:WatchConfig")
EVALUATE: Options[EvaluateConfig] = Options(
    "napari_iris.evaluation.config:EvaluateConfig",
    ("threshold", "masks", "resamples", "seed", "jobs"),
)
SPLIT: Options[SplitConfig] = Options(
    "napari_iris.project.split_config:SplitConfig", ("percent", "by", "gap_s", "seed")
)
EXPORT: Options[ExportConfig] = Options(
    "napari_iris.exporters.export:ExportConfig", ("format", "status", "tag", "part")
)
NETWORK: Options[NetworkSpec] = Options(
    "napari_iris.networks.spec:NetworkSpec", ("channels", "shape", "convolutions")
)
TRAIN: Options[TrainConfig] = Options(
    "napari_iris.training.config:TrainConfig", exclude=("network",)
)

OF_COMMAND: dict[tuple[str, ...], Options[Any]] = {
    ("mask",): MASK,
    ("rebin",): REBIN,
    ("simulate",): SIMULATE,
    ("predict",): PREDICT,
    ("watch",): WATCH,
    ("evaluate",): EVALUATE,
    ("project", "index"): MASK,
    ("project", "split"): SPLIT,
    ("project", "export"): EXPORT,
}
"""Options of each command and project action, but for ``train``, which has two configs."""


def read_train_config(options: argparse.Namespace, init: Mapping[str, Any]) -> TrainConfig:
    """Make the config of a training run from parsed options.

    Parameters
    ----------
    options : argparse.Namespace
        The options of `NETWORK` and `TRAIN`, None where not given, with ``kind`` and ``resume``.
    init : mapping
        ``network`` and ``normalisation`` of the model to start from; empty for new weights.

    Returns
    -------
    TrainConfig
        The published values of the network where nothing else was given; of a run to continue,
        only what was given is set.

    Raises
    ------
    IrisError
        If a value is out of range; the message names the option.
    """
    from napari_iris.training.config import PUBLISHED

    known = dict(init)
    network = NETWORK.read(options, **known.pop("network", {}))
    published = {} if options.resume else PUBLISHED[network.kind]
    return TRAIN.read(options, network=network, **{**published, **known})


def read_command(words: Sequence[str], init: Mapping[str, Any] | None = None) -> BaseModel:
    """Read the config back from a command.

    Parameters
    ----------
    words : sequence of str
        The command, without ``napari-iris``; other arguments than a config's options are ignored.
    init : mapping, optional
        ``network`` and ``normalisation`` of the model that ``--init`` names.

    Returns
    -------
    pydantic.BaseModel
        Such as a `MaskConfig` of ``mask``.

    Raises
    ------
    IrisError
        If the command has no config, or an option is not valid.

    Examples
    --------
    >>> read_command(["mask", "night/", "--out", "masks/", "--contrast", "0.5"]).contrast
    0.5
    """
    parser = _Parser(add_help=False, allow_abbrev=False)
    if words[:1] == ["train"]:
        parser.add_argument("kind", nargs="?")
        NETWORK.add_to(parser, with_defaults=False)
        TRAIN.add_to(parser, with_defaults=False)
        parser.add_argument("--resume", action="store_true")
        parsed, _ = parser.parse_known_args(words[1:])
        return read_train_config(parsed, init or {})
    name = (words[0], *words[2:3]) if words[:1] == ["project"] else tuple(words[:1])
    if name not in OF_COMMAND:
        raise IrisError(f"{' '.join(words[:3])}: has no options of a config; give another command")
    OF_COMMAND[name].add_to(parser)
    parsed, _ = parser.parse_known_args(words[1:])
    config: BaseModel = OF_COMMAND[name].read(parsed)
    return config


class _Parser(argparse.ArgumentParser):
    """A parser that raises in place of ending the process."""

    def error(self, message: str) -> NoReturn:
        raise IrisError(message)
