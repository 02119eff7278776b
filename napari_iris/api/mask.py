"""``iris.mask``: the cloud mask of a frame, or of many."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypedDict, Unpack, overload

from napari_iris.api.inputs import as_counts, is_many
from napari_iris.api.options import config_from
from napari_iris.api.references import references_for
from napari_iris.api.results import map_frames
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import make_mask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from napari_iris.api.inputs import FrameLike, Frames
    from napari_iris.api.references import ReferenceLike
    from napari_iris.masks.make import CloudMask
    from napari_iris.radiometry.reference_set import ReferenceSet


class MaskOptions(TypedDict, total=False):
    """Keywords of `mask`: the fields of `MaskConfig`."""

    shape: tuple[int, int]
    a_log: float
    contrast: float
    gate: bool


@overload
def mask(
    frame: FrameLike,
    config: MaskConfig | None = None,
    reference: ReferenceLike = ...,
    **options: Unpack[MaskOptions],
) -> CloudMask: ...
@overload
def mask(
    frame: Frames,
    config: MaskConfig | None = None,
    reference: ReferenceLike = ...,
    **options: Unpack[MaskOptions],
) -> Sequence[CloudMask]: ...
def mask(
    frame: FrameLike | Frames,
    config: MaskConfig | None = None,
    reference: ReferenceLike = "auto",
    **options: Unpack[MaskOptions],
) -> CloudMask | Sequence[CloudMask]:
    """Make the cloud mask of a frame: the published recipe, checked by the sky gate.

    Parameters
    ----------
    frame : str, Path, array, masked array, Quantity, NDData, Frame, or a sequence of these
        The frame as the camera wrote it, in ADU or any unit of counts. A `Night` is a sequence.
    config : MaskConfig, optional
        Settings; by default those of ``napari-iris mask``.
    reference : str, Path or ReferenceSet
        Clear-sky reference that frames are evaluated by: ``'auto'`` to learn it from the frames (a
        list or a `Night` of at least eight), ``'none'``, a file of ``napari-iris reference learn``,
        or the result of `learn_reference`.
    **options
        Fields of `MaskConfig`, in place of those of `config`: ``shape`` (rows and columns of the
        mask, 128 x 160), ``a_log`` and ``contrast`` (the recipe), ``gate`` (whether the sky
        condition is determined; without it, the mask is the published recipe's bit for bit).

    Returns
    -------
    CloudMask, or a sequence of these
        ``mask`` has 0 for sky, 1 for cloud, and 2 for pixels that are blank or masked. For a list
        of frames a list, for a `Night` a lazy `Results`.

    Raises
    ------
    FrameError
        If a file cannot be read.
    IrisError
        If the frame has the same value everywhere, is too small, or has a unit that is not one of
        counts, or if a setting is out of range.
    ReferenceFileError
        If a reference file cannot be used.
    TypeError
        If a keyword is not a setting.

    Examples
    --------
    >>> import napari_iris as iris
    >>> frame = iris.simulate(1, sky="cloudy", seed=3)[0]
    >>> made = iris.mask(frame)
    >>> made.sky, made.mask.shape
    ('cloudy', (128, 160))
    >>> 0 < made.cloud_fraction < 1
    True
    >>> made.to_fits("sky_mask.fits")

    Settings are keywords; several frames give several masks:

    >>> iris.mask(frame, gate=False, contrast=0.8).method
    'recipe'
    >>> [made.sky for made in iris.mask(iris.simulate(2, sky="clear"))]
    ['clear', 'clear']
    """
    settings = config_from(MaskConfig, config, options, "mask")
    known = references_for(reference if settings.gate else "none", frame)
    if is_many(frame):
        return map_frames(frame, partial(_masks, config=settings, known=known))
    return next(_masks([frame], settings, known))


def _masks(
    frames: Iterable[FrameLike], config: MaskConfig, known: Callable[[], ReferenceSet]
) -> Iterator[CloudMask]:
    for one in frames:
        frame = as_counts(one)
        yield make_mask(frame.data, config, frame.header, known())
