"""The command line run in this process, with what it prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from napari_iris.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable


class Ran(NamedTuple):
    """Exit code of a command, and what it printed."""

    code: int
    out: str
    err: str


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run a command: ``cli("mask", folder, "--out", out)``."""

    def run(*words: object) -> Ran:
        try:
            code = main([str(word) for word in words])
        except SystemExit as end:
            code = end.code
        return Ran(code, *capsys.readouterr())

    return run
