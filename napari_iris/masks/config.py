"""Parameters of a cloud mask: one definition for Python, command line and dock."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator

from napari_iris.frames.rebin import MINIMUM_SIDE


class MaskConfig(BaseModel):
    """How to make a cloud mask from a frame.

    Examples
    --------
    >>> from napari_iris import MaskConfig
    >>> MaskConfig(contrast=0.8)
    MaskConfig(shape=(128, 160), a_log=100000.0, contrast=0.8, gate=True)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    shape: tuple[int, int] = Field(
        (128, 160), description="Rows and columns of the mask; the frame is rebinned to it [pixels]"
    )
    a_log: float = Field(
        100_000.0, gt=0, le=1e12, description="Strength of the logarithmic stretch, LogStretch(a)"
    )
    contrast: float = Field(
        0.9, gt=0, le=10, description="Contrast of the zscale interval; lower keeps more range"
    )
    gate: bool = Field(
        default=True,
        description="Sky gate: an empty mask for a clear sky, a full one for an overcast sky",
    )

    @field_validator("shape")
    @classmethod
    def _shows_a_sky(cls, shape: tuple[int, int]) -> tuple[int, int]:
        if min(shape) < MINIMUM_SIDE:
            raise ValueError(f"each side needs at least {MINIMUM_SIDE} pixels")
        return shape
