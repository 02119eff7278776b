"""The configuration of a training run; defaults are the published values."""

from __future__ import annotations

import os
from math import cos, pi
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from napari_iris.frames.site_mask_choice import CHOICE_TEXT
from napari_iris.labels import MaskChoice
from napari_iris.networks.devices import Framework
from napari_iris.networks.normalisation import Normalisation
from napari_iris.networks.spec import Kind, NetworkSpec
from napari_iris.project.split_config import Gap, Percent

if TYPE_CHECKING:
    from typing import Self

Loss = Literal["bce", "focal", "dice"]
Schedule = Literal["halve", "cosine"]
ClassWeight = Literal["none", "balanced"]
TrainingPrecision = Literal["auto", "float32", "bfloat16", "float16"]
SimulatedMasks = Literal["truth", "recipe"]

PUBLISHED: dict[Kind, dict[str, float]] = {
    "unet": {"learning_rate": 1e-3, "batch_size": 16, "aug_batch_size": 16},
    "vgg8": {"learning_rate": 1e-4, "batch_size": 32, "aug_batch_size": 0},
}
"""Published values that differ between the networks."""

ADAPTING: dict[str, object] = {
    "epochs": 4,
    "learning_rate": 1e-4,
    "schedule": "cosine",
    "warmup": 0.2,
    "average": 0.99,
    "aug_batch_size": 0,
    "percent": (80.0, 20.0, 0.0),
    "simulated": 1000,
}
"""Values for `TrainConfig.adapt`, in place of published ones: ten minutes on two cores with the
shipped U-Net."""

LOWEST_RATE = 0.01
"""Learning rate at the start of the warm-up and at the end of the cosine schedule, as a fraction
of the initial one."""


def usual_values(kind: Kind, *, adapting: bool) -> dict[str, object]:
    """Give the values of the fields that are not chosen, where they are not the fields' defaults.

    Parameters
    ----------
    kind : {'unet', 'vgg8'}
        The network.
    adapting : bool
        Whether it is adapted to frames without labels.

    Returns
    -------
    dict of str to object
        `PUBLISHED`, and `ADAPTING`.
    """
    return {**PUBLISHED[kind], **(ADAPTING if adapting else {})}


class TrainConfig(BaseModel):
    """Configuration of a training run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    network: NetworkSpec = Field(description="Network architecture")
    engine: Framework = Field("keras", description="Framework: Keras (TensorFlow) or Flax (JAX)")
    epochs: int = Field(60, ge=1, description="Maximum epochs")
    batch_size: int = Field(16, ge=1, description="Batch size")
    val_batch_size: int = Field(16, ge=1, description="Validation batch size")
    aug_batch_size: int = Field(16, ge=0, description="Augmented copies added to each batch")
    mirror: bool = Field(
        default=False,
        description="Mirror each training frame at random, left to right and top to bottom",
    )
    learning_rate: float = Field(1e-3, gt=0, le=1, description="Initial learning rate")
    clip_norm: float = Field(
        0.0,
        ge=0,
        description="Largest norm of the gradient: a larger one is scaled down to it; 0 for no "
        "limit, 1 for long runs",
    )
    schedule: Schedule = Field(
        "halve",
        description="Learning-rate schedule. halve: every N epochs; cosine: half a period of a "
        "cosine, from step to step, to 1 % in the last epoch",
    )
    halve_every: int = Field(10, ge=1, description="Halve learning rate every N epochs")
    warmup: float = Field(
        0.0, ge=0, description="Epochs in which the learning rate rises linearly to its full value"
    )
    average: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="Decay of the moving average of the weights, which is then evaluated and saved "
        "in place of the weights; 0 for none, 0.999 for long runs",
    )
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
        "auto", description="Precision. auto: bfloat16 where the device is faster in it"
    )
    normalisation: Normalisation = Field(
        "zscale",
        description="Input normalization. zscale: by the frame's zscale limits; recipe: the "
        "recipe's stretch with its threshold at 0; full-scale: ADU / 2**14; asinh: by median, "
        "spread and noise",
    )
    reference: str = Field(
        "auto",
        description="Clear-sky reference of the frames of DATA, for networks with the excess as "
        "second plane, and of --adapt: learned from the frames (auto), none, or a file of "
        "`reference learn`",
    )
    site_mask: str = Field("auto", description=CHOICE_TEXT)
    masks: MaskChoice = Field("approved", description="Masks of a project to train on")
    percent: Percent = Field(
        (70.0, 20.0, 10.0), description="Train, validation and test split, in percent of the frames"
    )
    gap_s: Gap = Field(
        600.0, description="Gap between the parts of the split: frames within it are left out [s]"
    )
    simulated: int = Field(
        0,
        ge=0,
        description="Simulated frames to train on, with those of DATA, or alone if DATA is omitted",
    )
    simulated_masks: SimulatedMasks = Field(
        "truth",
        description="Masks of simulated frames: exact truth; or the recipe's, of those with clear "
        "sky and cloud in view",
    )
    adapt: str | None = Field(
        None,
        description="Frames without labels (folder or glob) to adapt the model of --init to: they "
        "are labelled where their excess above the clear sky is sure, and are half of each batch; "
        "simulated frames are the other half. By default 4 epochs of 1000 frames of each, about "
        "ten minutes on two cores",
    )
    seed: int = Field(
        0, ge=0, description="Random seed of split, initial weights, shuffling and augmentation"
    )

    @field_validator("adapt")
    @classmethod
    def _make_absolute(cls, adapt: str | None) -> str | None:
        return os.path.abspath(adapt) if adapt else None  # noqa: PTH100 (a glob is not a path)

    @classmethod
    def of(cls, network: NetworkSpec, **chosen: object) -> Self:
        """Make a config with the published values of a network, or those for adapting one.

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
        adapting = bool(chosen.get("adapt"))
        usual = usual_values(network.kind, adapting=adapting)
        return cls.model_validate({"network": network, **usual, **chosen})

    def learning_rate_at(self, epoch: float) -> float:
        """Compute the learning rate of a step.

        Parameters
        ----------
        epoch : float
            Epochs before the step, with the part of the current one.

        Returns
        -------
        float
            The learning rate. 'cosine' after Loshchilov & Hutter (2017), without restarts.
        """
        if self.schedule == "halve":
            part = 0.5 ** (int(epoch) // self.halve_every)
        else:
            part = LOWEST_RATE + (1 - LOWEST_RATE) * (1 + cos(pi * epoch / self.epochs)) / 2
        rising = max(epoch / self.warmup, LOWEST_RATE) if epoch < self.warmup else 1.0
        return float(self.learning_rate * part * rising)
