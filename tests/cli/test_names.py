"""Names that hold control characters never reach the terminal as they are, by any command."""

from __future__ import annotations

import importlib
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.cli.main import COMMANDS, module_of
from napari_iris.networks.card import CARD

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EVIL = "a\x1b[2J\r\n\t\x7f\x9b31m\u202eb"
"""Clears the screen, returns, ends the line, deletes, colours, turns the direction of writing."""

SHOWN = r"a\u001b[2J\r\n\t\u007f\u009b31m\u202eb"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def is_clean(ran: tuple[int, str, str]) -> bool:
    """Whether all that was printed can be shown as it is."""
    return all(line.isprintable() for text in ran[1:] for line in text.split("\n"))


def actions(command: str) -> list[str]:
    """Subcommands of a command; none for most."""
    examples = importlib.import_module(module_of(command)).EXAMPLES
    words = [line.split() for line in examples.splitlines() if "napari-iris" in line]
    places = {"project": 3, "models": 2, "reference": 2}
    return sorted({one[places[command]] for one in words}) if command in places else [""]


USES = [(command, action) for command in COMMANDS for action in actions(command)]


@pytest.mark.parametrize(("command", "action"), USES, ids=[" ".join(use).strip() for use in USES])
def test_a_name_that_is_refused_is_escaped(
    here: Path, cli: Callable[..., tuple], command: str, action: str
) -> None:
    """Each command, and each of its actions, is found from the table of commands."""
    if command == "demo":
        (here / EVIL).write_text("a file")
    first = [EVIL] if command == "project" else []
    begin = [command, *first, *([action] if action else [])]
    for words in (["--" + EVIL], [EVIL], [EVIL, "--out", EVIL], [EVIL, EVIL, "--out", EVIL]):
        ran = cli(*begin, *words)
        assert is_clean(ran), words
        if ran.code == 2:
            assert ran.err.count("\n") == 1, "one line"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rebin", "night", "--out", "out"], ""),
        (["mask", "night", "--out", EVIL], SHOWN),
        (["project", EVIL, "index", "night"], SHOWN),
        (["reference", "show", "night"], "is damaged"),
        (["models", "list", "models"], SHOWN),
        (["models", "describe", f"models/{EVIL}"], SHOWN),
        (["simulate", EVIL, "--count", "1"], SHOWN),
    ],
    ids=lambda words: " ".join(words[:2]).replace(EVIL, "P") if words else None,
)
def test_names_of_files_folders_and_cards_are_escaped(
    here: Path,
    cli: Callable[..., tuple],
    write_frame: Callable[..., Path],
    make_model: Callable[..., Path],
    words: list[str],
    said: str,
) -> None:
    write_frame("night/good.fits", np.arange(20480).reshape(128, 160))
    (here / "night" / f"{EVIL}.fits").write_bytes(b"no FITS")
    card = make_model() / CARD
    facts = json.loads(card.read_text()) | {"data_licence": EVIL, "version": "\x1b]0;x\x07"}
    card.write_text(json.dumps(facts))
    card.parent.rename(here / "m")
    (here / "models").mkdir()
    (here / "m").rename(here / "models" / EVIL)
    ran = cli(*words)
    assert is_clean(ran)
    assert said in ran.out + ran.err
    if "night" in words and ran.code == 1:
        assert f"{SHOWN}.fits: is damaged or not FITS" in ran.err


@pytest.mark.parametrize("command", ["rebin", "mask"])
def test_json_gives_the_name_back(here: Path, cli: Callable[..., tuple], command: str) -> None:
    (here / f"{EVIL}.fits").write_bytes(b"no FITS")
    ran = cli(command, f"{EVIL}.fits", "--out", "out", "--json")
    assert is_clean(ran)
    events = [json.loads(line) for line in ran.out.splitlines()]
    (failed,) = [event for event in events if event["event"] == "failed"]
    assert failed["file"] == str(here / f"{EVIL}.fits")
    assert failed["message"].isprintable()
