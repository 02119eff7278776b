"""How a network is trained: every choice, with the published values as defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from napari_iris.networks.normalisation import Normalisation
from napari_iris.networks.spec import Kind, NetworkSpec
from napari_iris.project.split import Gap, Percent

if TYPE_CHECKING:
    from typing import Self

Engine = Literal["keras", "flax"]
Loss = Literal["bce", "focal", "dice"]
ClassWeight = Literal["none", "balanced"]
Precision = Literal["auto", "float32", "bfloat16", "float16"]
SimulatedMasks = Literal["truth", "recipe"]

PUBLISHED: dict[Kind, dict[str, float]] = {
    "unet": {"learning_rate": 1e-3, "batch_size": 16, "aug_batch_size": 16},
    "vgg8": {"learning_rate": 1e-4, "batch_size": 32, "aug_batch_size": 0},
}
"""Values of the published runs, by the kind of network."""


class TrainConfig(BaseModel):
    """One training run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    network: NetworkSpec = Field(description="the network")
    engine: Engine = Field("keras", description="what trains it")
    epochs: int = Field(60, ge=1, description="epochs at most")
    batch_size: int = Field(16, ge=1, description="frames a step")
    val_batch_size: int = Field(16, ge=1, description="frames a step of the validation")
    aug_batch_size: int = Field(16, ge=0, description="augmented frames a step beside them")
    learning_rate: float = Field(1e-3, gt=0, le=1, description="learning rate of the first epochs")
    halve_every: int = Field(10, ge=1, description="epochs after which the rate is halved")
    patience: int = Field(
        12, ge=1, description="epochs without a better validation loss to stop at"
    )
    loss: Loss = Field(
        "bce",
        description="binary cross-entropy; focal: hard pixels count more; dice: cross-entropy plus "
        "the Dice overlap of the batch",
    )
    label_smoothing: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="doubt in the masks: the loss takes 0 and 1 for half of this, and 1 less that; "
        "0.1 keeps the network from being sure where masks err",
    )
    class_weight: ClassWeight = Field(
        "none", description="balanced: clear and cloud count alike, however frequent they are"
    )
    precision: Precision = Field(
        "auto", description="what is computed in; auto: bfloat16 where the device has it"
    )
    normalisation: Normalisation = Field(
        "zscale",
        description="how a frame becomes the input: by its own zscale limits; by the recipe's "
        "stretch, with its threshold at 0; or ADU / 2**14",
    )
    masks: Literal["approved", "best", "auto", "model"] = Field(
        "approved", description="which masks of a project are learnt"
    )
    percent: Percent = Field(
        (70.0, 20.0, 10.0), description="train, validation and test, in percent of the frames"
    )
    gap_s: Gap = Field(600.0, description="frames this near another part are left out [s]")
    simulated: int = Field(0, ge=0, description="simulated frames that are mixed in")
    simulated_masks: SimulatedMasks = Field(
        "truth", description="what labels these: exact truth, or the recipe on cloudy ones"
    )
    seed: int = Field(
        0, ge=0, description="seed of the split, the start, the order, the augmentation"
    )

    @classmethod
    def of(cls, network: NetworkSpec, **chosen: object) -> Self:
        """Make the config of a kind of network: the published values where nothing was chosen."""
        return cls.model_validate({"network": network, **PUBLISHED[network.kind], **chosen})

    def rate(self, epoch: int) -> float:
        """Learning rate of an epoch, from 0: halved every so many epochs."""
        return float(self.learning_rate * 0.5 ** (epoch // self.halve_every))
