"""Colours of the model and the baselines in tables and plots."""

from __future__ import annotations

METHOD_COLORS = {
    "model": 0,
    "all_cloud": 4,
    "otsu": 2,
    "recipe": 3,
    "recipe_gate": 5,
    "reference": 1,
}
"""Number of each method's colour, see `curve_color`."""
