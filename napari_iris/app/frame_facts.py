"""The current frame in words: its number, time, file and header."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_iris.errors import FrameError
from napari_iris.frames.facts import facts, observed_at

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.app.session import Session

Card = tuple[str, str, str]
"""Keyword, value and comment of a header card."""


@dataclass(frozen=True)
class FrameFacts:
    """What is shown of the current frame.

    Attributes
    ----------
    position : str
        Its number and the number of frames, as rich text.
    time : str
        Observation time, UTC.
    path : Path
        Its file.
    cards : list of (str, str, str)
        Keyword, value and comment of its header cards; empty where it cannot be read.
    problem : str
        Why it cannot be read, and how to fix it; empty where it can be read.
    """

    position: str
    time: str
    path: Path
    cards: list[Card]
    problem: str = ""

    @classmethod
    def of(cls, session: Session) -> FrameFacts | None:
        """Describe the current frame; None where no frames are open.

        Parameters
        ----------
        session : Session
            The open frames.
        """
        sequence, path = session.sequence, session.path
        if sequence is None or path is None:
            return None
        position = f"<b>Frame {session.number + 1}</b> of {len(sequence)}"
        moment, cards, problem = session.time, [], ""
        try:
            header = session.frame().header
        except FrameError as error:
            problem = f"{error.reason}; {error.fix}"
        else:
            cards = facts(header)
            moment = observed_at(header) if np.isnat(moment) else moment
        return cls(position, _time_text(moment), path, cards, problem)


def matches(card: Card, text: str) -> bool:
    """Whether a header card has a text in its keyword, value or comment.

    Parameters
    ----------
    card : (str, str, str)
        Keyword, value and comment.
    text : str
        What to look for, in upper or lower case.
    """
    return any(text.lower() in part.lower() for part in card)


def _time_text(moment: np.datetime64) -> str:
    return "No time" if np.isnat(moment) else str(moment)[:19].replace("T", "  ")
