"""Forms: the fields of a config are its rows, their docs the tooltips; boxes with a title."""

from __future__ import annotations

from typing import Any

from magicgui.widgets import Container, create_widget
from pydantic import BaseModel, ValidationError
from qtpy.QtWidgets import QGroupBox, QVBoxLayout, QWidget

LOOKS: dict[str, dict[str, Any]] = {
    "shape": {"label": "mask size", "options": {"options": {"min": 8, "max": 8192}}},
    "a_log": {
        "label": "stretch a",
        "widget_type": "SpinBox",
        "options": {"min": 1, "max": 1_000_000_000, "step": None},
    },
    "contrast": {
        "label": "contrast",
        "widget_type": "FloatSlider",
        "options": {"min": 0.05, "max": 2.0, "step": 0.01, "tracking": True},
    },
    "gate": {"label": "sky gate"},
}
"""How fields look that need more than their type tells."""


def config_form(config: type[BaseModel]) -> Container:
    """Make a form with a row for each field of a config, holding its defaults.

    Parameters
    ----------
    config : type of pydantic.BaseModel
        The config; each field's description becomes its row's tooltip.

    Returns
    -------
    magicgui.widgets.Container
        The form; its ``changed`` signal fires with each edit.
    """
    rows = [
        create_widget(
            name=name,
            value=field.default,
            annotation=field.annotation,
            **_look(name, field.description or ""),
        )
        for name, field in config.model_fields.items()
    ]
    return Container(widgets=rows)


def read_form(form: Container, config: type[BaseModel]) -> Any:
    """Give the config that a form shows, or None where a value is out of its range."""
    try:
        return config(**{row.name: row.value for row in form if row.name in config.model_fields})
    except ValidationError:
        return None


def titled(title: str, *widgets: QWidget) -> QGroupBox:
    """Put widgets below one another in a box with a title."""
    box = QGroupBox(title)
    layout = QVBoxLayout(box)
    for widget in widgets:
        layout.addWidget(widget)
    return box


def _look(name: str, description: str) -> dict[str, Any]:
    look = dict(LOOKS.get(name, {}))
    return {**look, "options": {**look.get("options", {}), "tooltip": description}}
