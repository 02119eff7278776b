"""Text stands out from its background, in both themes (WCAG 2.1, level AA: 4.5 to 1)."""

from __future__ import annotations

import pytest
from napari.utils.theme import get_theme
from qtpy.QtGui import QColor

from napari_iris.desk.curate.queue_model import INK, STATUS_COLORS
from napari_iris.desk.plots.colors import ON_DARK, ON_LIGHT

LEAST = 4.5


def luminance(color: QColor) -> float:
    """Relative luminance of a colour."""
    parts = [color.redF(), color.greenF(), color.blueF()]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return float(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])


def contrast(one: QColor, other: QColor) -> float:
    """Contrast of two colours, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("theme", "colors"), [("dark", ON_DARK), ("light", ON_LIGHT)])
def test_names_of_curves_are_readable(theme: str, colors: tuple[str, ...]) -> None:
    background = QColor(*get_theme(theme).background.as_rgb_tuple()[:3])
    low = [color for color in colors if contrast(QColor(color), background) < LEAST]
    assert low == []


def test_the_status_is_readable() -> None:
    low = [
        name
        for name, color in STATUS_COLORS.items()
        if contrast(QColor(color), QColor(INK)) < LEAST
    ]
    assert low == []
