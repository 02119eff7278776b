"""Read the settings of a project that are stored as JSON: its sources, imports, mask config."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from napari_iris.errors import ProjectError
from napari_iris.project.folder import DATABASE

if TYPE_CHECKING:
    from napari_iris.project.repository import Repository


def read_setting(repository: Repository, key: str, kind: Any, default: Any) -> Any:
    """Read a setting and check it: a project may come from anybody.

    Parameters
    ----------
    repository : Repository
        The project's database.
    key : str
        Key of the setting.
    kind : type
        What it must be: any type that pydantic validates.
    default : object
        Returned where it is not set.

    Returns
    -------
    object
        The setting.

    Raises
    ------
    ProjectError
        If it is not JSON of that kind.
    """
    text = repository.setting(key)
    if text is None:
        return default
    try:
        return TypeAdapter(kind).validate_json(text)
    except ValidationError as error:
        reason = f"its {DATABASE} is damaged, or made to harm (its setting {key} is not valid)"
        fix = f"put a backup's {DATABASE} in its place"
        raise ProjectError(repository.folder, reason, fix) from error
