"""Choose the framework that trains: Keras on TensorFlow, or Flax on JAX."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_iris.training.config import TrainConfig
    from napari_iris.training.trainer import Trainer


def make_trainer(config: TrainConfig, precision: str) -> Trainer:
    """Build the network in the framework named by the config.

    Parameters
    ----------
    config : TrainConfig
        The run; its ``engine`` names the framework.
    precision : str
        Precision of the computation: 'float32', 'bfloat16' or 'float16'.

    Returns
    -------
    Trainer
        The network with its initial weights.

    Raises
    ------
    IrisError
        If the framework is not installed.
    """
    if config.engine == "keras":
        from napari_iris.training.keras_trainer import KerasTrainer

        return KerasTrainer(config, precision)
    from napari_iris.training.flax_trainer import FlaxTrainer

    return FlaxTrainer(config, precision)
