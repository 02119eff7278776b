"""The ``napari-iris`` command: find the sub-command, run it, turn errors into exit codes."""

from __future__ import annotations

import argparse
import importlib
import keyword
import os
import sys
import warnings
from typing import TYPE_CHECKING, NoReturn

from napari_iris import __version__
from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from collections.abc import Sequence

OK, SOME_FAILED, BAD_USAGE = 0, 1, 2
INTERRUPTED = 130
STOPPED = "stopped; what was made so far is whole"

COMMANDS = {
    "info": "versions, devices, what is missing and its fix",
    "demo": "the main job, end to end, on the sample night",
    "simulate": "simulated sky frames with exact cloud truth",
    "rebin": "rebin frames by block mean",
    "mask": "make cloud masks",
    "import": "take a published cloud set into a project",
    "train": "train a U-Net or VGG8",
    "import-model": "take a published Keras model in",
    "predict": "predict the cloud in every pixel",
    "watch": "classify and segment frames as they arrive",
    "evaluate": "measure predictions against the truth",
    "models": "look after trained models: list, describe, rename, delete",
    "diagram": "draw a network",
    "project": "look after a project: index, status, take, split, export, backup",
}
"""Every command, in the order of the work, with its one line of help."""

EXAMPLES = """\
examples:
  napari-iris demo
  napari-iris mask night/ --out masks/
  napari-iris mask --help
"""


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line and end with exit code 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_USAGE, f"{self.prog}: {message}; see {self.prog} --help\n")

    def convert_arg_line_to_args(self, arg_line: str) -> list[str]:
        """Take every line of an ``@file`` as one argument."""
        return [arg_line] if arg_line.strip() else []


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command and its arguments; by default the process's own.

    Returns
    -------
    int
        0 ok; 1 some inputs failed, each named; 2 bad usage or input.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    name = words[0] if words else ""
    if name not in COMMANDS:
        _overview(words)
        return BAD_USAGE
    try:
        return _run(name, words[1:])
    except IrisError as error:
        print(f"napari-iris {name}: {error}", file=sys.stderr)
        return BAD_USAGE
    except KeyboardInterrupt:
        print(f"\nnapari-iris {name}: {STOPPED}", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output went away: `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK


def module_of(command: str) -> str:
    """Give the module that holds a command: its own name, as far as Python allows that."""
    name = command.replace("-", "_")
    return f"napari_iris.cli.{name}{'_' if keyword.iskeyword(name) else ''}"


def _run(name: str, words: Sequence[str]) -> int:
    """Import one command, read its arguments, run it."""
    command = importlib.import_module(module_of(name))
    parser = _Parser(
        prog=f"napari-iris {name}",
        description=command.__doc__,
        epilog=command.EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        fromfile_prefix_chars="@",
        allow_abbrev=False,
    )
    command.add_arguments(parser)
    options = parser.parse_args(words)
    if not sys.warnoptions:  # astropy warns of every odd card; what matters is an error anyway
        warnings.simplefilter("ignore")
    return int(command.run(options))


def _overview(words: Sequence[str]) -> None:
    """Show what there is; a wrong command, or none, ends with exit code 2."""
    lines = "\n".join(f"  {name:<10} {what}" for name, what in COMMANDS.items())
    parser = _Parser(
        prog="napari-iris",
        usage="napari-iris COMMAND [...]",
        description="Cloud masks for thermal sky cameras.",
        epilog=f"commands:\n{lines}\n\n{EXAMPLES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"napari-iris {__version__}")
    parser.add_argument("command", metavar="COMMAND", choices=list(COMMANDS), help="see below")
    if not words:
        parser.print_help(sys.stderr)
    else:
        parser.parse_args(words)
