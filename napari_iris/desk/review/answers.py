"""The answers that are compared over all frames: the model's, and those of the baselines."""

from __future__ import annotations

from math import isfinite

ANSWERS = {
    "model": "model",
    "all_cloud": "always cloud",
    "otsu": "Otsu",
    "recipe": "recipe",
    "recipe_gate": "recipe, gate",
}
"""What each answer is called, in the order of the rows."""

ANSWER_COLORS = {"model": 0, "all_cloud": 4, "otsu": 2, "recipe": 3, "recipe_gate": 5}
"""Number of each answer's colour."""

UNDEFINED = "–"


def score_text(score: float | None) -> str:
    """Write a score, with a dash where there is none."""
    return UNDEFINED if score is None or not isfinite(score) else f"{score:.3f}"
