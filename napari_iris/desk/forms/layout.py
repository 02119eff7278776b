"""Layouts of widgets, in a line each: rows, columns, grids, forms and titled boxes.

A part of a layout is a widget, another layout, a text, which becomes a label, or None for the
room left over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar

from qtpy.QtWidgets import (
    QBoxLayout,
    QFormLayout,
    QGridLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLayout,
    QVBoxLayout,
    QWidget,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Wide(NamedTuple):
    """A part that takes the room left over.

    Attributes
    ----------
    part : QWidget, QLayout or str
        The part.
    """

    part: QWidget | QLayout | str


SPACING = 4
"""Space between the parts of a column [pixels]; a dock is to fit a window of 720."""

Part: TypeAlias = QWidget | QLayout | str | Wide | None
Layout = TypeVar("Layout", bound=QBoxLayout)


def row(*parts: Part) -> QHBoxLayout:
    """Lay parts out beside one another."""
    return filled(QHBoxLayout(), parts)


def column(widget: QWidget, *parts: Part) -> QVBoxLayout:
    """Lay parts out below one another in a widget, without margins."""
    layout = filled(QVBoxLayout(widget), parts)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(SPACING)
    return layout


def boxed(*parts: Part) -> QWidget:
    """Make a widget of parts below one another, which can be shown and hidden together."""
    box = QWidget()
    column(box, *parts)
    return box


def titled(title: str, *parts: Part) -> QGroupBox:
    """Make a group box with a title, of parts below one another."""
    box = QGroupBox(title)
    filled(QVBoxLayout(box), parts)
    return box


def grid(widgets: Iterable[QWidget], columns: int) -> QGridLayout:
    """Lay widgets out in rows of the same number of columns."""
    layout = QGridLayout()
    for place, widget in enumerate(widgets):
        layout.addWidget(widget, place // columns, place % columns)
    return layout


def labelled(rows: Mapping[str, QWidget | QLayout]) -> QFormLayout:
    """Lay widgets out below one another, each beside its label."""
    layout = QFormLayout()
    layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    for label, field in rows.items():
        layout.addRow(label, field)
    return layout


def filled(layout: Layout, parts: Iterable[Part]) -> Layout:
    """Add parts to a layout, and give it back."""
    for part in parts:
        stretch = int(isinstance(part, Wide))
        content = part.part if isinstance(part, Wide) else part
        if content is None:
            layout.addStretch()
        elif isinstance(content, QLayout):
            layout.addLayout(content, stretch)
        else:
            widget = QLabel(content) if isinstance(content, str) else content
            layout.addWidget(widget, stretch)
    return layout
