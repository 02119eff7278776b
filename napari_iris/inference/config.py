"""How frames are predicted: every choice."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

EngineName = Literal["auto", "openvino", "keras", "flax"]
Precision = Literal["auto", "float32", "bfloat16", "int8"]


class PredictConfig(BaseModel):
    """How frames are predicted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    batch_size: int = Field(16, ge=1, le=1024, description="frames at a time")
    threshold: float | None = Field(
        None, ge=0, le=1, description="probability from which it is cloud (default: the model's)"
    )
    engine: EngineName = Field("auto", description="what computes; auto: OpenVINO without a GPU")
    precision: Precision = Field(
        "auto",
        description="what is computed in; auto: bfloat16 where OpenVINO finds it in the CPU; int8: "
        "faster still, a pixel in a thousand differs",
    )
    turned: bool = Field(
        default=False, description="also predict 7 turned and shifted copies: where do they differ?"
    )


class WatchConfig(PredictConfig):
    """How frames are predicted as they arrive."""

    settle_s: float = Field(
        2.0, ge=0, le=3600, description="a file is whole once it has stayed as it is so long [s]"
    )
