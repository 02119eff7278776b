"""Memory that runs out, in one line: each library tells it in its own way."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNS = re.compile(
    r"out of memory|\bOOM\b|RESOURCE_EXHAUSTED|ResourceExhausted|bad_alloc|failed to allocate|"
    r"unable to allocate|could not allocate|CUDNN_STATUS_ALLOC_FAILED|CUBLAS_STATUS_ALLOC_FAILED",
    re.IGNORECASE,
)
"""What TensorFlow, JAX, CUDA and C++ write when there is no memory left."""


@contextmanager
def memory_told(where: str) -> Iterator[None]:
    """Tell in one line that memory has run out, and what to do.

    Parameters
    ----------
    where : str
        The device, for a person.

    Raises
    ------
    IrisError
        If it has.
    """
    try:
        yield
    except IrisError:
        raise
    except Exception as error:
        words = f"{type(error).__name__} {error}"
        if not isinstance(error, MemoryError) and not SIGNS.search(words):
            raise
        raise IrisError(f"out of memory on {where}; use a smaller --batch-size") from error
