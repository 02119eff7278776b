"""Files at a URL: on web servers and in object stores, read into memory by fsspec.

https://filesystem-spec.readthedocs.io/
"""

from __future__ import annotations

import errno
import re
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_iris.errors import MissingPackageError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

_BEGIN = re.compile(r"^(https?|s3):/+")
"""Begin of a URL; a path keeps only one of its slashes."""


class RemoteError(OSError):
    """A file at a URL cannot be read: the server or the network fails, or refuses."""


class RemotePath(type(Path())):  # type: ignore[misc]  # PosixPath or WindowsPath
    """Path of a file at a URL, which is its text.

    Only these are read from a network: they are made of what a person has named as frames. A path
    that a table or a project states, which may come from anybody, never is one.
    """

    def __str__(self) -> str:
        return _BEGIN.sub(r"\1://", super().__str__().replace("\\", "/"))

    def absolute(self) -> RemotePath:
        """Give the path itself."""
        return self


def url_of(source: os.PathLike[str] | str) -> str:
    """Give the URL that a source of frames is; empty for a file of this machine.

    Parameters
    ----------
    source : Path or str
        A path, or what a person has named.

    Examples
    --------
    >>> url_of("s3://archive/night/"), url_of("night/"), url_of(Path("s3://archive/night/"))
    ('s3://archive/night/', '', '')
    """
    is_url = isinstance(source, str) and _BEGIN.match(source)
    return str(source) if is_url or isinstance(source, RemotePath) else ""


def read_url(url: str) -> BytesIO:
    """Read a file at a URL.

    Parameters
    ----------
    url : str
        Its URL.

    Returns
    -------
    BytesIO
        Its content.

    Raises
    ------
    RemoteError
        If it cannot be read.
    FileNotFoundError
        If there is none.
    MissingPackageError
        If fsspec, or what it needs for this scheme, is not installed.
    """
    system, name = _system(url)
    with _as_remote_error():
        return BytesIO(system.cat_file(name))


def list_urls(url: str) -> list[str]:
    """List the files that match a URL with ``*``, or lie in a folder, with a slash at its end.

    Parameters
    ----------
    url : str
        Its URL; any other URL is that of a file, which is not looked up.

    Returns
    -------
    list of str
        Their URLs.

    Raises
    ------
    RemoteError, FileNotFoundError
        As for `read_url`.
    MissingPackageError
        As for `read_url`.
    """
    if "*" not in url and not url.endswith("/"):
        return [url]
    system, name = _system(url)
    with _as_remote_error():
        found = system.glob(name) if "*" in url else system.ls(name, detail=False)
    return [str(system.unstrip_protocol(one)) for one in found]


@contextmanager
def _as_remote_error() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except Exception as error:  # of the library of the scheme
        reason = " ".join(str(error).split()) or type(error).__name__
        raise RemoteError(errno.EIO, reason) from error


def _system(url: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs

        system, name = url_to_fs(url)
    except ImportError as error:
        fix = "URLs need fsspec: pip install 'napari-iris[remote]'"
        raise MissingPackageError(fix) from error
    return system, str(name)
