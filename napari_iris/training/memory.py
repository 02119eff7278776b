"""Turn the libraries' out-of-memory exceptions into one error."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from collections.abc import Iterator

OUT_OF_MEMORY = re.compile(
    r"out of memory|\bOOM\b|RESOURCE_EXHAUSTED|ResourceExhausted|bad_alloc|failed to allocate|"
    r"unable to allocate|could not allocate|CUDNN_STATUS_ALLOC_FAILED|CUBLAS_STATUS_ALLOC_FAILED",
    re.IGNORECASE,
)
"""Messages of TensorFlow, JAX, CUDA and C++ when an allocation fails."""


@contextmanager
def memory_errors(device: str) -> Iterator[None]:
    """Re-raise out-of-memory exceptions as an `IrisError`.

    Parameters
    ----------
    device : str
        Name of the device, for the error message.

    Raises
    ------
    IrisError
        If memory runs out; other exceptions pass unchanged.
    """
    try:
        yield
    except IrisError:
        raise
    except Exception as error:
        text = f"{type(error).__name__} {error}"
        if not isinstance(error, MemoryError) and not OUT_OF_MEMORY.search(text):
            raise
        raise IrisError(f"out of memory on {device}; use a smaller --batch-size") from error
