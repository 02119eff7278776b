"""A value that follows a suggestion until the user chooses another."""

from __future__ import annotations

from typing import Generic, TypeVar

from psygnal import Signal

Value = TypeVar("Value")


class Suggestion(Generic[Value]):
    """A value with a suggestion, such as an output folder.

    Attributes
    ----------
    changed : Signal
        It has another value.
    """

    changed = Signal()

    def __init__(self) -> None:
        self._value: Value | None = None
        self._suggested: Value | None = None

    @property
    def value(self) -> Value | None:
        """The value; None for none."""
        return self._value

    @property
    def is_chosen(self) -> bool:
        """Whether the user has chosen the value."""
        return self.value is not None and self.value != self._suggested

    def choose(self, value: Value | None) -> None:
        """Set the value.

        Parameters
        ----------
        value : object or None
            The value; None lets it follow the next suggestion.
        """
        if value != self.value:
            self._value = value
            self.changed.emit()

    def suggest(self, value: Value | None, *, replace: bool = False) -> None:
        """Suggest a value: it is taken unless the user has chosen one.

        Parameters
        ----------
        value : object or None
            The suggestion.
        replace : bool
            Whether it replaces what the user has chosen too.
        """
        follows = replace or not self.is_chosen
        self._suggested = value
        if follows:
            self.choose(value)
