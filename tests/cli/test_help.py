"""Every command has help with examples, at once; bad usage refers to it."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from napari_iris import __version__
from napari_iris.cli.main import COMMANDS, module_of
from napari_iris.masks.config import MaskConfig
from napari_iris.sky import SimulationConfig

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(cli: Callable[..., tuple], command: str) -> None:
    ran = cli(command, "--help")
    assert ran.code == 0
    assert ran.err == ""
    assert ran.out.startswith(f"usage: napari-iris {command}")
    examples = ran.out.partition("examples:\n")[2]
    assert f"  napari-iris {command}" in examples


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "demo"])
def test_every_example_of_the_help_is_valid(
    cli: Callable[..., tuple], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    module = import_module(module_of(command))
    asked = []
    monkeypatch.setattr(module, "run", lambda options: asked.append(options) or 0)
    lines = [line for line in module.EXAMPLES.splitlines() if line.startswith("  napari-iris")]
    for line in lines:
        words = shlex.split(re.split(r" {3,}", line.strip())[0])
        assert cli(*words[1:]) == (0, "", ""), line
    assert len(asked) == len(lines) > 0


@pytest.mark.parametrize(
    ("command", "config", "fields"),
    [
        ("mask", MaskConfig, ("shape", "a_log", "contrast", "gate")),
        ("rebin", MaskConfig, ("shape",)),
        ("simulate", SimulationConfig, ("count", "sky", "seed")),
    ],
)
def test_options_are_the_fields_of_a_config_with_their_defaults(
    cli: Callable[..., tuple], command: str, config: type, fields: tuple[str, ...]
) -> None:
    text = " ".join(cli(command, "--help").out.split()).lower()
    for name in fields:
        field = config.model_fields[name]
        assert f"--{name.replace('_', '-')}" in text
        assert " ".join(field.description.split()).lower().removesuffix(".") in text
        if not field.is_required():
            assert f"(default: {as_typed(field.default)})" in text


def as_typed(value: object) -> str:
    """A default as a person would type it."""
    match value:
        case bool():
            return "on" if value else "off"
        case tuple():
            return " ".join(map(str, value))
        case _:
            return str(value)


def test_the_overview_lists_every_command(cli: Callable[..., tuple]) -> None:
    ran = cli("--help")
    assert ran.code == 0
    for name, what in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(what)}$", ran.out, re.MULTILINE)


def test_the_version_is_printed(cli: Callable[..., tuple]) -> None:
    assert cli("--version") == (0, f"napari-iris {__version__}\n", "")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "usage: napari-iris COMMAND"),
        (["maks"], "argument COMMAND: invalid choice: 'maks'"),
        (["--colour"], "see napari-iris --help"),
        (["mask"], "required: FRAMES, --out; see napari-iris mask --help"),
        (["mask", "a.fits"], "required: --out"),
        (["mask", "a.fits", "--out", "b", "--colour"], "unrecognized arguments: --colour"),
        (["mask", "a.fits", "--out", "b", "--con", "1"], "unrecognized arguments: --con"),
        (["simulate", "out"], "required: --count"),
    ],
)
def test_bad_usage_is_explained_with_code_2(
    cli: Callable[..., tuple], words: list[str], message: str
) -> None:
    ran = cli(*words)
    assert ran.code == 2
    assert ran.out == ""
    assert message in ran.err
    if words:
        assert ran.err.count("\n") == 1, "one line"


def test_help_imports_no_heavy_library() -> None:
    """It is there in no time: neither numpy nor astropy nor pydantic is imported for it."""
    code = """
import sys
from napari_iris.cli.main import main
try:
    main(["--help"])
except SystemExit as end:
    assert end.code == 0
heavy = {"numpy", "scipy", "astropy", "skimage", "pydantic", "napari", "qtpy", "tensorflow", "jax"}
print("imported:", sorted(heavy & set(sys.modules)))
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.endswith("imported: []\n")
    assert "commands:" in ran.stdout


def test_the_help_of_a_command_does_not_import_astropy() -> None:
    code = """
import sys
from napari_iris.cli.main import main
for command in ("mask", "rebin", "simulate"):
    try:
        main([command, "--help"])
    except SystemExit as end:
        assert end.code == 0
print("imported:", sorted({"scipy", "astropy", "skimage", "napari"} & set(sys.modules)))
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.endswith("imported: []\n")
