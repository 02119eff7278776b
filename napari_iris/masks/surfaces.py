"""Smooth surfaces fitted to a small copy of a frame: through all pixels, and under all pixels."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.radiometry.quantiles import median

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from threadpoolctl import ThreadpoolController

    Image = NDArray[np.floating]

SPARSE = (slice(None, None, 2), slice(None, None, 2))
"""Pixels that the surfaces are fitted to: every second row and column are enough."""


@cache
def blas() -> ThreadpoolController:
    """Control the threads of numpy's linear algebra: on one thread it rounds alike everywhere."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")


@cache
def _legendre(degree: int, shape: tuple[int, int]) -> tuple[Image, Image, Image]:
    """Legendre polynomials of x and y up to a total degree.

    At every pixel, at every second row and column (enough to fit them), and their degrees.
    """
    from numpy.polynomial.legendre import legvander2d

    y, x = np.meshgrid(*(np.linspace(-1, 1, side) for side in shape), indexing="ij")
    order = np.add.outer(np.arange(degree + 1), np.arange(degree + 1)).ravel()
    terms = legvander2d(x, y, [degree, degree])[..., order <= degree]
    width = terms.shape[-1]
    sparse = np.ascontiguousarray(terms[SPARSE]).reshape(-1, width)
    return terms.reshape(-1, width), sparse, order[order <= degree].astype(float)


def _solve(terms: Image, values: Image, weight: Image, damping: Image) -> Image:
    """Coefficients of the weighted, damped least-squares surface."""
    weighted = (terms * weight[:, None]).T
    solution: Image = np.linalg.solve(weighted @ terms + np.diag(damping), weighted @ values)
    return solution


def smooth_surface(image: Image) -> Image:
    """Fit a quintic surface through all pixels, robust against small clouds.

    Iteratively reweighted least squares with Cauchy weights (Holland & Welsch 1977): a cloud that
    covers a small part of the frame does not bend the surface.

    Parameters
    ----------
    image : ndarray of float64, shape (rows, columns)
        Finite everywhere.

    Returns
    -------
    ndarray of float64, shape of `image`
        The surface, in the image's unit.
    """
    everywhere, terms, degree = _legendre(5, image.shape)
    values = image[SPARSE].ravel()
    weight = np.ones_like(values)
    for _ in range(4):
        solution = _solve(terms, values, weight, np.zeros_like(degree))
        error = np.abs(values - terms @ solution)
        weight = 1 / (1 + (error / (6 * median(error) + 1e-9)) ** 2)
    return (everywhere @ solution).reshape(image.shape)


def floor_surface(image: Image) -> Image:
    """Fit a quartic surface under all pixels: the clear sky wherever any is in view.

    Asymmetric reweighted least squares: pixels below the surface have full weight, pixels above it
    less the higher they are. Higher degrees are damped, which keeps the floor flat where clouds
    hide it.

    Parameters
    ----------
    image : ndarray of float64, shape (rows, columns)
        In units of its noise, finite everywhere.

    Returns
    -------
    ndarray of float64, shape of `image`
        The surface, in the same unit.
    """
    everywhere, terms, degree = _legendre(4, image.shape)
    damping = np.where(degree < 2, 1e-6, (2.0 ** (degree - 2) / 12) ** 2) / 4
    middle = median(image)
    values = image[SPARSE].ravel() - middle
    weight = np.ones_like(values)
    for step in range(20):  # the width shrinks for 12 steps, then the weights converge
        solution = _solve(terms, values, weight, damping)
        above = values - terms @ solution
        width = max(1.5, (1 - step / 12) * median(np.abs(above)))
        weight = np.where(above < 0, 1.0, 1 / (1 + (above / width) ** 2) ** 2)
    return (everywhere @ solution).reshape(image.shape) + middle
