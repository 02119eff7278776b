"""Header cards declared where a parameter is declared, so that every drawn value is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, get_type_hints


class Card(NamedTuple):
    """A header card; its value is None where it is declared, as ``Annotated[float, Card(...)]``."""

    keyword: str
    comment: str
    value: str | int | float | bool | None = None


@dataclass(frozen=True)
class Drawn:
    """Base of the parameter sets drawn for a frame: every field is annotated with its card."""

    def cards(self, suffix: str = "") -> list[Card]:
        """List the header cards of all fields, each keyword followed by `suffix`."""
        hints: dict[str, Any] = get_type_hints(type(self), include_extras=True)
        declared = ((name, hint.__metadata__[0]) for name, hint in hints.items())
        return [
            Card(f"{card.keyword}{suffix}", card.comment, getattr(self, name))
            for name, card in declared
        ]
