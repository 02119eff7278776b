"""Fields of a config in its reference: names, defaults and descriptions, as pydantic knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo
    from sphinx.application import Sphinx


def add_fields(
    _app: Sphinx, _what: str, _name: str, documented: object, _options: Any, lines: list[str]
) -> None:
    """Add the section Attributes to the docstring of a config, before its examples."""
    if not (isinstance(documented, type) and issubclass(documented, BaseModel)):
        return
    place = lines.index("Examples") if "Examples" in lines else len(lines)
    entries = [
        line for name, field in documented.model_fields.items() for line in _entry(name, field)
    ]
    lines[place:place] = ["Attributes", "----------", *entries, ""]


def _entry(name: str, field: FieldInfo) -> Iterator[str]:
    default = "required" if field.is_required() else f"default {_as_python(field)}"
    yield f"{name} : {default}"
    yield f"    {field.description}"


def _as_python(field: FieldInfo) -> str:
    return repr(field.get_default(call_default_factory=True))


def setup(app: Sphinx) -> dict[str, bool]:
    """Run before napoleon, which reads the sections."""
    app.connect("autodoc-process-docstring", add_fields, priority=400)
    return {"parallel_read_safe": True}
