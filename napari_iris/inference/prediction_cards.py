"""The header cards of a prediction file: what is known of the prediction beside its pixels."""

from __future__ import annotations

import os
from math import isnan
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from napari_iris.io.blocks import path_card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from astropy.io import fits

CARDS = {
    "model": ("MODELID", "model that made it"),
    "threshold": ("THRESH", "probability from which it is cloud"),
    "p_cloud": ("PCLOUD", "classifier's probability of cloud in the frame"),
    "class_threshold": ("CLTHRESH", "PCLOUD from which the frame is cloudy"),
    "cloud_fraction": ("CLDFRAC", "part of the sky that is cloud"),
    "uncertainty": ("UNCERT", "mean entropy of the probability [bit]"),
    "frame_id": ("FRAMEID", "hash of the frame's pixels"),
    "trust": ("TRUST", "trust in the mask, 0 to 1"),
    "reference": ("REFKIND", "clear-sky reference: measured, limit or none"),
    "level": ("REFLEVEL", "[ADU] level of the clear sky"),
    "median_excess": ("EXCESS", "[ADU] median excess above it"),
    "median_radiance": ("EXCRAD", "[W m-2 sr-1] median excess above the clear sky"),
    "median_kelvin": ("EXCKELV", "[K] median excess above the clear sky"),
    "clear_part": ("CLRPART", "fraction that is surely clear"),
    "cloud_part": ("CLDPART", "fraction that is surely cloud"),
    "undecided_part": ("UNDPART", "fraction in between"),
    "novelty": ("NOVELTY", "above 1: unlike the model's training frames"),
    "run": ("RUNID", "settings it was made with"),
    "frame_path": ("FRAME", ""),
}
"""Header card of each attribute, and its comment; one that is not known has no card."""

TEXTS = ("model", "frame_id", "reference", "run", "frame_path")
"""Attributes that are text; the others are numbers."""


def cards_of(facts: Mapping[str, Any]) -> Iterator[tuple[str, str | float, str]]:
    """Give the cards of the attributes that are known.

    Parameters
    ----------
    facts : mapping
        Attributes of a `Prediction`, by name; others than those of `CARDS` are left out.

    Yields
    ------
    keyword, value, comment : str, str or float, str
        One card.
    """
    for name, (keyword, comment) in CARDS.items():
        value = facts[name]
        if name == "frame_path":
            value = path_card(value)
        if value != "" if name in TEXTS else not isnan(value):
            yield keyword, value, comment


def facts_of(cards: fits.Header) -> dict[str, Any]:
    """Read the attributes from their cards, and check their types.

    Parameters
    ----------
    cards : astropy.io.fits.Header
        Header of the probability.

    Returns
    -------
    dict
        Attributes of a `Prediction`, by name; those without a card are absent.

    Raises
    ------
    ValueError
        If the model or the threshold is missing, or a value is of another type.
    """
    facts = {name: cards[keyword] for name, (keyword, _) in CARDS.items() if keyword in cards}
    if "model" not in facts or "threshold" not in facts:
        raise ValueError("does not state which model made it")
    for name, value in facts.items():
        if not isinstance(value, str if name in TEXTS else (int, float)):
            raise ValueError(f"has {value!r} as {CARDS[name][0]}")
    if "frame_path" in facts:
        facts["frame_path"] = os.fsdecode(unquote_to_bytes(facts["frame_path"]))
    return facts
