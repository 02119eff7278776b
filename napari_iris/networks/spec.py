"""The specification of a network: kind, channels and input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

if TYPE_CHECKING:
    from typing import Self

Kind = Literal["unet", "vgg8"]

MAX_LEVELS = 10
MAX_FILTERS = 4096
MAX_SIDE = 2048
"""Limits far beyond any useful network: a damaged or hostile file is refused by them."""

COLOUR = 3
"""Input planes of a network that sees the colours of its frames."""

DENSE_UNITS = 128
"""Units of VGG8's hidden dense layer."""

CHANNELS: dict[Kind, tuple[int, ...]] = {"unet": (64, 128, 256), "vgg8": (32, 64, 128)}
"""Channels of each level of the published networks."""


class NetworkSpec(BaseModel):
    """Specification of a network, as stored in ``model.json``.

    VGG8 (after Simonyan & Zisserman, 2015) classifies frames as clear or cloudy; the U-Net (after
    Ronneberger et al., 2015) predicts a cloud probability for every pixel.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind = Field(
        description="Network. unet: cloud in every pixel; vgg8: clear or cloudy frames"
    )
    channels: tuple[int, ...] = Field(
        (),
        max_length=MAX_LEVELS,
        description="Channels (filters) of each level; by default as published",
    )
    shape: tuple[int, int] = Field((128, 160), description="Input size: rows and columns [pixels]")
    planes: int = Field(
        1, ge=1, le=16, description="Input planes: 1 frame, 2 frame and its excess, 3 colour"
    )
    convolutions: int = Field(
        2, ge=1, le=2, description="Convolutions per level: 2, or 1 for the single-conv variant"
    )

    @property
    def takes_colour(self) -> bool:
        """Whether its input is the three planes of a colour image."""
        return self.planes == COLOUR

    @model_validator(mode="after")
    def _check_size(self) -> Self:
        if not self.channels:
            object.__setattr__(self, "channels", CHANNELS[self.kind])
        if not 1 <= min(self.channels) <= max(self.channels) <= MAX_FILTERS:
            raise ValueError(f"channels must be 1 to {MAX_FILTERS}")
        least = _min_side(self)
        if min(self.shape) < least:
            raise ValueError(f"input of {self.shape} is too small; at least {least} per side")
        if max(self.shape) > MAX_SIDE:
            raise ValueError(f"input of {self.shape} is too large; at most {MAX_SIDE} per side")
        return self


def _min_side(spec: NetworkSpec) -> int:
    """Smallest number of rows or columns that leaves one pixel at the deepest level."""
    side = 1
    for _ in spec.channels:
        side *= 2
        if spec.kind == "vgg8":  # each unpadded convolution loses two pixels
            side += 2 * spec.convolutions
    return side
