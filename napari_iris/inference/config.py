"""Settings of a prediction."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

EngineName = Literal["auto", "openvino", "keras", "flax"]
Precision = Literal["auto", "float32", "bfloat16", "int8"]


class PredictConfig(BaseModel):
    """Settings of a prediction.

    Examples
    --------
    >>> from napari_iris import PredictConfig
    >>> PredictConfig(threshold=0.4).batch_size
    16
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    batch_size: int = Field(16, ge=1, le=1024, description="frames per batch")
    threshold: float | None = Field(
        None, ge=0, le=1, description="probability from which it is cloud (default: the model's)"
    )
    engine: EngineName = Field("auto", description="inference engine; auto: OpenVINO without a GPU")
    precision: Precision = Field(
        "auto",
        description="precision; auto: bfloat16 where the CPU is faster with it; int8: faster "
        "still, one pixel in a thousand differs",
    )
    turned: bool = Field(
        default=False,
        description="test-time augmentation: also predict 7 flipped and shifted copies (8x slower)",
    )
