"""A hash that identifies the training data."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.dataset.samples import SampleSource


def data_hash(source: SampleSource, rows: NDArray[np.intp]) -> str:
    """Hash pixels, masks and classes of samples; their order and file names do not matter.

    Parameters
    ----------
    source : SampleSource
        The samples.
    rows : ndarray of int
        Rows of the samples used.

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    table = source.table
    lines = sorted(
        b"%b %b %d" % (table.frame_hash[row], table.mask_hash[row], table.frame_class[row])
        for row in rows.tolist()
    )
    digest = hashlib.sha256()
    for line in lines:  # with their lengths, so that no two lists of lines hash alike
        digest.update(len(line).to_bytes(4, "big") + line)
    return digest.hexdigest()[:32]
