"""Configuration of the simulator: number of frames, sky condition, ranges of the camera."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    NaiveDatetime,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    model_validator,
)


def _ordered(limits: tuple[float, float]) -> tuple[float, float]:
    if not limits[0] <= limits[1]:
        raise ValueError(f"expected (low, high) with low <= high, received {limits}")
    return limits


Range = Annotated[tuple[float, float], AfterValidator(_ordered)]
"""Lowest and highest value of a parameter drawn uniformly, unless its description says else."""

LevelRange = Annotated[tuple[NonNegativeFloat, NonNegativeFloat], AfterValidator(_ordered)]
"""A range of 0 or more."""

PositiveRange = Annotated[tuple[PositiveFloat, PositiveFloat], AfterValidator(_ordered)]
"""A range above 0."""

Fraction = Annotated[float, Field(ge=0, le=0.5)]
FractionRange = Annotated[tuple[Fraction, Fraction], AfterValidator(_ordered)]
"""A range of fractions, 0 to one half."""

Side = Annotated[int, Field(ge=8)]
"""Rows or columns of an image, in pixels."""


class GradientConfig(BaseModel, frozen=True, extra="forbid"):
    """Ranges of the clear sky's brightness gradient and of its geometric transform."""

    start: Range = Field(
        default=(100.0, 999.0), description="Level where the gradient starts, in ADU."
    )
    rise: float = Field(
        default=50.0, description="Rise of the gradient over the frame's width, in ADU."
    )
    scatter: NonNegativeFloat = Field(
        default=20.0, description="Standard deviation added to start and stop alike, in ADU."
    )
    zoom: PositiveRange = Field(default=(1.0, 2.0), description="Magnification.")
    rotation: Range = Field(default=(-45.0, 45.0), description="Rotation, in degrees.")
    shear: Range = Field(default=(-0.2, 0.2), description="Horizontal shift per row, in pixels.")


class CameraConfig(BaseModel, frozen=True, extra="forbid"):
    """Ranges of the camera's noise, pattern and narcissus; lengths are in pixels."""

    bias: LevelRange = Field(default=(200.0, 400.0), description="Bias level, in ADU.")
    bad_columns: FractionRange = Field(
        default=(0.0, 0.08),
        description="Fraction of columns that are hot; as many again may be cold.",
    )
    bad_column_level: PositiveRange = Field(
        default=(0.002, 0.1),
        description="Largest offset of a hot or cold column, in units of the bias; log-uniform.",
    )
    read_noise: NonNegativeFloat = Field(
        default=5.0, description="Standard deviation of one read, in ADU."
    )
    sky_noise: PositiveRange = Field(
        default=(5.0, 14.0), description="Poisson mean of the sky noise, in ADU."
    )
    fixed_pattern: LevelRange = Field(
        default=(3.0, 9.0),
        description="Half width of the pixels' uniform fixed-pattern noise, in ADU.",
    )
    stripes: LevelRange = Field(
        default=(0.3, 1.5), description="Standard deviation of the row and column offsets, in ADU."
    )
    narcissus_radius: PositiveRange = Field(
        default=(150.0, 170.0), description="Radius of the dark disc."
    )
    narcissus_blur: PositiveRange = Field(
        default=(70.0, 90.0), description="Gaussian sigma that blurs the disc."
    )
    narcissus_offset: Range = Field(
        default=(-30.0, 30.0), description="Disc's offset from the centre."
    )
    narcissus_intensity: FractionRange = Field(
        default=(0.02, 0.04), description="Fraction of the signal missing in the disc's centre."
    )
    stacked: PositiveInt = Field(default=1, description="Exposures averaged into one frame.")


class SimulationConfig(BaseModel, frozen=True, extra="forbid"):
    """A series of simulated frames with exact truth.

    Examples
    --------
    >>> from napari_iris import SimulationConfig
    >>> SimulationConfig(count=3, sky="clear").shape
    (512, 640)
    """

    count: PositiveInt = Field(description="Number of frames.")
    sky: Literal["clear", "cloudy", "overcast", "mixed"] = Field(
        default="mixed",
        description="Sky condition; mixed: one third clear, half cloudy, rest overcast, or in "
        "whole nights weather of all kinds.",
    )
    seed: int = Field(default=0, ge=0, description="Seed; the same seed gives the same frames.")
    shape: tuple[Side, Side] = Field(default=(512, 640), description="Rows and columns, in pixels.")
    truth_shape: tuple[Side, Side] = Field(
        default=(128, 160), description="Rows and columns of the truth masks written, in pixels."
    )
    start: NaiveDatetime = Field(
        default=datetime(2024, 1, 15, 18), description="Time of the first frame, in UTC."
    )
    cadence_s: float = Field(
        default=60.0, gt=0, description="Time from frame to frame, in seconds."
    )
    tau_min: float = Field(
        default=0.05,
        gt=0,
        le=0.1,
        description=(
            "Optical depth (8-14 um, line of sight) above which a pixel is cloud. The default, "
            "about 0.1 in visible light, lies just above subvisible cirrus (0.03) and lifts a "
            "cloud 300 ADU warmer than the sky by 15 ADU, twice the noise of one pixel."
        ),
    )
    gradient: GradientConfig = Field(default=GradientConfig(), description="The clear sky.")
    camera: CameraConfig = Field(default=CameraConfig(), description="The camera.")

    @model_validator(mode="after")
    def _truth_is_no_finer_than_the_frame(self) -> Self:
        if self.truth_shape[0] > self.shape[0] or self.truth_shape[1] > self.shape[1]:
            raise ValueError(
                f"truth_shape: expected at most the frame's {self.shape} pixels, "
                f"received {self.truth_shape}"
            )
        return self


class SeriesConfig(SimulationConfig, frozen=True, extra="forbid"):
    """Single frames, or whole nights of one camera."""

    nights: NonNegativeInt = Field(
        default=0,
        description="Whole nights of one camera, of COUNT frames each; 0: single frames, each "
        "with a camera of its own.",
    )
    cameras: Literal["tau2", "any"] = Field(
        default="tau2",
        description="Cameras of single frames. tau2: like a Tau2; any: lens, camera and unit are "
        "drawn for each frame, which is written binned, as networks are trained on.",
    )

    @model_validator(mode="after")
    def _nights_are_of_a_tau2(self) -> Self:
        if self.nights and self.cameras == "any":
            raise ValueError("cameras: nights are of one camera; omit nights, or cameras any")
        return self
