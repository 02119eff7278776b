"""The simulated sample night, in napari's File > Open Sample."""

from __future__ import annotations

from napari_iris.desk.layers.reader import LayerData, night_layer
from napari_iris.resources import sample_night as sample_night_folder


def sample_night() -> list[LayerData]:
    """Open the sample night: clear sky, broken cloud, decks with and without structure.

    Returns
    -------
    list of LayerData
        One image layer of thirty frames.
    """
    data, settings, kind = night_layer([sample_night_folder()])
    return [(data, {**settings, "name": "sample night"}, kind)]
