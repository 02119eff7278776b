"""How frames are split into train, validation and test."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _adds_up(percent: tuple[float, float, float]) -> tuple[float, float, float]:
    if not (min(percent) >= 0 and abs(sum(percent) - 100) < 0.05):  # NaN is neither
        raise ValueError("the three percentages must be 0 or more and add up to 100")
    return percent


Percent = Annotated[tuple[float, float, float], AfterValidator(_adds_up)]
"""Train, validation and test, in percent."""

Gap = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
"""Least time between two parts [s]."""


class SplitConfig(BaseModel):
    """How the frames are split."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    percent: Percent = Field(
        (70.0, 20.0, 10.0), description="train, validation and test, in percent of the frames"
    )
    by: Literal["auto", "night", "block"] = Field(
        "auto",
        description="what stays together: nights (noon to noon, UTC), contiguous blocks, or nights "
        "where there are enough",
    )
    gap_s: Gap = Field(600.0, description="frames this close to another part's are left out [s]")
    seed: int = Field(0, ge=0, description="seed of the split")
