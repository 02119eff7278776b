"""Ranges that the camera, the view and the sky of a training sample are drawn from."""

from __future__ import annotations

from pydantic import BaseModel, Field

from napari_iris.sky.config import LevelRange, PositiveRange, Range


class Traits(BaseModel, frozen=True, extra="forbid"):
    """Ranges of what differs from camera to camera; lengths are in heights of the frame.

    Amplitudes are in ADU of a Tau2 (35 ADU per W m-2 sr-1); a sample's own unit is drawn last.
    """

    field_deg: PositiveRange = Field(
        default=(4.0, 75.0), description="Height of the field of view, in degrees; mostly narrow."
    )
    elevation_deg: PositiveRange = Field(
        default=(20.0, 90.0), description="Elevation of the frame's centre, in degrees."
    )
    moisture: Range = Field(
        default=(-120.0, 160.0), description="Water vapour over a dry night, in ADU at the zenith."
    )
    vapour: LevelRange = Field(
        default=(0.3, 6.0), description="Rms of the vapour's structure, in ADU; log-uniform."
    )
    noise: PositiveRange = Field(
        default=(0.4, 7.0), description="Noise of a pixel, in ADU; log-uniform."
    )
    grain: LevelRange = Field(default=(0.0, 2.5), description="Fixed pattern of pixels, in ADU.")
    stripes: LevelRange = Field(default=(0.0, 2.5), description="Rms of rows and columns, in ADU.")
    blotches: LevelRange = Field(
        default=(0.0, 5.0), description="Rms of a fractal fixed pattern, in ADU."
    )
    residual: PositiveRange = Field(
        default=(0.5, 30.0), description="Rms of a quadratic surface, in ADU; log-uniform."
    )
    vignetting: Range = Field(
        default=(-0.06, 0.06), description="Loss of signal in the corners, as a fraction."
    )
    narcissus: Range = Field(
        default=(-40.0, 40.0), description="Depth of the dark (or bright) disc, in ADU."
    )
    rings: LevelRange = Field(default=(0.0, 8.0), description="Amplitude of rings, in ADU.")
    edges: Range = Field(default=(-25.0, 55.0), description="Warmth of edge bands, in ADU.")
    corners: Range = Field(default=(-25.0, 90.0), description="Warmth of corners, in ADU.")
    blur: LevelRange = Field(default=(0.0, 1.3), description="Blur of the optics, in pixels.")
    brightness: PositiveRange = Field(
        default=(0.6, 1.25), description="Factor to the brightness of clouds."
    )
    gain: PositiveRange = Field(
        default=(0.02, 50.0), description="Values per ADU, an unknown unit; log-uniform."
    )
    bias: Range = Field(default=(-500.0, 8000.0), description="Bias, in ADU.")
    processed: float = Field(
        default=0.25, ge=0, le=1, description="Part of the frames that the camera made 8-bit."
    )
    obstructed: float = Field(
        default=0.16, ge=0, le=1, description="Part of the frames with a horizon or a building."
    )
