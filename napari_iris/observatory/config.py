"""Settings of `watch`: the prediction, and the rules by which the sky is safe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, model_validator

from napari_iris.inference.config import PredictConfig

if TYPE_CHECKING:
    from typing import Self


class WatchConfig(PredictConfig):
    """Settings of a prediction of frames as they arrive, and of what is published of it."""

    settle_s: float = Field(
        2.0,
        ge=0,
        le=3600,
        description="a file is complete once it has not changed for this long [s]",
    )
    reuse: bool = Field(
        default=True,
        description="take the networks' last answer for a frame that differs by its noise alone",
    )
    unsafe_above: float = Field(
        30.0, ge=0, le=100, description="cloud cover above which the sky is unsafe at once [%]"
    )
    safe_below: float = Field(
        20.0,
        ge=0,
        le=100,
        description="cloud cover below which it may become safe again [%]",
    )
    hold: float = Field(
        600.0,
        ge=0,
        le=86400,
        description="it must stay below for this long before it is safe [s]",
    )
    max_age: float = Field(
        120.0,
        gt=0,
        le=86400,
        description="unsafe if the newest predicted frame is older [s]",
    )
    min_trust: float = Field(
        0.5, ge=0, le=1, description="unsafe if the trust in a prediction is lower, 0 to 1"
    )
    max_novelty: float = Field(
        1.0,
        ge=0,
        le=1000,
        description="unsafe if the novelty of a frame is higher; above 1 it is unlike the "
        "model's training frames",
    )

    @model_validator(mode="after")
    def _thresholds_are_in_order(self) -> Self:
        if self.safe_below > self.unsafe_above:
            raise ValueError("--safe-below must not be above --unsafe-above")
        return self
