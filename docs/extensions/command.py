"""The directive ``{command} NAME``: a command's reference, made from its parser."""

from __future__ import annotations

import argparse
import re
from functools import partial
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from napari_iris.cli.main import parser_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

WIDTH = 76
"""Characters in a line of usage."""


class Command(SphinxDirective):
    """Usage, description, arguments, options, examples and actions of a command."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Describe the command, and each of its actions in a section of its own."""
        parser = parser_of(self.arguments[0])
        content = self.parse_text_to_nodes(describe(parser))
        for name, action in actions_of(parser).items():
            title = f"{self.arguments[0]} {name}"
            section = nodes.section(ids=[nodes.make_id(title)], names=[title])
            section += nodes.title(text=title)
            section += self.parse_text_to_nodes(describe(action))
            self.state.document.note_explicit_target(section)
            content.append(section)
        return content


def actions_of(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Parsers of a command's actions, such as ``index`` of ``project``."""
    found = (one for one in parser._actions if isinstance(one, argparse._SubParsersAction))  # noqa: SLF001
    return {name: parser for one in found for name, parser in one.choices.items()}


def describe(parser: argparse.ArgumentParser) -> str:
    """Give a parser's help as Markdown with the directives ``program`` and ``option``."""
    return "\n".join(
        [
            *_block("none", _usage(parser)),
            *_paragraphs(parser.description or ""),
            *_block("{program}", "", parser.prog),
            *_options(parser),
            *_block("sh", _examples(parser.epilog or "")),
            "",
        ]
    )


def _usage(parser: argparse.ArgumentParser) -> str:
    parser.formatter_class = partial(argparse.RawDescriptionHelpFormatter, width=WIDTH)
    usage = parser.format_usage().removeprefix("usage: ")
    return re.sub(r"(\{[^}]+\})\s+\[\1 \.\.\.\]", r"\1 ...", usage)  # choices are named once


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Give each argument as an ``option``: positional ones first."""
    shown = [one for one in parser._actions if one.help is not argparse.SUPPRESS]  # noqa: SLF001
    for one in sorted(shown, key=lambda one: bool(one.option_strings)):
        if isinstance(one, argparse._HelpAction | argparse._SubParsersAction):  # noqa: SLF001
            continue
        names = one.option_strings or [_values(one)]
        values = f" {_values(one)}" if one.option_strings and one.nargs != 0 else ""
        text = (one.help or "") % {**vars(one), "prog": parser.prog}
        yield from _block("{option}", escape(text), ", ".join(names) + values)


def _values(action: argparse.Action) -> str:
    """Name the values of an argument as its usage does."""
    name = action.metavar or action.dest.upper()
    if action.choices and not action.metavar:
        name = "|".join(map(str, action.choices))
    if isinstance(name, tuple):
        return " ".join(name)
    if isinstance(action.nargs, int):
        return " ".join([name] * action.nargs)
    return {"+": f"{name} ...", "*": f"[{name} ...]", "?": f"[{name}]"}.get(str(action.nargs), name)


def _examples(epilog: str) -> str:
    """Give the examples as a script, with their remarks as comments."""
    lines = epilog.partition("examples:\n")[2].splitlines()
    return "\n".join(re.sub(r"(?<=\S) {3,}(?=\S)", "  # ", line.strip()) for line in lines)


def _paragraphs(text: str) -> list[str]:
    return ["", escape(text.strip()), ""]


def _block(kind: str, text: str, argument: str = "") -> list[str]:
    if not text.strip() and not argument:
        return []
    return ["", f"```{kind} {argument}".rstrip(), text.rstrip(), "```"]


def escape(text: str) -> str:
    """Escape what Markdown would read as markup; options, and text between backticks, are code."""
    parts = re.split(r"(`[^`]+`)", re.sub(r"(?<![\w`])--[a-z][a-z-]+(?!`)", r"`\g<0>`", text))
    return "".join(
        part if part.startswith("`") else re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", part)
        for part in parts
    )


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive."""
    app.add_directive("command", Command)
    return {"parallel_read_safe": True}
