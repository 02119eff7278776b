"""Settings of an evaluation: one definition for Python and the command line."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from napari_iris.frames.site_mask_choice import CHOICE_TEXT


class EvaluateConfig(BaseModel):
    """Settings of an evaluation.

    Examples
    --------
    >>> from napari_iris import EvaluateConfig
    >>> EvaluateConfig(threshold=0.4).resamples
    2000
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    threshold: float | None = Field(
        None,
        ge=0,
        le=1,
        description="probability from which a pixel is cloud (default: the one in each file)",
    )
    masks: Literal["approved", "best", "auto", "model"] = Field(
        "approved", description="which masks of a project are the truth"
    )
    accepted: bool = Field(
        default=False,
        description="also use labels of a project that were accepted unchanged from the model that "
        "is evaluated, and for baselines the automatic masks approved unchanged; these scores are "
        "then optimistic",
    )
    reference: str = Field(
        "auto",
        description="clear-sky reference of the baseline: auto, learned from the predicted frames; "
        "none; or a file of `reference learn`",
    )
    site_mask: str = Field("auto", description=CHOICE_TEXT)
    resamples: int = Field(
        2000, ge=100, le=1_000_000, description="bootstrap samples of nights or blocks"
    )
    seed: int = Field(0, ge=0, description="seed of the bootstrap")
    jobs: int = Field(0, ge=0, description="worker processes; 0 for one per core")
