"""Options that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Action = Callable[[argparse.Namespace], int]


def add_frames(parser: argparse.ArgumentParser, *, workers: bool = True) -> None:
    """Add FRAMES and the options of every command that reads frames.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        The parser.
    workers : bool
        Whether to add ``--jobs``, for commands with worker processes.
    """
    parser.add_argument(
        "frames", nargs="+", metavar="FRAMES", help="files, folders, globs, or @list.txt"
    )
    add_reading(parser, workers=workers)


def add_reading(parser: argparse.ArgumentParser, *, workers: bool) -> None:
    """Add the output folder, and which image of a file is read; see `add_frames`."""
    add_out(parser)
    parser.add_argument(
        "--hdu", type=from_zero, metavar="N", help="HDU to read (default: the first with an image)"
    )
    parser.add_argument("--plane", type=from_zero, metavar="N", help="plane of a cube, from 0")
    if workers:
        add_jobs(parser)
    add_json(parser)


def add_out(
    parser: argparse.ArgumentParser, metavar: str = "DIR", what: str = "output folder"
) -> None:
    """Add ``--out``, which is required."""
    parser.add_argument("--out", type=local_path, required=True, metavar=metavar, help=what)


def local_path(text: str) -> Path:
    """Parse the path of an output, which is on this machine."""
    if "://" in text:
        raise argparse.ArgumentTypeError(f"{text!r} is an address; give a path on this machine")
    return Path(text)


def add_overwrite(parser: argparse.ArgumentParser) -> None:
    """Add ``--overwrite``."""
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="replace files that were made from other input, or changed since; frames and human "
        "masks are never replaced",
    )


def add_jobs(parser: argparse.ArgumentParser) -> None:
    """Add ``--jobs``."""
    parser.add_argument(
        "--jobs",
        type=from_zero,
        default=0,
        metavar="N",
        help="worker processes (default: one per core)",
    )


def add_json(
    parser: argparse.ArgumentParser,
    what: str = "print events as JSON lines instead of a progress bar",
) -> None:
    """Add ``--json``."""
    parser.add_argument("--json", action="store_true", help=what)


def from_zero(text: str) -> int:
    """Parse an integer of 0 or more."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected an integer of 0 or more, got {text!r}")
    return int(text)


def add_reference(parser: argparse.ArgumentParser) -> None:
    """Add the option of commands that evaluate frames by the camera's clear sky."""
    parser.add_argument(
        "--reference",
        default="auto",
        metavar="auto|none|FILE",
        help="clear-sky reference: learned from the frames, none, or a file of `reference learn` "
        "(default: auto)",
    )


def add_site_mask(parser: argparse.ArgumentParser) -> None:
    """Add the option of commands that leave out pixels that never show the sky."""
    from napari_iris.frames.site_mask_choice import CHOICE_TEXT

    parser.add_argument(
        "--site-mask",
        default="auto",
        metavar="auto|none|FILE",
        help=f"{CHOICE_TEXT} (default: auto)",
    )


def add_table(parser: argparse.ArgumentParser, default: str) -> None:
    """Add ``--table``; the default in words."""
    parser.add_argument(
        "--table",
        choices=["csv", "parquet"],
        help=f"how the table is stored (default: {default})",
    )


def reference_setting(choice: str) -> dict[str, str]:
    """Tell runs with different references apart; auto has no setting, as runs before it."""
    if choice == "auto":
        return {}
    if choice == "none":
        return {"reference": choice}
    from hashlib import blake2b

    return {"reference": blake2b(Path(choice).read_bytes(), digest_size=8).hexdigest()}


class Actions:
    """The actions of a command, such as ``index`` of ``napari-iris project``.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        The parser of the command.
    examples : str
        The examples of the command; the help of an action shows those with its name.
    """

    def __init__(self, parser: argparse.ArgumentParser, examples: str) -> None:
        self._actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        self._heading, *self._examples = examples.splitlines(keepends=True)

    def add(
        self, name: str, run: Action, what: str, *, json: bool = True
    ) -> argparse.ArgumentParser:
        """Add an action; `run_action` of its parsed options is `run`."""
        examples = (line for line in self._examples if name in line.split()[2:4])
        action = self._actions.add_parser(
            name,
            help=what,
            description=f"{what[0].upper()}{what[1:]}.",
            epilog="".join([self._heading, *examples]),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        action.set_defaults(run_action=run)
        if json:
            add_json(action, "print JSON instead of text")
        return action
