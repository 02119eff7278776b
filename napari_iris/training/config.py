"""The configuration of a training run; defaults are the published values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from napari_iris.labels import MaskChoice
from napari_iris.networks.devices import Framework
from napari_iris.networks.normalisation import Normalisation
from napari_iris.networks.spec import Kind, NetworkSpec
from napari_iris.project.split_config import Gap, Percent

if TYPE_CHECKING:
    from typing import Self

Loss = Literal["bce", "focal", "dice"]
ClassWeight = Literal["none", "balanced"]
TrainingPrecision = Literal["auto", "float32", "bfloat16", "float16"]
SimulatedMasks = Literal["truth", "recipe"]

PUBLISHED: dict[Kind, dict[str, float]] = {
    "unet": {"learning_rate": 1e-3, "batch_size": 16, "aug_batch_size": 16},
    "vgg8": {"learning_rate": 1e-4, "batch_size": 32, "aug_batch_size": 0},
}
"""Published values that differ between the networks."""


class TrainConfig(BaseModel):
    """Configuration of a training run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    network: NetworkSpec = Field(description="Network architecture")
    engine: Framework = Field("keras", description="Framework: Keras (TensorFlow) or Flax (JAX)")
    epochs: int = Field(60, ge=1, description="Maximum epochs")
    batch_size: int = Field(16, ge=1, description="Batch size")
    val_batch_size: int = Field(16, ge=1, description="Validation batch size")
    aug_batch_size: int = Field(16, ge=0, description="Augmented copies added to each batch")
    learning_rate: float = Field(1e-3, gt=0, le=1, description="Initial learning rate")
    halve_every: int = Field(10, ge=1, description="Halve learning rate every N epochs")
    patience: int = Field(12, ge=1, description="Early stopping: epochs without improvement")
    loss: Loss = Field(
        "bce",
        description="Loss. bce: binary cross-entropy; focal: more weight on hard pixels; dice: "
        "cross-entropy plus the Dice loss of the batch",
    )
    label_smoothing: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="Label smoothing e: targets become e/2 and 1 - e/2. Use 0.1 for noisy masks",
    )
    class_weight: ClassWeight = Field(
        "none",
        description="Class weights. balanced: clear and cloud contribute equally to the loss",
    )
    precision: TrainingPrecision = Field(
        "auto", description="Precision. auto: bfloat16 where the device supports it"
    )
    normalisation: Normalisation = Field(
        "zscale",
        description="Input normalization. zscale: by the frame's zscale limits; recipe: the "
        "recipe's stretch with its threshold at 0; full-scale: ADU / 2**14",
    )
    masks: MaskChoice = Field("approved", description="Masks of a project to train on")
    percent: Percent = Field(
        (70.0, 20.0, 10.0), description="Train, validation and test split, in percent of the frames"
    )
    gap_s: Gap = Field(
        600.0, description="Gap between the parts of the split: frames within it are left out [s]"
    )
    simulated: int = Field(0, ge=0, description="Simulated frames added to the training frames")
    simulated_masks: SimulatedMasks = Field(
        "truth", description="Masks of simulated frames: exact truth, or the recipe's"
    )
    seed: int = Field(
        0, ge=0, description="Random seed of split, initial weights, shuffling and augmentation"
    )

    @classmethod
    def of(cls, network: NetworkSpec, **chosen: object) -> Self:
        """Make a config with the published values of a network.

        Parameters
        ----------
        network : NetworkSpec
            The network.
        **chosen : object
            Fields that override the published values.

        Returns
        -------
        TrainConfig
            The config.

        Raises
        ------
        pydantic.ValidationError
            If a value is out of range.
        """
        return cls.model_validate({"network": network, **PUBLISHED[network.kind], **chosen})

    def learning_rate_at(self, epoch: int) -> float:
        """Compute the learning rate of an epoch, counted from 0."""
        return float(self.learning_rate * 0.5 ** (epoch // self.halve_every))
