"""Every command and action, found from the command table, with words that end well."""

from __future__ import annotations

import argparse
import importlib
from dataclasses import dataclass, field

from napari_iris.cli.main import COMMANDS, module_of

GIVEN = {
    "FRAMES": "night",
    "MODEL": "models/unet",
    "FILE": "camera.fits",
    "PREDICTIONS": "predictions",
    "TRUTH": "masks",
    "DATA": "masks",
    "PROJECT": "project",
    "SOURCE": "set",
    "DIR": "night",
    "OUT": "out",
    "OUT.png": "drawn.png",
    "NAME": "renamed",
}
"""What of the ground is given for an argument, by its metavar; `night` for one of a new name."""

APART = {
    ("import-model", "file"): "keras.h5",
    ("project take", "predictions"): "predictions",
    ("models list", "folders"): "models",
    ("merge", "folder"): "campaign",
    ("train", "save_predictions"): "out/predictions",
}
"""Arguments whose metavar means something else in this command."""

QUICK = {"--epochs": "1", "--channels": "2", "--count": "2", "--jobs": "1", "--batch-size": "4"}
"""Options given to every command that has them, so that it ends soon."""

SWITCHES = ("--no-gui", "--no-figures", "--no-evaluate")
COST_S = {"demo": 40.0, "train": 9.0, "import-model": 6.0, "predict": 2.0, "watch": 4.0}
"""Time of a good run, of the commands that take longer than a second [s]."""

CHANGES = ("project", "models", "merge")
"""Commands that change their first argument; the others write to ``out`` alone."""


@dataclass(frozen=True)
class Slot:
    """One argument: its option (empty for one without), how many words, and whether it is read."""

    flag: str
    many: int | str | None
    given: str
    is_path: bool
    is_number: bool
    choices: tuple[str, ...]


@dataclass
class Leaf:
    """A command, or one action of it."""

    name: str
    begin: str
    positional: list[Slot] = field(default_factory=list)
    required: list[Slot] = field(default_factory=list)
    optional: list[Slot] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    endless: bool = False

    @property
    def cost_s(self) -> float:
        """Time of a good run [s]."""
        return COST_S.get(self.name.split()[0], 1.0)

    @property
    def inputs(self) -> list[Slot]:
        """Arguments that name files to read."""
        return [one for one in self.positional if one.is_path and one.given != "out"]

    @property
    def outputs(self) -> list[str]:
        """Where it may write, relative to the ground."""
        command = self.name.split()[0]
        changed = [self.positional[0].given.partition("/")[0]] if command in CHANGES else []
        return ["out", "drawn.png", *changed]

    def words(self, instead: dict[Slot, list[str]] | None = None) -> list[str]:
        """Words of a run that ends well, with some slots filled otherwise."""
        instead = instead or {}
        words = self.begin.split()
        for slot in self.positional:
            times = slot.many if isinstance(slot.many, int) else 1
            words += instead.get(slot, [slot.given] * times)
        for slot in self.required:
            words += [slot.flag, *instead.get(slot, [slot.given])]
        given = {slot.flag for slot in [*instead, *self.required]}
        words += (
            ["--model", "models/unet"] if self.endless and "--model" in self.flags - given else []
        )
        for slot in self.optional:  # an output by default beside the ground
            words += [slot.flag, "out"] if slot.given == "out" and slot.flag not in given else []
        for flag, value in QUICK.items():
            words += [flag, value] if flag in self.flags - given else []
        words += [one for one in SWITCHES if one in self.flags]
        for slot in instead:
            if slot in self.optional:
                words += [slot.flag, *instead[slot]]
        return words


def leaves() -> list[Leaf]:
    """All commands and actions."""
    found: list[Leaf] = []
    for name in COMMANDS:
        module = importlib.import_module(module_of(name))
        parser = argparse.ArgumentParser(prog=name)
        module.add_arguments(parser)
        endless = "until Ctrl+C" in (module.__doc__ or "") or name == "demo"
        actions = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
        if not actions:
            found.append(_leaf(name, parser, endless=endless))
        for action, inner in actions[0].choices.items() if actions else ():
            leaf = _leaf(f"{name} {action}", inner, endless=endless)
            if CHANGES[0] == name:  # `project PROJECT ACTION`
                leaf = _with_first(leaf, parser)
            found.append(leaf)
    return found


def _with_first(leaf: Leaf, parser: argparse.ArgumentParser) -> Leaf:
    command, _, action = leaf.name.partition(" ")
    before = [_slot(command, one) for one in parser._actions if one.dest == "project"]
    leaf.positional = [*before, Slot("", None, action, False, False, ()), *leaf.positional]
    leaf.begin = command
    return leaf


def _leaf(name: str, parser: argparse.ArgumentParser, *, endless: bool) -> Leaf:
    leaf = Leaf(name, name, endless=endless)
    for action in parser._actions:
        leaf.flags |= set(action.option_strings)
        if isinstance(action, argparse._HelpAction):
            continue
        slot = _slot(name, action)
        if not action.option_strings:
            leaf.positional.append(slot)
        else:
            (leaf.required if action.required else leaf.optional).append(slot)
    return leaf


def _slot(name: str, action: argparse.Action) -> Slot:
    metavar = str(action.metavar or "").partition("|")[0]
    choices = tuple(map(str, action.choices or ()))
    given = choices[0] if choices else APART.get((name, action.dest), GIVEN.get(metavar, "night"))
    flag = action.option_strings[0] if action.option_strings else ""
    given = "out" if action.dest == "out" else QUICK.get(flag, given)
    takes_word = action.nargs != 0
    is_number = takes_word and not choices and action.type in NUMBERS
    is_path = (
        takes_word and not choices and not is_number and metavar not in ("NAME", "TEXT", "I/N")
    )
    return Slot(flag, action.nargs, given, is_path, is_number, choices)


def _number_types() -> tuple[object, ...]:
    from napari_iris.cli.options import from_zero

    return (int, float, from_zero)


NUMBERS = _number_types()
