"""Names of the methods that an evaluation compares; imports nothing, for quick commands."""

from __future__ import annotations

TITLES = {
    "model": "model",
    "against": "other model",
    "all_cloud": "all cloud",
    "otsu": "Otsu",
    "recipe": "recipe",
    "recipe_gate": "recipe + gate",
    "reference": "gate + reference",
}
"""Name of each method, by its key in a report."""
