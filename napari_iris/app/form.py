"""A form: what is shown for each field of a config, and the config that results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from psygnal import Signal
from pydantic import BaseModel, ValidationError

from napari_iris.app.form_fields import field_label, form_field
from napari_iris.errors import IrisError, first_problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic.fields import FieldInfo

    from napari_iris.app.form_fields import FormField

Config = TypeVar("Config", bound=BaseModel)


class Form(Generic[Config]):
    """Values of a config as they are typed.

    Parameters
    ----------
    fields : mapping of str to FieldInfo
        The fields, by name.
    values : mapping
        Their first values.
    build : callable
        Makes the config of the values; raises `pydantic.ValidationError` where one is not valid.

    Attributes
    ----------
    fields : dict of str to FormField
        How each field is edited.
    changed : Signal
        Sent with the name of a field that shows another value.
    """

    changed = Signal(str)

    def __init__(
        self,
        fields: Mapping[str, FieldInfo],
        values: Mapping[str, object],
        build: Callable[[Mapping[str, object]], Config],
    ) -> None:
        self.fields: dict[str, FormField] = {
            name: form_field(name, field) for name, field in fields.items()
        }
        self._shown = {name: field.shown(values[name]) for name, field in self.fields.items()}
        self._build = build
        self._checked: tuple[Config | None, str] | None = None

    def shown(self, name: str) -> str | bool | float:
        """Give what is shown for a field.

        Parameters
        ----------
        name : str
            Name of the field.
        """
        return self._shown[name]

    def shows(self, name: str, value: object) -> bool:
        """Whether a field shows a value.

        Parameters
        ----------
        name : str
            Name of the field.
        value : object
            The value.
        """
        return self._shown[name] == self.fields[name].shown(value)

    def set(self, name: str, value: object) -> None:
        """Show another value.

        Parameters
        ----------
        name : str
            Name of the field.
        value : object
            A value of the config, or what was typed.
        """
        shown = self.fields[name].shown(value)
        if shown != self._shown[name]:
            self._shown[name] = shown
            self._checked = None
            self.changed.emit(name)

    @property
    def config(self) -> Config | None:
        """The config; None where a value is not valid."""
        return self._check()[0]

    @property
    def problem(self) -> str:
        """What is wrong with the first value that is not valid; empty if all are."""
        return self._check()[1]

    def _check(self) -> tuple[Config | None, str]:
        if self._checked is None:
            values = {name: field.read(self._shown[name]) for name, field in self.fields.items()}
            try:
                self._checked = self._build(values), ""
            except ValidationError as error:
                self._checked = None, problem_text(error)
            except IrisError as error:
                self._checked = None, str(error)
        return self._checked


def config_form(config: type[Config]) -> Form[Config]:
    """Make the form of a config whose fields all have defaults.

    Parameters
    ----------
    config : type of pydantic.BaseModel
        The config.
    """
    fields = config.model_fields
    values = {name: field.default for name, field in fields.items()}
    return Form(fields, values, config.model_validate)


def problem_text(error: ValidationError) -> str:
    """Describe the first problem of a config.

    Parameters
    ----------
    error : pydantic.ValidationError
        What its validation found.
    """
    name, reason, _ = first_problem(error)
    if not name:
        return reason[0].upper() + reason[1:]
    field, _, place = name.partition(".")
    kind = error.errors()[0]["type"]
    if (kind == "missing" and place) or kind == "too_long":
        reason = f"needs {_needed(error, field)} values"
    return f"{field_label(field)}: {reason[0].lower()}{reason[1:]}"


def _needed(error: ValidationError, field: str) -> int:
    """Give how many values a field needs that has too few or too many."""
    of_field = [one for one in error.errors() if one["loc"][0] == field]
    missing = [int(one["loc"][1]) + 1 for one in of_field if one["type"] == "missing"]
    return max(missing) if missing else int(of_field[0]["ctx"]["max_length"])
