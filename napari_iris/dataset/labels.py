"""How many of each class there are, and what stands for exactly the data trained on."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.dataset.samples import Source
    from napari_iris.networks.spec import Kind


def class_weights(source: Source, rows: NDArray[np.intp], kind: Kind) -> tuple[float, float]:
    """Weights that make clear and cloud count alike: half over the part each has.

    Parameters
    ----------
    source : Source
        The samples.
    rows : ndarray of int
        Those trained on.
    kind : {'unet', 'vgg8'}
        Whether pixels are counted, each frame alike, or frames.

    Returns
    -------
    clear, cloud : float
        Weights; 1 and 1 where both are as frequent.

    Raises
    ------
    IrisError
        If there is one class only.
    """
    values = source.facts.cloud[rows] if kind == "unet" else source.facts.said()[rows]
    told = values[~np.isnan(values)]
    cloud = float(told.mean(dtype=np.float64)) if len(told) else 0.0
    if not 0 < cloud < 1:
        only = "cloud" if cloud else "clear sky"
        raise IrisError(f"there is only {only} in {len(told)} labelled frames; add others")
    return 0.5 / (1 - cloud), 0.5 / cloud


def data_hash(source: Source, rows: NDArray[np.intp]) -> str:
    """Hash of what is trained on: pixels, masks and classes, whatever order or names they have.

    Parameters
    ----------
    source : Source
        The samples.
    rows : ndarray of int
        Those trained on.

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    facts = source.facts
    lines = sorted(
        b"%b %b %d" % (facts.frame_hash[row], facts.mask_hash[row], facts.sky[row])
        for row in rows.tolist()
    )
    whole = hashlib.sha256()
    for line in lines:
        whole.update(len(line).to_bytes(4, "big") + line)
    return whole.hexdigest()[:32]
