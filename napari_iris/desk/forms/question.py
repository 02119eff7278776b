"""A question before something is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QMessageBox

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget


def ask(parent: QWidget, question: str, explanation: str, *, keep: str, lose: str) -> bool:
    """Ask whether something may be lost; keeping it is the default.

    Parameters
    ----------
    parent : QWidget
        The widget that asks.
    question : str
        The question, or what has happened.
    explanation : str
        What follows from either answer.
    keep, lose : str
        Texts of the two buttons.

    Returns
    -------
    bool
        Whether the second button was pressed.
    """
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setText(question)
    box.setInformativeText(explanation)
    box.setDefaultButton(box.addButton(keep, QMessageBox.ButtonRole.RejectRole))
    losing = box.addButton(lose, QMessageBox.ButtonRole.DestructiveRole)
    box.exec()
    return box.clickedButton() is losing
