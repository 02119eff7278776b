"""The options of each command; the config of a training run from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_iris.commands.options import Options

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from napari_iris.evaluation.config import EvaluateConfig
    from napari_iris.exporters.export import ExportConfig
    from napari_iris.inference.config import PredictConfig
    from napari_iris.masks.config import MaskConfig
    from napari_iris.networks.spec import NetworkSpec
    from napari_iris.observatory.config import WatchConfig
    from napari_iris.project.split_config import SplitConfig
    from napari_iris.sky.config import SeriesConfig
    from napari_iris.training.config import TrainConfig

MASK: Options[MaskConfig] = Options(
    "napari_iris.masks.config:MaskConfig", ("shape", "a_log", "contrast", "gate")
)
REBIN: Options[MaskConfig] = Options("napari_iris.masks.config:MaskConfig", ("shape",))
SIMULATE: Options[SeriesConfig] = Options(
    "napari_iris.sky.config:SeriesConfig", ("count", "sky", "seed", "nights", "cameras")
)
PREDICT: Options[PredictConfig] = Options("napari_iris.inference.config:PredictConfig")
WATCH: Options[WatchConfig] = Options("napari_iris.observatory.config:WatchConfig")
EVALUATE: Options[EvaluateConfig] = Options(
    "napari_iris.evaluation.config:EvaluateConfig",
    ("threshold", "masks", "accepted", "reference", "site_mask", "resamples", "seed", "jobs"),
)
SPLIT: Options[SplitConfig] = Options(
    "napari_iris.project.split_config:SplitConfig", ("percent", "by", "gap_s", "seed")
)
EXPORT: Options[ExportConfig] = Options(
    "napari_iris.exporters.export:ExportConfig", ("format", "status", "tag", "part")
)
NETWORK: Options[NetworkSpec] = Options(
    "napari_iris.networks.spec:NetworkSpec", ("channels", "shape", "planes", "convolutions")
)
TRAIN: Options[TrainConfig] = Options(
    "napari_iris.training.config:TrainConfig", exclude=("network",)
)


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
        The usual values (published, or for adapting) where nothing else was given; of a run to
        continue, only what was given is set.

    Raises
    ------
    IrisError
        If a value is out of range; the message names the option.
    """
    from napari_iris.training.config import usual_values

    known = dict(init)
    network = NETWORK.read(options, **known.pop("network", {}))
    adapting = bool(options.adapt)
    usual = {} if options.resume else usual_values(network.kind, adapting=adapting)
    return TRAIN.read(options, network=network, **{**usual, **known})
