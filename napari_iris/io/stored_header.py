"""Header of a plain FITS file, which astropy parses only if more than look-ups are needed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from astropy.io import fits

from napari_iris.io.blocks import CARD

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEYWORD = re.compile(r"(?!(?:COMMENT|HISTORY)$)[A-Z0-9_-]{1,8}")


class StoredHeader(fits.Header):  # type: ignore[misc] # astropy has no types
    """A header as it is stored in a file.

    To parse and check all cards takes astropy longer than it takes to mask the frame, and hardly
    ten are looked at. So values are looked up in the text; whatever else is done with the header
    makes it an ordinary one first.
    """

    @classmethod
    def of(cls, cards: str, values: Mapping[str, str]) -> StoredHeader:
        """Make a header without parsing it.

        Parameters
        ----------
        cards : str
            Its cards, 80 characters each; all are valid.
        values : mapping of str to str
            The values by keyword, as they are written.

        Returns
        -------
        StoredHeader
            The header.
        """
        header = cls.__new__(cls)
        header.__dict__.update(_text=cards, _values=values)
        return header

    @property
    def stored_cards(self) -> str:
        """The cards, 80 characters each; empty once they were parsed, and so may have changed."""
        return str(self.__dict__.get("_text", ""))

    def __getattr__(self, name: str) -> Any:
        """Parse the cards, as what astropy has made of them is asked for."""
        if not self.stored_cards:
            raise AttributeError(name)
        self.__dict__.update(vars(fits.Header.fromstring(self.stored_cards)))
        self.__dict__.pop("_text", None)
        return getattr(self, name)

    def get(self, key: Any, default: Any = None) -> Any:
        """Look up a value, as `astropy.io.fits.Header.get`."""
        if not self._is_stored(key):
            return super().get(key, default)
        written = self.__dict__["_values"].get(key)
        return default if written is None else _value(written)

    def __getitem__(self, key: Any) -> Any:
        if self._is_stored(key) and key in self.__dict__["_values"]:
            return _value(self.__dict__["_values"][key])
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        if self._is_stored(key):
            return key in self.__dict__["_values"]
        return bool(super().__contains__(key))

    def __len__(self) -> int:
        cards = self.stored_cards
        begun = (not cards.startswith("CONTINUE", place) for place in range(0, len(cards), CARD))
        return sum(begun) or int(super().__len__())

    def clear(self) -> None:
        """Remove all cards."""
        self.__dict__.pop("_text", None)
        super().clear()

    def _is_stored(self, key: object) -> bool:
        """Whether the text tells all about a keyword."""
        return "_text" in self.__dict__ and isinstance(key, str) and bool(_KEYWORD.fullmatch(key))


def _value(written: str) -> str | bool | int | float:
    """Value of a card, from the way it is written."""
    if written.startswith("'"):
        return written[1:-1].rstrip()
    if written in "TF":
        return written == "T"
    return float(written) if "." in written or "E" in written else int(written)
