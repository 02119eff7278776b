"""References of one level, as tests need them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.radiometry.covariates import Covariates
from napari_iris.radiometry.fingerprint import FINGERPRINT_SHAPE
from napari_iris.radiometry.reference import Reference
from napari_iris.radiometry.statistics import STATISTICS_SHAPE, frame_statistics

if TYPE_CHECKING:
    from napari_iris.radiometry.reference import Kind

PIXEL_SIGMA = 4.0


def reference(
    kind: Kind, level: float, sigma: float, pattern: np.ndarray | float = 0.0
) -> Reference:
    """A reference whose level is the same at any time, known to `sigma`."""
    shape = np.broadcast_to(pattern, STATISTICS_SHAPE).astype(np.float32)
    terms = Covariates.of([frame_statistics(shape)])
    terms = replace(terms, coefficients=np.append(level, np.zeros(len(terms.prior[0]) - 1)))
    fingerprint = np.zeros(FINGERPRINT_SHAPE, np.float16)
    return Reference(kind, "", terms, shape, fingerprint, sigma, PIXEL_SIGMA, 1.0, 9, 9, 1)
