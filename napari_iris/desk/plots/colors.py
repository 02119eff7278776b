"""Colours of curves and problems on the dark and the light theme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtGui import QColor, QPalette

if TYPE_CHECKING:
    from qtpy.QtWidgets import QLabel, QWidget

ON_DARK = ("#56b4e9", "#e69f00", "#2fc99b", "#e08bbd", "#f0e442", "#ff7f50")
ON_LIGHT = ("#0068a3", "#9c5400", "#00755a", "#a8427f", "#6b6400", "#b8352a")
"""Colours that colour-blind eyes tell apart (after Okabe & Ito), for either background."""

PROBLEM_COLOR = 5
"""Number of the colour of problems."""


def curve_color(number: int, palette: QPalette) -> QColor:
    """Give the colour of a curve on the background of a palette."""
    dark = palette.color(QPalette.ColorRole.Window).lightness() < 128
    colors = ON_DARK if dark else ON_LIGHT
    return QColor(colors[number % len(colors)])


def mark_problem(line: QLabel, *, is_problem: bool = True) -> None:
    """Show a text in the theme's colour of problems, or in that of other texts.

    Parameters
    ----------
    line : QLabel
        The text.
    is_problem : bool
        Whether it is one.
    """
    line.ensurePolished()
    color = curve_color(PROBLEM_COLOR, line.palette()).name()
    line.setStyleSheet(f"color: {color};" if is_problem else "")


def text_color(widget: QWidget, alpha: float = 1.0) -> QColor:
    """Give the colour of a widget's text, more or less opaque."""
    return faded(widget.palette().color(QPalette.ColorRole.WindowText), alpha)


def faded(color: QColor, alpha: float) -> QColor:
    """Give a colour that lets the background through."""
    paler = QColor(color)
    paler.setAlphaF(alpha)
    return paler
