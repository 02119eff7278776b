"""What a network is: its kind, its channels, its input. Everything else follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

if TYPE_CHECKING:
    from typing import Self

Kind = Literal["unet", "vgg8"]

MOST_LEVELS = 10
MOST_FILTERS = 4096
MOST_SIDE = 2048
"""A network beyond any of these was not made to look at the sky."""

DENSE_UNITS = 128
"""Units of VGG8's hidden dense layer."""

CHANNELS: dict[Kind, tuple[int, ...]] = {"unet": (64, 128, 256), "vgg8": (32, 64, 128)}
"""Channels of the published networks, level by level."""


class NetworkSpec(BaseModel):
    """A network, as it is stored in ``model.json`` and built by Keras or Flax.

    VGG8 (after Simonyan & Zisserman, 2015) tells clear frames from cloudy ones; the U-Net (after
    Ronneberger et al., 2015) gives a cloud probability for every pixel.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind = Field(description="unet: cloud per pixel; vgg8: clear or cloudy")
    channels: tuple[int, ...] = Field(
        (),
        max_length=MOST_LEVELS,
        description="filters of each level; empty for the published ones",
    )
    shape: tuple[int, int] = Field((128, 160), description="rows and columns of the input")
    planes: int = Field(1, ge=1, le=16, description="input channels: 1 grey, 3 colour")
    convolutions: int = Field(
        2, ge=1, le=2, description="convolutions a level: 2, or 1 for the single-conv variant"
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not self.channels:
            object.__setattr__(self, "channels", CHANNELS[self.kind])
        if not 1 <= min(self.channels) <= max(self.channels) <= MOST_FILTERS:
            raise ValueError(f"channels must be 1 to {MOST_FILTERS}")
        least = _least_side(self)
        if min(self.shape) < least:
            raise ValueError(f"input of {self.shape} is too small; at least {least} a side")
        if max(self.shape) > MOST_SIDE:
            raise ValueError(f"input of {self.shape} is too large; at most {MOST_SIDE} a side")
        return self


def _least_side(spec: NetworkSpec) -> int:
    """Rows or columns that leave at least one pixel at the deepest level."""
    side = 1
    for _ in spec.channels:
        side *= 2
        if spec.kind == "vgg8":  # valid convolutions cost two pixels each
            side += 2 * spec.convolutions
    return side
