"""Options that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_frames(parser: argparse.ArgumentParser, *, workers: bool = True) -> None:
    """Add what every command that reads frames takes; --jobs where it does so in processes."""
    parser.add_argument(
        "frames", nargs="+", metavar="FRAMES", help="files, folders, globs, or @list.txt"
    )
    add_reading(parser, workers=workers)


def add_reading(parser: argparse.ArgumentParser, *, workers: bool) -> None:
    """Add where to write, and what to read of each file."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write to")
    parser.add_argument(
        "--hdu", type=from_zero, metavar="N", help="HDU to read (default: the first with an image)"
    )
    parser.add_argument(
        "--plane", type=from_zero, metavar="N", help="plane of a cube to read, from 0"
    )
    if workers:
        parser.add_argument(
            "--jobs",
            type=from_zero,
            default=0,
            metavar="N",
            help="worker processes (default: one a core)",
        )
    parser.add_argument(
        "--json", action="store_true", help="print events as JSON lines instead of a progress line"
    )


def from_zero(text: str) -> int:
    """Read a whole number of 0 or more."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a whole number from 0 on, got {text!r}")
    return int(text)
