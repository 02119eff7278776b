"""Values and names of classes, sky conditions, statuses and masks."""

from __future__ import annotations

import math
from typing import Literal, get_args

Status = Literal["unlabelled", "auto", "edited", "approved", "rejected"]
"""Status of a frame: no mask, an unreviewed automatic mask, being edited, approved, rejected."""

FrameClass = Literal["clear", "cloudy", "unsure"]
"""Class of a whole frame."""

SkyCondition = Literal["clear", "cloudy", "overcast"]
"""Sky condition: no cloud, some cloud, or nothing but cloud in view."""

Tag = Literal["auto", "model", "human"]
"""Origin of a mask. A mask never overwrites one of another origin."""

MaskChoice = Literal["approved", "best", "auto", "model"]
"""Masks of a project to use as truth: human masks of approved frames, the best available (human,
model, automatic), or masks of one origin."""

STATUSES: tuple[Status, ...] = get_args(Status)
FRAME_CLASSES: tuple[FrameClass, ...] = get_args(FrameClass)
TAGS: tuple[Tag, ...] = get_args(Tag)

PARTS = ("train", "validation", "test")
"""Parts of a split."""

STATUS_NAMES: dict[Status, str] = {
    "unlabelled": "Unlabelled",
    "auto": "Unreviewed",
    "edited": "Edited",
    "approved": "Approved",
    "rejected": "Rejected",
}
"""Statuses as they are shown to people; files keep the values."""

TAG_NAMES: dict[Tag, str] = {"auto": "Automatic", "model": "Model", "human": "Human"}
"""Origins of masks as they are shown to people; files keep the values."""

TO_DO: tuple[Status, ...] = ("unlabelled", "auto", "edited")
"""Statuses of frames that still need a decision."""

SKY, CLOUD, IGNORE = 0, 1, 2
"""Mask values: clear sky, cloud, and ignored pixels (trees, buildings, dead pixels)."""

CLOUDY_FROM = 0.005
"""Cloud fraction above which a frame is cloudy, unless a person has set its class."""


def class_of(cloud_fraction: float) -> FrameClass:
    """Classify a frame by the cloud fraction of its mask.

    Parameters
    ----------
    cloud_fraction : float
        Between 0 and 1; NaN where all pixels are ignored.

    Returns
    -------
    FrameClass
        Unsure where the fraction is NaN.
    """
    if math.isnan(cloud_fraction):
        return "unsure"
    return "cloudy" if cloud_fraction > CLOUDY_FROM else "clear"
