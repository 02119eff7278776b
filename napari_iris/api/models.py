"""``iris.list_models``: the available models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_iris.inference import folders

if TYPE_CHECKING:
    import os

    from napari_iris.inference.folders import ModelEntry


def list_models(*places: str | os.PathLike[str]) -> list[ModelEntry]:
    """List the models in some folders.

    Parameters
    ----------
    *places : str or Path
        Folders of model folders; by default that of the models that come with napari-iris.

    Returns
    -------
    list of ModelEntry
        In natural order; a damaged model is listed with its ``problem``.

    Examples
    --------
    >>> import napari_iris as iris
    >>> [model.name for model in iris.list_models()]
    ['unet-lwir', 'vgg8-lwir']
    >>> iris.list_models()[0].card.network.kind
    'unet'
    """
    return folders.list_models(*map(Path, places))
