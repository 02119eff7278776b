"""Configs from keywords: defaults, one line for an unknown keyword or a value out of range."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from napari_iris.errors import IrisError, first_problem

if TYPE_CHECKING:
    from collections.abc import Mapping

Config = TypeVar("Config", bound=BaseModel)


def config_from(
    kind: type[Config], config: Config | None, options: Mapping[str, object], function: str
) -> Config:
    """Make a config from its defaults or another config, changed by keywords.

    Parameters
    ----------
    kind : type
        Class of the config.
    config : BaseModel or None
        The config to start from; None for the defaults.
    options : mapping of str to object
        Values of its fields, by name.
    function : str
        Name of the function that the keywords were given to, for the error.

    Returns
    -------
    BaseModel
        The config.

    Raises
    ------
    TypeError
        If a keyword is not a field of the config, or `config` is another object.
    IrisError
        If a value is out of range; the message is one line.
    """
    if config is not None and not isinstance(config, kind):
        raise TypeError(f"{function}(): config: expected a {kind.__name__}, received {config!r}")
    for name in options:
        if name not in kind.model_fields:
            valid = ", ".join(kind.model_fields)
            raise TypeError(f"{function}() got an unexpected keyword {name!r}; valid are {valid}")
    try:
        return kind(**{**dict(config or {}), **options})
    except ValidationError as error:
        name, reason, value = first_problem(error)
        place = f"{name}: " if name else ""
        raise IrisError(f"{place}{reason}, received {value!r}") from error
