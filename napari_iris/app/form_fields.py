"""How the fields of a config are edited in a form: labels, kinds of widget, limits, texts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

Kind = Literal["choice", "check", "integer", "slider", "text"]

MAX_INTEGER = 2**31 - 1
"""Largest number of a spin box."""

SEPARATORS = re.compile(r"[\s,]+|(?<=\d)-(?=\d)")
"""What may stand between numbers: ``64 128``, ``64, 128``, ``64-128``."""

LABELS = {
    "kind": "Network",
    "out": "Folder",
    "init": "Start from",
    "accepted": "Include labels accepted from this model",
    "engine": "Framework",
    "epochs": "Maximum epochs",
    "aug_batch_size": "Augmented copies per batch",
    "val_batch_size": "Validation batch size",
    "halve_every": "Halve rate every [epochs]",
    "patience": "Early stopping [epochs]",
    "class_weight": "Class weights",
    "normalisation": "Input normalization",
    "percent": "Split [%]",
    "gap_s": "Gap between parts [s]",
    "shape": "Rows and columns",
    "convolutions": "Convolutions per level",
    "adapt": "Adapt to frames",
    "reference": "Clear-sky reference",
    "simulated": "Simulated frames",
    "simulated_masks": "Their masks",
    "seed": "Random seed",
    "a_log": "Stretch a",
    "gate": "Sky gate",
    "by": "Keep together",
    "status": "Statuses",
    "tag": "Masks",
    "part": "Part of the split",
}
"""Labels of fields that are not labelled by their name."""

CHOICES = {
    "unet": "U-Net",
    "vgg8": "VGG8",
    "auto": "Automatic",
    "fits": "FITS",
    "png": "PNG",
    "coco": "COCO",
    "csv": "CSV",
}
"""Texts of choices that are not shown as their values, with a capital."""

RANGES: dict[str, tuple[Kind, float, float, float | None]] = {
    "a_log": ("integer", 1, 1_000_000_000, None),
    "contrast": ("slider", 0.05, 2.0, 0.01),
}
"""Widget, least, most and step (None for an adaptive one) of fields whose useful range is narrower
than the valid one."""


@dataclass(frozen=True)
class FormField:
    """One field of a form.

    Attributes
    ----------
    name, label, tooltip : str
        Name of the config's field, label, and description.
    kind : {'choice', 'check', 'integer', 'slider', 'text'}
        How it is edited.
    choices : tuple of str
        What there is to choose from.
    low, high : float
        Limits of a number.
    step : float or None
        Step of a number; None for an adaptive one.
    many : bool
        Whether a text holds several values.
    """

    name: str
    label: str
    tooltip: str
    kind: Kind
    choices: tuple[str, ...] = ()
    low: float = 0
    high: float = MAX_INTEGER
    step: float | None = 1
    many: bool = False

    def shown(self, value: object) -> str | bool | float:
        """Give what the form shows for a value of the config.

        Parameters
        ----------
        value : object
            The value, or what was typed.
        """
        if self.kind == "check":
            return bool(value)
        if self.kind == "integer":
            return round(float(str(value)))
        if self.kind == "slider":
            return float(str(value))
        return value_text(value)

    def read(self, shown: str | bool | float) -> object:
        """Give what the config is to validate: None for an empty text, parts where there are many.

        Parameters
        ----------
        shown : str or bool or float
            What the form shows.
        """
        if self.kind != "text":
            return shown
        text = str(shown).strip()
        if self.many:
            return tuple(SEPARATORS.split(text)) if text else ()
        return text or None


def form_field(name: str, field: FieldInfo) -> FormField:
    """Describe how a field of a config is edited.

    Parameters
    ----------
    name : str
        Name of the field.
    field : FieldInfo
        The field: a choice is a list, a whole number a spin box within its limits, a flag a check
        box; everything else is text, which the config validates.
    """
    label, tooltip = field_label(name), sentence(field.description or "")
    if name in RANGES:
        kind, low, high, step = RANGES[name]
        return FormField(name, label, tooltip, kind, low=low, high=high, step=step)
    if get_origin(field.annotation) is Literal:
        choices = tuple(map(str, get_args(field.annotation)))
        return FormField(name, label, tooltip, "choice", choices)
    if field.annotation is bool:
        return FormField(name, label, tooltip, "check")
    if field.annotation is int:
        low, high = _limit(field, "ge", 0), _limit(field, "le", MAX_INTEGER)
        return FormField(name, label, tooltip, "integer", low=low, high=high)
    return FormField(name, label, tooltip, "text", many=get_origin(field.annotation) is tuple)


def choice_text(value: str) -> str:
    """Give the text of a choice.

    Parameters
    ----------
    value : str
        Its value in the config.
    """
    return CHOICES.get(value, sentence(value.replace("_", " ")))


def sentence(text: str) -> str:
    """Begin a text with a capital.

    Parameters
    ----------
    text : str
        The text.
    """
    return text[:1].upper() + text[1:]


def field_label(name: str) -> str:
    """Give the label of a field.

    Parameters
    ----------
    name : str
        Name of the field.
    """
    return LABELS.get(name, name.replace("_", " ").capitalize())


def value_text(value: object) -> str:
    """Write a value as it is typed.

    Parameters
    ----------
    value : object
        A value of a config; None is empty, the parts of a tuple are separated by spaces.
    """
    if isinstance(value, tuple):
        return " ".join(map(value_text, value))
    if isinstance(value, float):
        return f"{value:.12g}"
    return "" if value is None else str(value)


def _limit(field: FieldInfo, name: str, otherwise: int) -> int:
    """Limit that the field's type sets."""
    found: list[Any] = [getattr(one, name) for one in field.metadata if hasattr(one, name)]
    return int(found[0]) if found else otherwise
