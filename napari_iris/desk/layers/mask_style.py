"""Masks as outlines or filled."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari.layers import Labels, Layer

    from napari_iris.app.view.shown import MaskStyle

FILLED, OUTLINED, FAINT = 0.4, 0.9, 0.15
"""Opacities of a mask over its frame."""

IS_MASK = "iris_mask"
"""Key that marks a mask in its layer's metadata; the map of errors is always filled."""


IS_DRAWN = "iris_opacity"
"""Key of the opacity that it was given."""


def as_mask(layer: Labels) -> Labels:
    """Mark a layer as a mask, which is drawn in the style that is chosen."""
    layer.metadata[IS_MASK] = True
    return layer


def draw_mask(layer: Layer, style: MaskStyle, *, anew: bool = False) -> None:
    """Draw a mask in a style; other layers stay as they are.

    A mask of one value all over has no edge, and would not be seen as an outline: it is filled
    faintly.

    Parameters
    ----------
    layer : Layer
        The layer of the mask.
    style : MaskStyle
        'outline' or 'fill'; with 'none' it stays as it is, to be hidden.
    anew : bool
        Whether to set the opacity also where a person may have set another.
    """
    if style == "none" or not layer.metadata.get(IS_MASK):
        return
    has_edge = bool((layer.data != layer.data.flat[0]).any())
    width = int(style == "outline" and has_edge)
    drawn = FILLED if style == "fill" else OUTLINED if has_edge else FAINT
    if anew or layer.metadata.get(IS_DRAWN) != drawn:
        layer.metadata[IS_DRAWN] = drawn
        layer.contour, layer.opacity = width, drawn
