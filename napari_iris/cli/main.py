"""The ``napari-iris`` command: find the subcommand, run it, convert errors to exit codes."""

from __future__ import annotations

import argparse
import importlib
import keyword
import logging
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from napari_iris import __version__
from napari_iris.cli.failures import (
    discard_output,
    forget_cpu_limit,
    one_line,
    refuse_little_memory,
    tell,
    warn_of_cpu_limit,
)
from napari_iris.cli.streams import escaped_output, fill_closed_streams
from napari_iris.errors import IrisError
from napari_iris.io.regular import refuse_special

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

OK, SOME_FAILED, BAD_USAGE = 0, 1, 2
INTERRUPTED = 130
INTERRUPTED_TEXT = "interrupted; files written so far are complete"

COMMANDS = {
    "info": "versions, devices, missing packages and how to install them",
    "demo": "the whole workflow on the sample night",
    "open": "open the window on frames or a project",
    "simulate": "simulate sky frames with exact cloud masks",
    "rebin": "rebin frames by block mean",
    "mask": "make cloud masks",
    "reference": "learn and show the clear sky of a camera",
    "import": "import a public cloud data set into a project",
    "train": "train a U-Net or VGG8",
    "import-model": "import a published Keras model",
    "predict": "predict a cloud probability for every pixel",
    "merge": "join the results of a campaign's shards",
    "watch": "predict frames as they arrive in a folder",
    "evaluate": "evaluate predictions against reference masks",
    "models": "list, describe, rename and delete models",
    "diagram": "draw a network",
    "project": "manage a project: index, status, take, split, export, backup",
}
"""All commands in order of use, each with its line of help."""

EXAMPLES = """\
examples:
  napari-iris demo
  napari-iris mask night/ --out masks/
  napari-iris mask --help
"""


class _Parser(argparse.ArgumentParser):
    """A parser that reports an error in one line, with exit code 2."""

    def error(self, message: str) -> NoReturn:
        error = IrisError(f"{message}; see {self.prog} --help")
        self.exit(BAD_USAGE, f"{self.prog}: {error}\n")

    def expand(self, words: Iterable[str], lists: tuple[str, ...] = ()) -> list[str]:
        """Replace each ``@list`` by the lines of that file, which may be lists, too.

        argparse would wait for the end of a pipe, and fails for names that are not UTF-8.
        """
        expanded: list[str] = []
        for word in words:
            if not word:
                self.error("an argument is empty (''): give a name, or leave it out")
            if "\0" in word:
                self.error(f"an argument contains a NUL ({word!r}): no file has such a name")
            if word in lists:
                self.error(f"a list names itself ({word})")
            if word[0] == "@":
                lines = filter(str.strip, self._lines(Path(word[1:])))
                expanded += self.expand(lines, (*lists, word))
            else:
                expanded.append(word)
        return expanded

    def _lines(self, path: Path) -> list[str]:
        try:
            refuse_special(path)
            text = path.read_text("utf-8", "surrogateescape")
        except OSError as error:
            self.error(f"the list {str(path)!r} cannot be read: {error.strerror}")
        return text.split("\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command and its arguments; by default those of the process.

    Returns
    -------
    int
        0 ok; 1 some inputs failed, each named; 2 bad usage or input; 130 interrupted.
    """
    fill_closed_streams()
    try:
        with escaped_output():
            return _main(list(sys.argv[1:] if arguments is None else arguments))
    except KeyboardInterrupt:  # Ctrl+C in the last steps of `_main`
        tell("napari-iris", INTERRUPTED_TEXT)
        return INTERRUPTED


def _main(words: list[str]) -> int:
    """Run one command, and give its exit code."""
    name = words[0] if words else ""
    if name not in COMMANDS:
        _overview(words)
        return BAD_USAGE
    prog = f"napari-iris {name}"
    warn_of_cpu_limit(prog)
    try:
        code = _run(name, words[1:])
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        tell(f"\n{prog}", INTERRUPTED_TEXT)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has exited: `| head`
        return OK
    except IrisError as error:
        tell(prog, error)
    except (OSError, MemoryError) as error:
        tell(prog, one_line(error))
    finally:
        discard_output()
        forget_cpu_limit()
    return BAD_USAGE


def module_of(command: str) -> str:
    """Name the module of a command: like the command, as far as Python allows.

    Parameters
    ----------
    command : str
        One of `COMMANDS`.

    Returns
    -------
    str
        Full name of the module.
    """
    name = command.replace("-", "_")
    return f"napari_iris.cli.{name}{'_' if keyword.iskeyword(name) else ''}"


def parser_of(name: str) -> _Parser:
    """Make the parser of a command.

    Parameters
    ----------
    name : str
        One of `COMMANDS`.

    Returns
    -------
    argparse.ArgumentParser
        The parser; the command itself is imported for it.
    """
    command = importlib.import_module(module_of(name))
    parser = _Parser(
        prog=f"napari-iris {name}",
        description=command.__doc__,
        epilog=command.EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.add_arguments(parser)
    return parser


def _run(name: str, words: Sequence[str]) -> int:
    """Import a command, parse its arguments, run it."""
    refuse_little_memory(name)
    parser = parser_of(name)
    options = parser.parse_args(parser.expand(words))
    if not sys.warnoptions:  # astropy warns of odd header cards; those that matter raise
        warnings.simplefilter("ignore")
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # of a home that cannot be written
    return int(importlib.import_module(module_of(name)).run(options))


def _overview(words: Sequence[str]) -> None:
    """Print the list of commands; exit with 2 for an unknown command or none."""
    lines = "\n".join(f"  {name:<12} {what}" for name, what in COMMANDS.items())
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
