"""Read an image of a published cloud set and its mask, and check that they match."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.errors import FileError
from napari_iris.importers.pictures import CONVERSIONS, read_picture, to_grey
from napari_iris.importers.truth_masks import looks_like_mask, truth_mask
from napari_iris.masks.mask_file import read_mask

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.importers.image_pair import ImagePair, Layout
    from napari_iris.importers.pictures import Colour


def read_pair(
    pair: ImagePair, layout: Layout, colour: Colour
) -> tuple[NDArray[np.float32], NDArray[np.uint8] | None]:
    """Read an image and its mask, and check that they match.

    Parameters
    ----------
    pair : ImagePair
        The image and its truth.
    layout : Layout
        The set it is from.
    colour : {'grey', 'ratio', 'rgb'}
        What colour becomes; frames of the iris layout have one value per pixel in any case.

    Returns
    -------
    image : ndarray of float32, shape (rows, columns) or (3, rows, columns)
        0 to 255; a frame of the iris layout in its own unit.
    mask : ndarray of uint8, shape (rows, columns), or None
        0 sky, 1 cloud, 2 ignore; None where the pair has only a class. In the iris layout, cloud
        is above 0.5 where HDU 1 holds interpolated values.

    Raises
    ------
    FileError
        If a file cannot be read, the two differ in shape, or they seem to be swapped.
    """
    if layout == "iris":
        found = read_mask(pair.image)
        _check_shapes(pair, found.frame.shape, found.mask.shape)
        return found.frame, found.mask
    picture = read_picture(pair.image)
    if colour == "ratio" and picture.ndim == 2:
        reason = "is grey, so it has no ratio of red to blue"
        raise FileError(pair.image, reason, "import the set with --grey")
    image = CONVERSIONS[colour](picture)
    if pair.truth is None:
        return image, None
    truth = read_picture(pair.truth)
    if looks_like_mask(to_grey(picture)) and not looks_like_mask(to_grey(truth)):
        reason = f"looks like a mask, and its truth {pair.truth} like a photograph"
        raise FileError(pair.image, reason, "swap the images and the truths")
    _check_shapes(pair, picture.shape[:2], truth.shape[:2])
    return image, truth_mask(pair.truth, truth, layout)


def _check_shapes(pair: ImagePair, image: tuple[int, ...], mask: tuple[int, ...]) -> None:
    if image != mask or len(mask) != 2:
        reason = f"has shape {image}, and its truth {pair.truth} has {mask}"
        raise FileError(pair.image, reason, "take both from the same copy of the set")
