"""Class weights from the frequencies of clear sky and cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_iris.dataset.samples import SampleSource
    from napari_iris.networks.spec import Kind


def class_weights(source: SampleSource, rows: NDArray[np.intp], kind: Kind) -> tuple[float, float]:
    """Compute weights with which clear sky and cloud contribute equally: 0.5 / frequency.

    Parameters
    ----------
    source : SampleSource
        The samples.
    rows : ndarray of int
        Rows of the training samples.
    kind : {'unet', 'vgg8'}
        The network: frequencies are those of pixels (all frames weighted equally) or of frames.

    Returns
    -------
    clear, cloud : float
        Weights; 1 and 1 if both are equally frequent.

    Raises
    ------
    IrisError
        If there is only one class.
    """
    values = source.table.cloudiness(kind)[rows]
    known = values[~np.isnan(values)]
    cloud = float(known.mean(dtype=np.float64)) if len(known) else 0.0
    if not 0 < cloud < 1:
        only = "cloud" if cloud else "clear sky"
        raise IrisError(f"there is only {only} in {len(known)} labelled frames; add others")
    return 0.5 / (1 - cloud), 0.5 / cloud
